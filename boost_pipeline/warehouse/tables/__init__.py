"""The tables of the warehouse, one module per domain, as SQLAlchemy describes them.

Migrations and the data dictionary are made from these; a test holds that they and the migrations agree.
Rows are written by `warehouse.transaction`, which needs none of this, so that a run starts fast.
"""

from boost_pipeline.warehouse.tables import catalogue, code, operations, reference, release_graph, work_items
from boost_pipeline.warehouse.tables.metadata import metadata

__all__ = ["catalogue", "code", "metadata", "operations", "reference", "release_graph", "work_items"]
