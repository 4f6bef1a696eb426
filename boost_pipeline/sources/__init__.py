"""Clients of what is outside. They know no Dagster and no database."""
