"""As of when a report speaks: when its own sources were last read, never when it was written."""

from datetime import UTC, date, datetime

READ, LATER = datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 9, 20, tzinfo=UTC)


def as_of(report):
    return {source.name: source.as_of and source.as_of.isoformat() for source in report.sources}


def look(world, at, asset, *units):
    with world.warehouse.transaction() as transaction:
        transaction.looked_at(asset, dict.fromkeys(units, at))
        transaction.looked(asset, at)


def test_writing_a_report_does_not_move_it(world):
    before = as_of(world.dossier()), as_of(world.month(date(2026, 8, 1)))

    look(world, LATER, "reports/release", "boost-1.91.0")
    look(world, LATER, "reports/monthly", "2026-08")

    assert (as_of(world.dossier()), as_of(world.month(date(2026, 8, 1)))) == before


def test_a_look_that_found_nothing_moves_it(world):
    assert as_of(world.dossier())["commits"] == as_of(world.month(date(2026, 8, 1)))["commits"] == "2026-09-01"

    look(world, LATER, "code/commits", "asio")

    assert as_of(world.dossier())["commits"] == as_of(world.month(date(2026, 8, 1)))["commits"] == "2026-09-20"


def test_a_dossier_is_as_old_as_the_repository_that_was_read_the_longest_ago(world):
    world.module("beast", world.new)
    look(world, LATER, "code/commits", "asio")

    assert as_of(world.dossier())["commits"] == "2026-09-01"


def test_what_was_never_read_is_as_of_no_day(world):
    assert as_of(world.dossier())["GitHub"] is None
