"""The one PostgreSQL database: tables, migrations, bulk writes, the embedded server. It knows no source, no Dagster."""
