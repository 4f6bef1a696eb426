"""Raw pages: kept once, found again in order, let go in time, and never silently damaged."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boost_pipeline.errors import SettingsError, SourceCorrupt
from boost_pipeline.sources.github import NotFound, RawPages, RawRequest
from boost_pipeline_tests.sources.github.scripted_host import Reply

AT = datetime(2026, 3, 1, 23, 59, tzinfo=UTC)
REQUEST = RawRequest("issues boostorg/asio", "GET", "/repos/boostorg/asio/issues", {"page": 1})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "raw"


@pytest.fixture
def raw(folder: Path) -> RawPages:
    return RawPages(folder, keep=timedelta(days=30))


def keep(raw: RawPages, body: object, *, label: str = REQUEST.label, at: datetime = AT) -> str:
    request = RawRequest(label, "GET", "/x", {})
    return raw.keep(request, json.dumps(body).encode(), status=200, fetched_at=at)


def bodies(raw: RawPages, prefix: str = "") -> list[object]:
    return [page.body for page in raw.replay(prefix)]


def objects(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("objects/*/*"))


def test_a_page_comes_back_with_what_was_asked_for(raw):
    body = b'[{"id": 1, "text": "\\ud800 caf\xc3\xa9"}]'

    digest = raw.keep(REQUEST, body, status=200, fetched_at=AT, moved_to="/repositories/7/issues")

    (page,) = raw.replay()
    assert (page.request, page.status, page.fetched_at, page.digest) == (REQUEST, 200, AT, digest)
    assert page.moved_to == "/repositories/7/issues"
    assert page.body == json.loads(body)


def test_a_body_is_named_by_its_digest_compressed_and_kept_once(raw, folder):
    body = {"text": "x" * 10_000}

    first, second = keep(raw, body), keep(raw, body, label="other")

    assert first == second == sha256(json.dumps(body).encode()).hexdigest()
    (path,) = objects(folder)
    assert path == folder / "objects" / first[:2] / f"{first[2:]}.zst"
    assert path.stat().st_size < 200
    assert [page.request.label for page in raw.replay()] == [REQUEST.label, "other"]


def test_pages_come_back_in_order_over_days_and_by_the_beginning_of_their_label(raw):
    keep(raw, 2, label="issues b", at=AT + timedelta(minutes=2))
    keep(raw, 1, label="issues a")
    keep(raw, 3, label="pulls a", at=AT + timedelta(days=1))

    assert bodies(raw) == [1, 2, 3]
    assert bodies(raw, "issues ") == [1, 2]
    assert bodies(raw, "nothing") == []


@given(torn=st.integers(1, 200))
@settings(max_examples=30)
def test_a_line_that_was_torn_is_left_out_and_spoils_no_other(tmp_path_factory, torn):
    folder = tmp_path_factory.mktemp("raw")
    raw = RawPages(folder)
    keep(raw, 1)
    keep(raw, 2)
    (index,) = folder.glob("index/*")
    content = index.read_bytes()
    index.write_bytes(content[: -min(torn, len(content) // 2 - 1)])

    keep(raw, 3)

    assert bodies(raw) == [1, 3]


def test_a_damaged_line_is_told_with_its_place(raw, folder):
    keep(raw, 1)
    (index,) = folder.glob("index/*")
    index.write_text(index.read_text().replace('"label"', '"lable"'))

    with pytest.raises(SourceCorrupt, match=r"index.*2026-03-01\.jsonl is damaged in line 2; remove that line"):
        bodies(raw)


@pytest.mark.parametrize("damage", ["cut", "flipped", "other", "empty", "gone"])
def test_a_damaged_body_is_told_with_its_file_and_the_mend(raw, folder, damage):
    digest = keep(raw, {"text": "x" * 100})
    keep(raw, {"text": "y" * 100})
    path = folder / "objects" / digest[:2] / f"{digest[2:]}.zst"
    content = path.read_bytes()
    match damage:
        case "cut":
            path.write_bytes(content[:-3])
        case "flipped":
            path.write_bytes(content[:-6] + bytes([content[-6] ^ 1]) + content[-5:])
        case "other":
            path.write_bytes(next(other for other in objects(folder) if other != path).read_bytes())
        case "empty":
            path.write_bytes(b"")
        case "gone":
            path.unlink()

    with pytest.raises(SourceCorrupt, match=rf"^The raw page {path} is (damaged|missing); .*--full"):
        bodies(raw)


def test_old_days_go_and_with_them_the_bodies_that_no_other_day_names(raw, folder):
    keep(raw, "old")
    keep(raw, "both")
    keep(raw, "both", at=AT + timedelta(days=20))
    keep(raw, "new", at=AT + timedelta(days=20))

    pruned = raw.prune(AT + timedelta(days=31))

    assert bodies(raw) == ["both", "new"]
    assert (pruned.days, pruned.objects) == (1, 1)
    assert len(objects(folder)) == 2


def test_nothing_goes_before_its_time(raw):
    keep(raw, "old")

    assert raw.prune(AT + timedelta(days=30)).objects == 0
    assert bodies(raw) == ["old"]


def test_without_a_time_to_keep_nothing_goes(folder):
    raw = RawPages(folder)
    keep(raw, "old")

    raw.prune(AT + timedelta(days=9999))

    assert bodies(raw) == ["old"]


def test_there_may_be_nothing_to_prune_or_replay(raw):
    assert raw.prune(AT).objects == 0
    assert bodies(raw) == []


def test_what_a_killed_writer_left_goes(raw, folder):
    keep(raw, "kept")
    leftover = objects(folder)[0].parent / "partial-abc"
    leftover.write_bytes(b"half")

    raw.prune(AT)

    assert not leftover.exists()
    assert bodies(raw) == ["kept"]


def test_a_damaged_index_prunes_nothing(raw, folder):
    keep(raw, "kept")
    (index,) = folder.glob("index/*")
    index.write_text(index.read_text().replace("23:59", "99:99"))

    with pytest.raises(SourceCorrupt):
        raw.prune(AT + timedelta(days=1))

    assert len(objects(folder)) == 1


def test_a_folder_that_cannot_be_written_to_names_the_setting(tmp_path):
    (tmp_path / "raw").write_text("a file")

    with pytest.raises(SettingsError, match="BOOST_GITHUB_RAW_DAYS=0"):
        keep(RawPages(tmp_path / "raw"), 1)


def test_a_disk_that_is_full_is_told_and_leaves_no_half_page(folder):
    program = (
        "import resource, pathlib, sys; from datetime import UTC, datetime;"
        "from boost_pipeline.errors import SettingsError;"
        "from boost_pipeline.sources.github import RawPages, RawRequest;"
        "import zstandard; resource.setrlimit(resource.RLIMIT_FSIZE, (50, 50));"
        "raw = RawPages(pathlib.Path(sys.argv[1])); request = RawRequest('l', 'GET', '/x', {});\n"
        "for body in (bytes(range(256)), b'{}'):\n"
        "    try: raw.keep(request, body, status=200, fetched_at=datetime.now(UTC))\n"
        "    except SettingsError as error: print(error)\n"
    )

    done = subprocess.run([sys.executable, "-c", program, str(folder)], capture_output=True, text=True)

    assert [line.split("(")[1].split(")")[0] for line in done.stdout.splitlines()] == [
        "File too large",  # the body
        "the disk is full",  # the line of the index: only a part of it could be written
    ]
    assert [path.suffix for path in objects(folder)] == [".zst"]
    assert list(RawPages(folder).replay()) == []


def write_many(folder: Path, writer: int, count: int) -> None:
    raw = RawPages(folder, keep=timedelta(days=30))
    for number in range(count):
        keep(raw, {"writer": writer, "number": number, "text": "x" * 2000})
        keep(raw, {"shared": number})


def test_many_writers_and_a_pruner_at_once_lose_nothing(raw, folder):
    context = multiprocessing.get_context("forkserver")
    writers = [context.Process(target=write_many, args=(folder, writer, 40)) for writer in range(3)]
    for writer in writers:
        writer.start()
    with ThreadPoolExecutor(2) as pool:
        pool.submit(write_many, folder, 99, 40)
        for _ in range(20):
            raw.prune(AT)
    for writer in writers:
        writer.join()

    pages = bodies(raw)
    for writer in (0, 1, 2, 99):
        assert [page["number"] for page in pages if page.get("writer") == writer] == list(range(40))
    assert len(pages) == 4 * 80
    assert len(objects(folder)) == 4 * 40 + 40


@pytest.mark.slow
def test_a_killed_writer_leaves_whole_pages_and_at_most_a_torn_line(raw, folder):
    context = multiprocessing.get_context("forkserver")
    for number in range(5):
        writer = context.Process(target=write_many, args=(folder, number, 10_000))
        writer.start()
        while len(objects(folder)) < 20 * (number + 1):
            assert writer.is_alive()
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()

        assert len(bodies(raw)) >= 19 * (number + 1)
    raw.prune(AT)
    assert all(path.suffix == ".zst" for path in objects(folder))


def test_answers_of_the_client_can_be_replayed_without_the_network(world, host, raw):
    github = world.client("ghp_one", raw=raw)
    host.plan = [
        Reply(body=[{"id": 1}], headers={"Link": f'<{host.url}/repositories/7/issues?page=2>; rel="next"'}),
        Reply(body=[{"id": 2}]),
        Reply(body={"data": {"a": 1}}),
    ]

    pages = list(github.pages("/repos/a/b/issues", {"state": "all"}, label="issues a/b"))
    answer = github.graphql("query Sweep($o: String!) { a }", {"o": "boostorg"}, label="sweep")

    replayed = list(raw.replay())
    assert [(page.request, page.body) for page in replayed] == [
        (RawRequest("issues a/b", "GET", "/repos/a/b/issues", {"state": "all"}), [{"id": 1}]),
        (RawRequest("issues a/b", "GET", "/repositories/7/issues", {"page": "2"}), [{"id": 2}]),
        (RawRequest("sweep", "POST", "/graphql", {"o": "boostorg"}, "Sweep"), {"data": {"a": 1}}),
    ]
    assert [page.digest for page in replayed] == [page.page for page in pages] + [answer.page]


def test_what_is_missing_is_kept_and_where_it_moved_to(world, host, raw):
    github = world.client("ghp_one", raw=raw)
    host.plan = [
        Reply(301, headers={"Location": "/repositories/7/issues/5"}),
        Reply(404, {"message": "Not Found"}),
    ]

    with pytest.raises(NotFound):
        github.get("/repos/a/b/issues/5")

    (page,) = raw.replay("/repos/a/b/issues/5")
    assert (page.status, page.moved_to, page.body) == (404, "/repositories/7/issues/5", {"message": "Not Found"})


def test_what_is_no_answer_of_github_is_not_kept(world, host, raw):
    github = world.client("ghp_one", raw=raw)
    host.plan = [Reply(500), Reply(body=b"<html>"), Reply(429, headers={"Retry-After": "1"}), Reply(304), Reply(204)]
    github.get("/x", etag='abc "e"')
    host.plan = [Reply(404, b"<html>")]

    with pytest.raises(NotFound):
        github.get("/x")

    assert list(raw.replay()) == []
