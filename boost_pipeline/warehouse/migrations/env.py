"""Alembic's entry: runs the steps on the connection that `warehouse.schema` hands over."""

from alembic import context

from boost_pipeline.warehouse.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=True,
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
