"""Migrations: they agree with the tables, go up and down, and run once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from boost_pipeline.errors import SchemaError
from boost_pipeline.warehouse import schema, views
from boost_pipeline.warehouse.dictionary import dictionary
from boost_pipeline.warehouse.tables import metadata

PAGE = Path(__file__).parents[2] / "docs" / "data-dictionary.md"


def differences(conninfo):
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(conninfo))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        found = compare_metadata(context, metadata)
    engine.dispose()
    return found


def tables(conninfo):
    with psycopg.connect(conninfo) as connection:
        return {
            name
            for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            if name != "alembic_version"
        }


def test_the_migrations_make_what_the_tables_say(empty_database):
    schema.upgrade(empty_database)

    assert differences(empty_database) == []


def test_the_newest_step_is_the_one_that_the_code_names(empty_database):
    with schema._alembic(empty_database) as config:
        assert ScriptDirectory.from_config(config).get_heads() == [schema.HEAD]


def test_every_step_goes_up_and_down(empty_database):
    with schema._alembic(empty_database) as config:
        steps = [step.revision for step in ScriptDirectory.from_config(config).walk_revisions()][::-1]
    for step in steps:
        schema.upgrade(empty_database, step)
    for step in ["base", *steps[:-1]][::-1]:
        schema.upgrade(empty_database, step)

    assert tables(empty_database) == set()
    schema.upgrade(empty_database)
    assert differences(empty_database) == []


def test_a_database_without_looks_takes_what_moved_last_for_the_last_look(empty_database):
    schema.upgrade(empty_database, "0004")
    with psycopg.connect(empty_database) as connection:
        connection.execute(
            """
            INSERT INTO cursors VALUES ('code/commits', 'config', '{}', '2026-03-01Z'),
                ('code/commits', 'asio', '{}', '2026-03-02Z'), ('github/comments', '*', '{}', '2026-03-03Z'),
                ('scheduling/on_release', 'known at set-up', '{}', '2026-03-03Z')
            """
        )

    schema.upgrade(empty_database)

    with psycopg.connect(empty_database) as connection:
        rows = connection.execute("SELECT asset, checked_at::date::text, changed_at::date::text FROM freshness")
        assert rows.fetchall() == [("code/commits", "2026-03-02", "2026-03-02")]
        rows = connection.execute("SELECT unit, checked_at::date::text FROM looks ORDER BY unit")
        assert rows.fetchall() == [("asio", "2026-03-02"), ("config", "2026-03-01")]


def test_ten_starts_at_once_migrate_once(empty_database):
    with ThreadPoolExecutor(10) as pool:
        ran = list(pool.map(lambda _: schema.upgrade(empty_database), range(10)))

    assert ran.count(True) == 1


def test_a_current_database_is_left_alone(empty_database):
    assert schema.upgrade(empty_database)
    assert not schema.upgrade(empty_database)


def test_every_table_says_what_it_is():
    assert [table.name for table in metadata.tables.values() if not table.comment] == []


def test_the_data_dictionary_is_current():
    assert PAGE.read_text() == dictionary(), "run: make docs"


def test_every_view_says_its_formula_and_the_database_repeats_it(empty_database):
    schema.upgrade(empty_database)

    with psycopg.connect(empty_database) as connection:
        stored = dict(
            connection.execute(
                """
                SELECT relname, obj_description(oid, 'pg_class') FROM pg_class
                WHERE relkind = 'v' AND relnamespace = 'public'::regnamespace
                UNION ALL
                SELECT proname, obj_description(oid, 'pg_proc') FROM pg_proc WHERE pronamespace = 'public'::regnamespace
                """
            ).fetchall()
        )
    assert stored == {view.name: view.comment for view in views.described()}


def test_changed_views_are_made_again_without_a_migration(empty_database, monkeypatch):
    schema.upgrade(empty_database)
    assert not schema.upgrade(empty_database)
    changed = "-- A domain\nCREATE VIEW answers AS SELECT 42 AS answer;\nCOMMENT ON VIEW answers IS 'The answer.';"
    monkeypatch.setattr(views, "_texts", lambda: (changed,))
    for cached in (views.described, views._digest):
        monkeypatch.setattr(views, cached.__name__, cached.__wrapped__)

    schema.upgrade(empty_database)

    with psycopg.connect(empty_database) as connection:
        names = connection.execute("SELECT viewname FROM pg_views WHERE schemaname = 'public'").fetchall()
    assert names == [("answers",)]


def test_a_view_of_the_users_own_on_one_of_ours_is_not_dropped_silently(empty_database, monkeypatch):
    schema.upgrade(empty_database)
    with psycopg.connect(empty_database) as connection:
        connection.execute("CREATE VIEW mine AS SELECT * FROM library_history")
    monkeypatch.setattr(views, "_digest", lambda: "other")

    with pytest.raises(SchemaError, match="view of yours"):
        schema.upgrade(empty_database)

    with psycopg.connect(empty_database) as connection:
        assert connection.execute("SELECT count(*) FROM mine").fetchone() == (0,)
