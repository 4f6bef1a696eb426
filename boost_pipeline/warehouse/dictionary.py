"""The data dictionary, made from the tables: `python -m boost_pipeline.warehouse.dictionary` prints it.

docs/data-dictionary.md is its output; a test holds that it is current.
"""

from collections.abc import Iterator

from sqlalchemy import Column, ForeignKeyConstraint, Table, UniqueConstraint
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import ColumnCollectionConstraint

from boost_pipeline.warehouse import tables, views

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped


def dictionary() -> str:
    """Return the whole page in Markdown."""
    return "\n".join(_page()) + "\n"


def _page() -> Iterator[str]:
    yield "# Data dictionary"
    yield ""
    yield "Made from the schema by `make docs`; do not edit. Times are UTC. Each table is described in the database too"
    yield "(`boost-pipeline db psql -- -c '\\d+ commits'`)."
    for domain in (
        tables.reference,
        tables.catalogue,
        tables.release_graph,
        tables.code,
        tables.work_items,
        tables.operations,
    ):
        yield ""
        yield f"## {(domain.__doc__ or '').strip().splitlines()[0]}"
        for table in vars(domain).values():
            if isinstance(table, Table):
                yield from _table(table)
    yield from _views()


def _views() -> Iterator[str]:
    yield ""
    yield "## Views and functions: what is computed, and how"
    for view in views.described():
        yield ""
        yield f"### {view.name}{'()' if view.is_function else ''}"
        yield ""
        yield view.comment


def _table(table: Table) -> Iterator[str]:
    yield ""
    yield f"### {table.name}"
    yield ""
    yield table.comment or ""
    yield ""
    yield "| column | type | | meaning |"
    yield "|---|---|---|---|"
    for column in table.columns:
        yield f"| {column.name} | {_type(column)} | {_marks(column)} | {column.comment or ''} |"
    constraints = sorted(
        (found for found in table.constraints if isinstance(found, ColumnCollectionConstraint)),
        key=lambda constraint: constraint.columns.keys(),
    )
    for constraint in constraints:
        if isinstance(constraint, UniqueConstraint) and len(constraint.columns) > 1:
            yield ""
            yield f"Unique: {', '.join(constraint.columns.keys())}."
    for constraint in constraints:
        if isinstance(constraint, ForeignKeyConstraint) and len(constraint.columns) > 1:
            yield ""
            yield f"({', '.join(constraint.columns.keys())}) → {constraint.referred_table.name}."


def _type(column: Column[object]) -> str:
    return str(column.type.compile(_DIALECT)).lower().replace("timestamp with time zone", "timestamptz")


def _marks(column: Column[object]) -> str:
    marks = []
    if column.primary_key:
        marks.append("key")
    elif column.unique:
        marks.append("unique")
    single = [key for key in column.foreign_keys if key.constraint and len(key.constraint.columns) == 1]
    marks += [f"→ {key.column.table.name}" for key in single]
    if column.nullable:
        marks.append("null")
    return ", ".join(marks)


if __name__ == "__main__":
    print(dictionary(), end="")  # noqa: T201 - the command's output
