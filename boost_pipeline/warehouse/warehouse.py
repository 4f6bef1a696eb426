"""The warehouse as collectors see it: transactions that hold rows, the cursor that covers them, and failures.

Written on psycopg alone: SQLAlchemy is for the schema. psycopg itself is imported when a database is opened, as it
is a sixth of what Dagster's own start costs.
"""

from __future__ import annotations

import logging
import select
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, LiteralString

from boost_pipeline.errors import SchemaError, WarehouseError
from boost_pipeline.warehouse.changes import Changes, Look, Row

if TYPE_CHECKING:
    import psycopg

logger = logging.getLogger("boost_pipeline")


class Warehouse:
    """One PostgreSQL database, brought up to date at its first use in a process."""

    def __init__(self, conninfo: Callable[[], str]) -> None:
        """Take where the database is: a function, as finding out may start the embedded server."""
        self._conninfo = conninfo
        self._lock = threading.Lock()
        self._ready: str | None = None
        self._idle: list[psycopg.Connection] | None = None

    def conninfo(self) -> str:
        """Return psycopg's connection string of a database that is up and at this code's schema.

        Raises:
            WarehouseError: the database cannot be reached, or does not fit this code.
        """
        from boost_pipeline.warehouse import schema

        with self._lock:
            if self._ready is None:
                conninfo = self._conninfo()
                with told(conninfo):
                    schema.upgrade(conninfo)
                self._ready = conninfo
            return self._ready

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Open a transaction on a connection that no other has; commit it at the end, roll back on an exception."""
        conninfo = self.conninfo()
        with told(conninfo):
            connection = self._connect(conninfo)
            try:
                yield Transaction(connection)
                connection.commit()
            except BaseException:
                connection.close()
                raise
            if self._idle is None:
                connection.close()
            else:
                self._idle.append(connection)

    @contextmanager
    def keeping_connections(self) -> Iterator[None]:
        """Let transactions in the block take over the connections of those that ended, in whatever thread.

        To open one costs the server more than a small transaction does.
        """
        idle: list[psycopg.Connection] = []
        self._idle = idle
        try:
            yield
        finally:
            self._idle = None
            for connection in idle:
                connection.close()

    def _connect(self, conninfo: str) -> psycopg.Connection:
        import psycopg

        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:  # another thread was faster
                break
            if not _has_ended(connection):
                return connection
            connection.close()
        # Plans stay made for each statement's own values, as on a connection that is used once.
        return psycopg.connect(conninfo, prepare_threshold=None)

    @contextmanager
    def held(self, *names: str) -> Iterator[None]:
        """Hold the locks of these names for the block, waiting for each; they end with this process at the latest."""
        import psycopg

        conninfo = self.conninfo()
        with told(conninfo):
            connection = psycopg.connect(conninfo, autocommit=True)
        with closing(connection):
            with told(conninfo):
                for name in names:
                    tried = connection.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
                    if tried.fetchall() != [(True,)]:
                        logger.info("Waiting for another run to end: %s", name)
                        connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [name])
            yield

    def is_held(self, name: str) -> bool:
        """Tell whether a living process holds the lock of this name."""
        with self.transaction() as transaction:
            return not transaction.value("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])


class Transaction:
    """The reads and writes of one unit of work."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection
        self.written: Counter[str] = Counter()
        """How many rows merges have written so far, by table."""

    def rows(self, query: LiteralString, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a small query."""
        return self.connection.execute(query, parameters).fetchall()

    def value(self, query: LiteralString, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> Any:
        """Return the first column of the first row; None where there is no row."""
        row = self.connection.execute(query, parameters).fetchone()
        return None if row is None else row[0]

    def execute(self, query: LiteralString, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> int:
        """Run a statement; return how many rows it touched."""
        return self.connection.execute(query, parameters).rowcount

    def copy(self, table: str, columns: Sequence[str], rows: Iterable[Row | str]) -> int:
        """See `warehouse.merge.copy`."""
        from boost_pipeline.warehouse import merge as bulk

        return bulk.copy(self.connection, table, columns, rows)

    def stage(self, table: str, columns: Sequence[str], rows: Iterable[Row | str]) -> str:
        """See `warehouse.merge.stage`."""
        from boost_pipeline.warehouse import merge as bulk

        return bulk.stage(self.connection, table, columns, rows)

    def merge(
        self,
        table: str,
        columns: Sequence[str],
        rows: Iterable[Row | str],
        *,
        key: Sequence[str],
        within: Mapping[str, Any] | None = None,
    ) -> Changes:
        """See `warehouse.merge.merge`."""
        from boost_pipeline.warehouse import merge as bulk

        changes = bulk.merge(self.connection, table, columns, rows, key=key, within=within)
        self.written[table] += changes.total
        return changes

    def freeze(self) -> None:
        """Only read from now on, and see one moment of the warehouse, in UTC; to be called before anything else."""
        # By statements: an attribute of the connection would outlast the transaction.
        self.connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        self.connection.execute("SET LOCAL TimeZone = 'UTC'")

    def lock(self, name: str) -> None:
        """Wait until no other transaction holds the lock of this name; hold it until the end of this one."""
        self.connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])

    def cursor(self, asset: str, unit: str) -> Any:
        """Return how far `asset` has read `unit`; None where it never did."""
        return self.value("SELECT position FROM cursors WHERE asset = %s AND unit = %s", (asset, unit))

    def cursors(self, asset: str) -> dict[str, Any]:
        """Return the positions of all units of `asset`."""
        return dict(self.rows("SELECT unit, position FROM cursors WHERE asset = %s", (asset,)))

    def move_cursor(self, asset: str, unit: str, position: Any, at: datetime) -> None:
        """Remember how far `asset` has read `unit`; nothing is written where the position is the same."""
        from psycopg.types.json import Jsonb

        self.connection.execute(
            """
            INSERT INTO cursors AS c (asset, unit, position, completed_at) VALUES (%s, %s, %s, %s)
            ON CONFLICT (asset, unit) DO UPDATE SET position = EXCLUDED.position, completed_at = EXCLUDED.completed_at
            WHERE c.position IS DISTINCT FROM EXCLUDED.position
            """,
            (asset, unit, Jsonb(position), at),
        )

    def looked(
        self, asset: str, at: datetime, *, changed: bool = False, version: str | None = None, whole: bool = True
    ) -> Look:
        """Record that an asset was looked at, whether there was anything new or not; return how it stands now.

        Args:
            asset: its key.
            at: the end of the look.
            changed: rows were written. Those of a run that was killed since are noticed by the cursors it moved.
            version: what the data are known by, such as a digest, where that tells what changed.
            whole: all of the asset was looked at, and nothing failed; else it does not count as checked.
        """
        self.lock(f"freshness {asset}")
        known = self.rows("SELECT checked_at, changed_at, version FROM freshness WHERE asset = %s", (asset,))
        checked_at, changed_at, before = known[0] if known else (None, None, None)
        if version is not None:
            is_new = version != before
        else:
            is_new = changed or (changed_at is None and whole) or self._has_moved(asset, changed_at)
        found = Look(
            at if whole else checked_at,
            at if is_new else changed_at,
            (version or at.isoformat()) if is_new else before,
            is_new,
        )
        self.execute(
            """
            INSERT INTO freshness VALUES (%s, %s, %s, %s) ON CONFLICT (asset) DO UPDATE
            SET checked_at = EXCLUDED.checked_at, changed_at = EXCLUDED.changed_at, version = EXCLUDED.version
            """,
            (asset, found.checked_at, found.changed_at, found.version),
        )
        return found

    def _has_moved(self, asset: str, since: datetime | None) -> bool:
        query = "SELECT EXISTS (SELECT FROM cursors WHERE asset = %s AND unit <> '*' AND completed_at > %s)"
        return bool(self.value(query, (asset, since or datetime.min.replace(tzinfo=UTC))))

    def looked_at(self, asset: str, units: Mapping[str, datetime]) -> None:
        """Record when `asset` last asked the source of each of `units`."""
        self.execute(
            """
            INSERT INTO looks AS l SELECT %s, n.unit, n.at FROM unnest(%s::text[], %s::timestamptz[]) n (unit, at)
            ON CONFLICT (asset, unit) DO UPDATE SET checked_at = EXCLUDED.checked_at
            WHERE l.checked_at < EXCLUDED.checked_at
            """,
            (asset, list(units), list(units.values())),
        )

    def fail(self, asset: str, unit: str, category: str, error: str, at: datetime) -> None:
        """Record that `unit` of `asset` failed at `at`."""
        self.connection.execute(
            """
            INSERT INTO failures AS f (asset, unit, category, error, first_seen, last_seen, attempts)
            VALUES (%(asset)s, %(unit)s, %(category)s, %(error)s, %(at)s, %(at)s, 1)
            ON CONFLICT (asset, unit) DO UPDATE SET
                category = EXCLUDED.category, error = EXCLUDED.error, last_seen = EXCLUDED.last_seen,
                resolved_at = NULL,
                attempts = CASE WHEN f.resolved_at IS NULL THEN f.attempts + 1 ELSE 1 END,
                first_seen = CASE WHEN f.resolved_at IS NULL THEN f.first_seen ELSE EXCLUDED.first_seen END
            """,
            {"asset": asset, "unit": unit, "category": category, "error": error.replace("\0", ""), "at": at},
        )

    def resolve(self, asset: str, units: Sequence[str], at: datetime) -> int:
        """Close the open failures of `units`, which work again; return how many there were."""
        return self.execute(
            "UPDATE failures SET resolved_at = %s WHERE asset = %s AND unit = ANY(%s) AND resolved_at IS NULL",
            (at, asset, list(units)),
        )


def _has_ended(connection: psycopg.Connection) -> bool:
    """Tell whether the server closed an idle connection: only then it says anything unasked."""
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))


@contextmanager
def told(conninfo: str) -> Iterator[None]:
    """Translate what psycopg raises about the server into one line that names the database and the mend."""
    import psycopg

    try:
        yield
    except psycopg.errors.DiskFull as error:
        raise WarehouseError(f"The disk of {_where(conninfo)} is full: {_line(error)}. Free some space.") from error
    except psycopg.errors.ReadOnlySqlTransaction as error:
        raise WarehouseError(
            f"{_where(conninfo)} is read-only: {_line(error)}. Point DATABASE_URL at a primary server."
        ) from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise WarehouseError(
            f"{_where(conninfo)} refuses: {_line(error)}. Grant the user of DATABASE_URL the right to create and write."
        ) from error
    except psycopg.OperationalError as error:
        raise WarehouseError(
            f"{_where(conninfo)} cannot be used: {_line(error)}. Check DATABASE_URL and that the server is up."
        ) from error
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn) as error:
        raise SchemaError(
            f"{_where(conninfo)} lacks something that this code needs: {_line(error)}. Run: boost-pipeline db upgrade"
        ) from error


def _where(conninfo: str) -> str:
    from psycopg.conninfo import conninfo_to_dict

    known = conninfo_to_dict(conninfo)
    return f"The database {known.get('dbname', '')!s} at {known.get('host', 'the local socket')!s}"


def _line(error: psycopg.Error) -> str:
    return " ".join(str(error).split()).rstrip(".")
