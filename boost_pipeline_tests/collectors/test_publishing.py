"""Publishing to a branch of a real repository: only the site's folder changes, and never by force."""

import subprocess

import pytest

from boost_pipeline.collectors.publishing import FOLDER, PublishingError, Target, publish
from boost_pipeline.errors import SourceError


@pytest.fixture
def origin(tmp_path):
    """A repository with a file of somebody else's on its branch main."""
    bare, work = tmp_path / "origin.git", tmp_path / "work"
    git("init", "--quiet", "--bare", "--initial-branch=main", bare)
    git("clone", "--quiet", bare, work)
    (work / "README.md").write_text("ours\n")
    (work / FOLDER).mkdir()
    (work / FOLDER / "old.html").write_text("old\n")
    commit(work)
    return bare


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    (folder / "libraries").mkdir(parents=True)
    (folder / "index.html").write_text("one\n")
    (folder / "libraries" / "numeric~conversion.html").write_text("two\n")
    (folder / "manifest.json").write_text("{}")
    return folder


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state" / "dashboard.git"


def git(*arguments, cwd=None):
    done = subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", *map(str, arguments)],
        cwd=cwd,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


def commit(work):
    git("add", ".", cwd=work)
    git("commit", "--quiet", "-m", "Work", cwd=work)
    git("push", "--quiet", "origin", "HEAD:main", cwd=work)


def files(origin, branch="main"):
    names = git("ls-tree", "-r", "--name-only", branch, cwd=origin).splitlines()
    return {name: git("show", f"{branch}:{name}", cwd=origin) for name in names}


def test_the_site_takes_the_place_of_the_old_one_and_all_else_stays(origin, site, state):
    told = publish(Target(f"file://{origin}", "main", None), site, state)

    assert files(origin) == {
        "README.md": "ours",
        f"{FOLDER}/index.html": "one",
        f"{FOLDER}/libraries/numeric~conversion.html": "two",
    }
    assert told.startswith("published as ")
    assert git("rev-list", "--count", "main", cwd=origin) == "2"


def test_the_same_site_again_is_no_commit(origin, site, state):
    publish(Target(f"file://{origin}", "main", None), site, state)
    (site / "manifest.json").write_text('{"built_at": "later"}')

    told = publish(Target(f"file://{origin}", "main", None), site, state)

    assert told.endswith("is as it should be")
    assert git("rev-list", "--count", "main", cwd=origin) == "2"


def test_what_others_pushed_meanwhile_is_kept(origin, site, state, tmp_path):
    publish(Target(f"file://{origin}", "main", None), site, state)
    git("pull", "--quiet", "origin", "main", cwd=tmp_path / "work")
    (tmp_path / "work" / "NEWS.md").write_text("news\n")
    commit(tmp_path / "work")
    (site / "index.html").write_text("three\n")

    publish(Target(f"file://{origin}", "main", None), site, state)

    assert {**files(origin)}["NEWS.md"] == "news"
    assert files(origin)[f"{FOLDER}/index.html"] == "three"


def test_a_branch_that_is_not_there_yet_is_made(origin, site, state):
    publish(Target(f"file://{origin}", "gh-pages", None), site, state)

    assert set(files(origin, "gh-pages")) == {f"{FOLDER}/index.html", f"{FOLDER}/libraries/numeric~conversion.html"}


def test_a_host_that_refuses_the_push_keeps_its_branch(origin, site, state):
    hook = origin / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)

    with pytest.raises(SourceError):
        publish(Target(f"file://{origin}", "main", None), site, state)

    assert f"{FOLDER}/old.html" in files(origin)


def test_without_a_page_nothing_is_published(origin, site, state):
    (site / "index.html").unlink()

    with pytest.raises(PublishingError, match="Build the dashboard first"):
        publish(Target(f"file://{origin}", "main", None), site, state)


@pytest.mark.parametrize("url", ["--upload-pack=touch x", "ext::sh -c id", "relative/path", "https://a b", ""])
def test_a_url_that_git_could_take_for_something_else_is_refused(url, site, state):
    with pytest.raises(PublishingError, match="BOOST_DASHBOARD_PUBLISH_URL"):
        publish(Target(url, "main", None), site, state)


@pytest.mark.parametrize("branch", ["--force", "a..b", "a b", "/a", "a.lock", "+main", "main:other", ""])
def test_a_branch_that_git_could_take_for_something_else_is_refused(origin, branch, site, state):
    with pytest.raises(PublishingError, match="BOOST_DASHBOARD_PUBLISH_BRANCH"):
        publish(Target(f"file://{origin}", branch, None), site, state)


def test_a_repository_that_is_not_there_names_the_setting_and_no_secret(site, state, tmp_path):
    with pytest.raises(PublishingError, match="check BOOST_DASHBOARD_PUBLISH_URL") as raised:
        publish(Target(f"file://{tmp_path}/gone.git", "main", "token-of-mine"), site, state)

    assert "token-of-mine" not in str(raised.value)


def test_the_token_is_on_no_command_line_and_in_no_configuration(site, state, tmp_path, monkeypatch):
    spy = tmp_path / "bin" / "git"
    spy.parent.mkdir()
    log = tmp_path / "commands"
    spy.write_text(f'#!/bin/sh\necho "$@" >> {log}\nPATH="${{PATH#*:}}" exec git "$@"\n')
    spy.chmod(0o755)
    monkeypatch.setenv("PATH", f"{spy.parent}:{__import__('os').environ['PATH']}")

    with pytest.raises(SourceError):
        publish(Target("https://user:pass-of-mine@127.0.0.1:1/x.git", "main", "token-of-mine"), site, state)

    said = log.read_text()
    assert "ls-remote" in said
    assert "of-mine" not in said
    assert "of-mine" not in (state / "config").read_text()
