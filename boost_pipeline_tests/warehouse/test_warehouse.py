"""Transactions, cursors and failures."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from boost_pipeline.errors import SchemaError, SettingsError, WarehouseError
from boost_pipeline.settings import Settings
from boost_pipeline.warehouse import schema
from boost_pipeline.warehouse.databases import Databases
from boost_pipeline.warehouse.warehouse import Warehouse

NOW = datetime(2026, 1, 2, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def test_rows_and_cursor_are_kept_together_or_not_at_all(warehouse):
    def interrupted():
        with warehouse.transaction() as transaction:
            transaction.merge("modules", ["name"], [("config",)], key=["name"])
            transaction.move_cursor("boost/libraries", "boost-1.0.0", {"commit": "a"}, NOW)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    with warehouse.transaction() as transaction:
        assert transaction.rows("SELECT name FROM modules") == []
        assert transaction.cursor("boost/libraries", "boost-1.0.0") is None


def test_a_cursor_comes_back_as_it_was_stored(warehouse):
    with warehouse.transaction() as transaction:
        transaction.move_cursor("code/commits", "config", {"tips": ["a", "b"]}, NOW)
    with warehouse.transaction() as transaction:
        assert transaction.cursor("code/commits", "config") == {"tips": ["a", "b"]}
        assert transaction.cursors("code/commits") == {"config": {"tips": ["a", "b"]}}


def test_an_equal_cursor_is_not_written_again(warehouse):
    for at in (NOW, LATER):
        with warehouse.transaction() as transaction:
            transaction.move_cursor("code/commits", "config", {"tips": []}, at)
    with warehouse.transaction() as transaction:
        assert transaction.value("SELECT completed_at FROM cursors") == NOW


def test_the_first_whole_look_is_a_change_and_one_that_finds_nothing_is_none(warehouse):
    with warehouse.transaction() as transaction:
        first, second = (transaction.looked("code/commits", at) for at in (NOW, LATER))

    assert (first.checked_at, first.changed_at, first.is_new) == (NOW, NOW, True)
    assert (second.checked_at, second.changed_at, second.is_new) == (LATER, NOW, False)
    assert second.version == first.version


def test_a_look_at_a_part_that_writes_is_a_change_and_no_check(warehouse):
    with warehouse.transaction() as transaction:
        transaction.looked("code/commits", NOW)
        part = transaction.looked("code/commits", LATER, changed=True, whole=False)

    assert (part.checked_at, part.changed_at, part.is_new) == (NOW, LATER, True)


def test_a_cursor_that_moved_since_the_last_change_is_a_change(warehouse):
    with warehouse.transaction() as transaction:
        transaction.looked("code/commits", NOW)
        transaction.move_cursor("code/commits", "config", {}, LATER)

        assert transaction.looked("code/commits", LATER).is_new
        assert not transaction.looked("code/commits", LATER).is_new


def test_data_that_are_known_by_a_digest_change_with_it(warehouse):
    with warehouse.transaction() as transaction:
        looks = [transaction.looked("reports/exports", NOW, version=version) for version in ("a", "a", "b")]

    assert [(look.version, look.is_new) for look in looks] == [("a", True), ("a", False), ("b", True)]


def test_a_source_was_asked_when_it_was_asked_last(warehouse):
    with warehouse.transaction() as transaction:
        for at in (LATER, NOW):
            transaction.looked_at("code/commits", {"config": at})

        assert transaction.rows("SELECT unit, checked_at FROM looks") == [("config", LATER)]


def test_failures_in_a_row_are_counted_and_close_when_the_unit_works(warehouse):
    with warehouse.transaction() as transaction:
        transaction.fail("code/commits", "config", "network", "no answer", NOW)
        transaction.fail("code/commits", "config", "network", "still none", LATER)
        assert transaction.rows("SELECT attempts, error, first_seen FROM failures") == [(2, "still none", NOW)]

        assert transaction.resolve("code/commits", ["config", "other"], LATER) == 1
        assert transaction.value("SELECT resolved_at FROM failures") == LATER


def test_a_failure_after_a_success_starts_a_new_row_of_failures(warehouse):
    with warehouse.transaction() as transaction:
        transaction.fail("code/commits", "config", "network", "no answer", NOW)
        transaction.resolve("code/commits", ["config"], NOW)
        transaction.fail("code/commits", "config", "network", "no answer", LATER)
        row = transaction.rows("SELECT attempts, first_seen, resolved_at FROM failures")

    assert row == [(1, LATER, None)]


def test_a_nul_byte_in_an_error_is_dropped(warehouse):
    with warehouse.transaction() as transaction:
        transaction.fail("a", "b", "unknown", "a\0b", NOW)
        assert transaction.value("SELECT error FROM failures") == "ab"


def test_a_server_that_is_not_there_is_told_in_one_line():
    absent = Warehouse(lambda: "host=127.0.0.1 port=1 dbname=boost user=boost password=hunter2")

    with pytest.raises(WarehouseError) as error, absent.transaction():
        pass

    assert "The database boost at 127.0.0.1 cannot be used" in str(error.value)
    assert "Check DATABASE_URL" in str(error.value)
    assert "\n" not in str(error.value)
    assert "hunter2" not in str(error.value)


def test_a_read_only_database_is_told_in_one_line(warehouse):
    read_only = Warehouse(lambda: f"{warehouse.conninfo()} options='-c default_transaction_read_only=on'")

    with pytest.raises(WarehouseError, match="is read-only"), read_only.transaction() as transaction:
        transaction.merge("modules", ["name"], [("config",)], key=["name"])


def test_a_database_of_newer_code_is_refused(empty_database):
    schema.upgrade(empty_database)
    with psycopg.connect(empty_database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(SchemaError, match="made by a newer boost-pipeline"):
        Warehouse(lambda: empty_database).conninfo()


@pytest.mark.parametrize(
    "url", ["mysql://root@localhost/x", "localhost", "postgresql://u:secret@h:port/x", "postgres:/x"]
)
def test_a_wrong_database_url_is_told_without_repeating_it(url):
    databases = Databases(Settings.model_validate({"DATABASE_URL": url}))

    with pytest.raises(SettingsError, match="DATABASE_URL is not a PostgreSQL address") as error:
        databases.warehouse()

    assert "secret" not in str(error.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2"])
def test_all_spellings_of_the_scheme_are_understood(scheme):
    databases = Databases(Settings.model_validate({"DATABASE_URL": f"{scheme}://u:p@example.org/boost"}))

    assert psycopg.conninfo.conninfo_to_dict(databases.warehouse())["host"] == "example.org"


def test_dagster_is_given_a_database_of_its_own_on_psycopg2(empty_database):
    parts = psycopg.conninfo.conninfo_to_dict(empty_database)
    url = f"postgresql://{parts['user']}@/{parts['dbname']}?host={parts['host']}"
    databases = Databases(Settings.model_validate({"DATABASE_URL": url}))

    found = databases.dagster()

    assert found.startswith("postgresql+psycopg2://")
    assert f"/{parts['dbname']}_dagster?" in found
    with psycopg.connect(f"{empty_database} dbname={parts['dbname']}_dagster") as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def backend(transaction):
    """The number of the server's process behind a transaction."""
    return transaction.value("SELECT pg_backend_pid()")


