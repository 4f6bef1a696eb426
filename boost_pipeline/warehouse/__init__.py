"""The one PostgreSQL database: tables, migrations, bulk merge, the embedded server. It knows no source and no Dagster."""
