"""The steps of the schema, run by `warehouse.schema`; each goes up and down."""