def test_transactions_in_a_row_share_a_connection_only_where_it_is_kept(warehouse):
    def two():
        with warehouse.transaction() as transaction:
            first = backend(transaction)
        with warehouse.transaction() as transaction:
            return first == backend(transaction)

    with warehouse.keeping_connections():
        assert two()
    assert not two()


def test_transactions_at_once_never_share_a_connection(warehouse):
    with warehouse.keeping_connections():
        with warehouse.transaction():
            pass
        with warehouse.transaction() as one, warehouse.transaction() as other:
            assert backend(one) != backend(other)


def test_what_failed_is_rolled_back_and_its_connection_is_not_kept(warehouse):
    def interrupted():
        with warehouse.transaction() as transaction:
            transaction.merge("modules", ["name"], [("config",)], key=["name"])
            raise KeyboardInterrupt

    with warehouse.keeping_connections():
        with pytest.raises(KeyboardInterrupt):
            interrupted()
        with warehouse.transaction() as transaction:
            assert transaction.rows("SELECT name FROM modules") == []


def test_a_kept_connection_that_the_server_closed_is_replaced(warehouse):
    with warehouse.keeping_connections():
        with warehouse.transaction() as transaction:
            process = backend(transaction)
        with psycopg.connect(warehouse.conninfo(), autocommit=True) as other:
            assert other.execute("SELECT pg_terminate_backend(%s, 10000)", [process]).fetchone() == (True,)
        with warehouse.transaction() as transaction:
            assert backend(transaction) != process


def test_no_connection_is_left_when_the_block_ends(warehouse):
    with warehouse.keeping_connections(), warehouse.transaction() as transaction:
        process = backend(transaction)

    with psycopg.connect(warehouse.conninfo()) as other:
        for _ in range(100_000):  # the server's process ends by itself, after the connection
            other.rollback()
            if other.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", [process]).fetchone() == (0,):
                break
        else:
            pytest.fail("the connection is still there")


def test_a_frozen_transaction_sees_one_moment_and_writes_nothing_but_the_next_one_may(warehouse):
    with warehouse.keeping_connections():
        with warehouse.transaction() as frozen:
            frozen.freeze()
            process = backend(frozen)
            with warehouse.transaction() as other:
                other.merge("modules", ["name"], [("config",)], key=["name"])
            assert frozen.rows("SELECT name FROM modules") == []
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), frozen.connection.transaction():
                frozen.execute("DELETE FROM modules")
        with warehouse.transaction() as again:
            assert backend(again) == process
            assert again.execute("DELETE FROM modules") == 1
