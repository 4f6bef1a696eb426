"""A host that is not there, refuses, fails or hangs: one error that says so, no question asked, nothing left behind."""

import base64
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from boost_pipeline.errors import SettingsError, SourceRefused, SourceUnavailable
from boost_pipeline.sources.git import GitMirrors
from boost_pipeline_tests.sources.git.origin import git

TOKEN = "ghp_0123456789abcdefABCDEF"  # no real one
BASIC = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()


@pytest.fixture
def argv(tmp_path, monkeypatch):
    """The command lines of all git processes that the test starts."""
    log = tmp_path / "argv"
    log.touch()
    real = shutil.which("git")
    wrapper(tmp_path / "bin", monkeypatch, f'printf "%s " "$@" >> {shlex.quote(str(log))}\nexec {real} "$@"')
    return log


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 256 KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("only root can mount a small disk: run the tests as root, in a container with SYS_ADMIN")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def wrapper(folder: Path, monkeypatch, script: str) -> None:
    """Put a git of our own first on PATH."""
    folder.mkdir()
    program = folder / "git"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def cloning(folder: Path, url: str) -> subprocess.Popen[bytes]:
    """Start a process that clones `lib`."""
    script = (
        "import sys; from pathlib import Path; from boost_pipeline.sources.git import GitMirrors\n"
        "GitMirrors(Path(sys.argv[1]), sys.argv[2]).refresh('lib')"
    )
    return subprocess.Popen([sys.executable, "-c", script, str(folder), url], stderr=subprocess.PIPE)


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != ".locks")


class TestNobodyThere:
    def test_a_repository_that_is_gone_is_refused(self, mirrors, origin, folder):
        with pytest.raises(SourceRefused, match=r"^nothere: gone, private or not for us .*; check BOOST_GIT_URL"):
            mirrors.refresh("nothere")

        assert left_in(folder) == []

    def test_a_folder_of_repositories_that_is_gone_may_come_back(self, folder, tmp_path):
        mirrors = GitMirrors(folder, f"file://{tmp_path}/not%20mounted", attempts=1)

        with pytest.raises(SourceUnavailable, match=r"^lib: the folder .*/not mounted of BOOST_GIT_URL is not there"):
            mirrors.refresh("lib")

    def test_a_closed_port_is_no_answer(self, folder):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            mirrors = GitMirrors(folder, f"http://127.0.0.1:{unused.getsockname()[1]}", attempts=1)

            with pytest.raises(SourceUnavailable, match=r"^lib: no answer from the host \(.*\); the next run tries"):
                mirrors.refresh("lib")

        assert left_in(folder) == []

    def test_a_mirror_survives_the_loss_of_its_host(self, mirrors, origin):
        sha = origin.commit()
        mirrors.refresh("lib")
        shutil.rmtree(origin.path)

        with pytest.raises(SourceRefused):
            mirrors.refresh("lib")

        assert [ref.sha for ref in mirrors.mirror("lib").refs()] == [sha]


class TestHttp:
    def test_a_repository_is_cloned_and_refreshed_over_http(self, folder, http_host, origin):
        origin.commit({b"a": b"1"})
        mirrors = GitMirrors(folder, http_host.url + "/", attempts=1)

        assert mirrors.refresh("lib").outcome == "cloned"
        origin.commit({b"a": b"2"})
        assert mirrors.refresh("lib").outcome == "fetched"
        assert http_host.authorizations == [None] * len(http_host.authorizations)

    def test_a_repository_that_the_host_does_not_know_is_refused(self, folder, http_host, origins):
        origins.mkdir()

        with pytest.raises(SourceRefused, match="lib: gone, private"):
            GitMirrors(folder, http_host.url, attempts=1).refresh("lib")

    def test_a_host_that_wants_a_password_is_not_answered_by_a_prompt(self, folder, http_host, origin, monkeypatch):
        http_host.required = "Basic nobody-knows"
        asked = folder.parent / "asked"
        wrapper(folder.parent / "ask", monkeypatch, f"touch {asked}")
        for variable in ("GIT_ASKPASS", "SSH_ASKPASS"):
            monkeypatch.setenv(variable, str(folder.parent / "ask/git"))
        monkeypatch.setenv("PATH", os.environ["PATH"].partition(os.pathsep)[2])

        with pytest.raises(SourceRefused, match="BOOST_GIT_TOKEN if the repository is private"):
            GitMirrors(folder, http_host.url, attempts=3).refresh("lib")

        assert not asked.exists()
        assert left_in(folder) == []

    def test_the_token_opens_a_private_repository_and_is_written_nowhere(self, folder, http_host, origin, argv):
        http_host.required = f"Basic {BASIC}"
        origin.commit()
        mirrors = GitMirrors(folder, http_host.url, token=TOKEN, attempts=1)

        mirrors.refresh("lib")
        mirrors.refresh("lib")
        list(mirrors.mirror("lib").log())

        assert f"Basic {BASIC}" in http_host.authorizations
        seen = argv.read_bytes() + everything_in(folder) + repr(vars(mirrors)).encode()
        assert b"ls-remote" in seen
        assert TOKEN.encode() not in seen
        assert BASIC.encode() not in seen

    def test_a_wrong_token_is_refused_and_not_repeated_in_the_message(self, folder, http_host, origin):
        http_host.required = "Basic another"

        with pytest.raises(SourceRefused) as refused:
            GitMirrors(folder, http_host.url, token=TOKEN, attempts=1).refresh("lib")

        assert TOKEN not in str(refused.value)
        assert BASIC not in str(refused.value)

    def test_a_password_in_the_url_is_sent_and_written_nowhere(self, folder, http_host, origin, argv):
        http_host.required = f"Basic {base64.b64encode(b'ann:s3cr@t/').decode()}"
        origin.commit()
        url = http_host.url.replace("://", "://ann:s3cr@t%2F@")

        GitMirrors(folder, url, attempts=1).refresh("lib")

        seen = argv.read_bytes() + everything_in(folder)
        assert b"s3cr" not in seen

    def test_the_token_joins_the_configuration_that_the_environment_brings(
        self, folder, http_host, origin, monkeypatch
    ):
        http_host.required = f"Basic {BASIC}"
        origin.commit()
        monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
        monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{http_host.url}/.insteadOf")
        monkeypatch.setenv("GIT_CONFIG_VALUE_0", "http://short/")
        mirrors = GitMirrors(folder, "http://short", token=TOKEN, attempts=1)

        with pytest.raises(SourceRefused):  # the host was reached, but the token is not for the other name
            mirrors.refresh("lib")

        monkeypatch.setenv("GIT_CONFIG_KEY_0", "http.extraHeader")
        monkeypatch.setenv("GIT_CONFIG_VALUE_0", "X-From: user")
        assert GitMirrors(folder, http_host.url, token=TOKEN, attempts=1).refresh("lib").outcome == "cloned"

    def test_only_commands_that_talk_to_the_host_get_the_token(self, folder, http_host, origin, monkeypatch, tmp_path):
        log, real = tmp_path / "log", shutil.which("git")
        wrapper(
            tmp_path / "bin",
            monkeypatch,
            f'if env | grep -q {BASIC}; then case "$*" in *http://*) ;; *) echo "$*" >> {log};; esac; fi\n'
            f'exec {real} "$@"',
        )
        http_host.required = f"Basic {BASIC}"
        origin.commit()
        mirrors = GitMirrors(folder, http_host.url, token=TOKEN, attempts=1)

        mirrors.refresh("lib")
        assert len(list(mirrors.mirror("lib").log())) == 1

        assert not log.exists()

    @pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
    def test_a_host_in_trouble_is_asked_again_and_then_given_up(self, folder, http_host, origin, status):
        http_host.status = status

        with pytest.raises(SourceUnavailable, match=f"{status}"):
            GitMirrors(folder, http_host.url, attempts=3, backoff=0).refresh("lib")

        assert len(http_host.authorizations) == 3

    def test_a_host_that_recovers_is_mirrored(self, folder, http_host, origin):
        origin.commit()
        http_host.status, http_host.failures = 503, 2

        assert GitMirrors(folder, http_host.url, attempts=3, backoff=0).refresh("lib").outcome == "cloned"

    @pytest.mark.parametrize("status", [403, 404, 410])
    def test_a_host_that_refuses_is_asked_once(self, folder, http_host, origin, status):
        http_host.status = status

        with pytest.raises(SourceRefused):
            GitMirrors(folder, http_host.url, attempts=3, backoff=0).refresh("lib")

        assert len(http_host.authorizations) == 1


class TestHanging:
    """A host that takes the request and says nothing more."""

    @pytest.mark.parametrize("stage", [b"info/refs", b"command=fetch"])
    def test_a_time_out_ends_git_and_is_not_tried_again(self, folder, http_host, origin, stage):
        origin.commit()
        http_host.hangs_at = stage

        with pytest.raises(SourceUnavailable, match=r"^lib: git took longer than 1 s; .* BOOST_GIT_TIMEOUT"):
            GitMirrors(folder, http_host.url, attempts=3, backoff=0, timeout=1).refresh("lib")

        assert http_host.left.wait(30)
        assert left_in(folder) == []

    @pytest.mark.parametrize("stage", [b"info/refs", b"command=fetch"])
    def test_abort_ends_git_and_what_waits_for_it(self, folder, http_host, origin, stage):
        origin.commit()
        http_host.hangs_at = stage
        mirrors = GitMirrors(folder, http_host.url)

        with ThreadPoolExecutor(1) as pool:
            refresh = pool.submit(mirrors.refresh, "lib")
            assert http_host.hanging.wait(30)
            mirrors.abort()
            error = refresh.exception(30)

        assert isinstance(error, SourceUnavailable)
        assert "was stopped" in str(error)
        assert http_host.left.wait(30)
        assert left_in(folder) == []
        with pytest.raises(SourceUnavailable, match="was stopped"):
            mirrors.refresh("lib")

    def test_an_interrupt_ends_git_and_leaves_nothing(self, folder, http_host, origin):
        origin.commit()
        http_host.hangs_at = b"command=fetch"
        process = cloning(folder, http_host.url)
        assert http_host.hanging.wait(60)

        process.send_signal(signal.SIGINT)

        assert b"KeyboardInterrupt" in process.communicate(timeout=60)[1]
        assert http_host.left.wait(30)
        assert left_in(folder) == []

    def test_abort_ends_the_wait_between_attempts(self, folder, http_host, origin):
        http_host.status = 503
        mirrors = GitMirrors(folder, http_host.url, attempts=2, backoff=3600)

        with ThreadPoolExecutor(1) as pool:
            refresh = pool.submit(mirrors.refresh, "lib")
            assert http_host.answered.wait(30)
            mirrors.abort()

            assert "was stopped" in str(refresh.exception(30))

    def test_abort_ends_the_wait_for_another_process(self, mirrors, folder, http_host, origin):
        http_host.hangs_at = b"info/refs"
        other = GitMirrors(folder, http_host.url)

        with ThreadPoolExecutor(2) as pool:
            first = pool.submit(other.refresh, "lib")
            assert http_host.hanging.wait(30)
            second = pool.submit(mirrors.refresh, "lib")
            mirrors.abort()
            assert "was stopped" in str(second.exception(30))
            other.abort()
            assert "was stopped" in str(first.exception(30))

    def test_abort_ends_a_log_that_is_being_read(self, mirrors, origin):
        origin.commit({b"a": b"1"}, origin.commit())
        mirrors.refresh("lib")
        log = mirrors.mirror("lib").log()
        next(log)

        mirrors.abort()

        with pytest.raises(SourceUnavailable, match="was stopped"):
            list(mirrors.mirror("lib").log())
        log.close()

    def test_a_mirror_that_another_one_refreshes_is_waited_for_until_the_time_is_up(
        self, folder, http_host, origin, origins
    ):
        http_host.hangs_at = b"info/refs"
        other = GitMirrors(folder, http_host.url)
        mirrors = GitMirrors(folder, f"file://{origins}", timeout=0)

        with ThreadPoolExecutor(1) as pool:
            pool.submit(other.refresh, "lib")
            assert http_host.hanging.wait(30)
            with pytest.raises(SourceUnavailable, match=r"lib: another process has been at work on the mirror"):
                mirrors.refresh("lib")
            other.abort()

    def test_tags_are_told_while_the_mirror_is_being_cloned(self, folder, http_host, origin, mirrors):
        origin.tag("boost-1.90.0", origin.commit())
        http_host.hangs_at = b"command=fetch"
        other = GitMirrors(folder, http_host.url)

        with ThreadPoolExecutor(1) as pool:
            pool.submit(other.refresh, "lib")
            assert http_host.hanging.wait(30)
            assert mirrors.tags("lib") == ["boost-1.90.0"]
            other.abort()

    def test_threads_that_want_one_mirror_clone_it_once(self, mirrors, origin):
        origin.commit()

        with ThreadPoolExecutor(4) as pool:
            outcomes = list(pool.map(lambda _: mirrors.refresh("lib", mark="m1").outcome, range(4)))

        assert sorted(outcomes) == ["cloned", "skipped", "skipped", "skipped"]


class TestKilled:
    """What a killed process leaves, the next one clears away; what it left running, the next one waits for."""

    @pytest.fixture
    def killed(self, folder, http_host, origin):
        """A process was killed while it cloned, and its git still waits for the host."""
        origin.commit()
        http_host.hangs_at = b"command=fetch"
        process = cloning(folder, http_host.url)
        assert http_host.hanging.wait(60)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stderr.close()

    def test_a_clone_whose_parent_was_killed_keeps_its_lock(self, killed, folder, origins):
        assert left_in(folder) == ["lib.git.partial"]

        with pytest.raises(SourceUnavailable, match="another process"):
            GitMirrors(folder, f"file://{origins}", timeout=0).refresh("lib")

        assert left_in(folder) == ["lib.git.partial"]

    def test_a_killed_clone_leaves_nothing_to_the_next_refresh(self, killed, folder, http_host, mirrors):
        http_host.release()

        assert mirrors.refresh("lib").outcome == "cloned"

        assert left_in(folder) == ["lib.git"]
        assert mirrors.mirror("lib").count_commits() == 1

    def test_locks_and_temporaries_of_a_killed_fetch_do_not_stop_the_next(self, mirrors, origin):
        first = origin.commit({b"a": b"1"}, branch="tmp_branch")
        mirrors.refresh("lib")
        path = mirrors.mirror("lib").path
        origin.commit({b"a": b"2"}, first, branch="tmp_branch")
        leftovers = [
            path / name
            for name in ("HEAD.lock", "packed-refs.lock", "refs/heads/tmp_branch.lock", "objects/pack/tmp_pack_x")
        ]
        for leftover in leftovers:
            leftover.touch()

        assert mirrors.refresh("lib").outcome == "fetched"
        assert mirrors.refresh("lib").outcome == "unchanged"

        assert [leftover for leftover in leftovers if leftover.exists()] == []


class TestThisMachine:
    def test_a_missing_git_is_told_with_the_mend(self, mirrors, monkeypatch, tmp_path):
        monkeypatch.setenv("PATH", str(tmp_path))

        with pytest.raises(SettingsError, match=r"^git is not on PATH; install git 2\.30 or newer\.$"):
            mirrors.mirror("lib").refs()

    @pytest.mark.parametrize(
        ("script", "words"),
        [
            ("echo git version 2.29.9", r"^git 2\.29\.9 is too old; install git 2\.30 or newer\.$"),
            ("echo hello", "does not tell its version"),
            ("exit 3", "does not run"),
        ],
    )
    def test_a_git_that_will_not_do_is_told_with_the_mend(self, mirrors, monkeypatch, tmp_path, script, words):
        wrapper(tmp_path / "bin", monkeypatch, script)

        with pytest.raises(SettingsError, match=words):
            mirrors.mirror("lib").refs()

    def test_a_git_that_cannot_take_the_token_in_secret_is_told(self, folder, monkeypatch, tmp_path):
        real = shutil.which("git")
        wrapper(
            tmp_path / "bin",
            monkeypatch,
            f'case "$1" in --version) echo git version 2.30.2;; *) exec {real} "$@";; esac',
        )

        with pytest.raises(SettingsError, match=r"BOOST_GIT_TOKEN needs git 2\.31"):
            GitMirrors(folder, "http://127.0.0.1:9", token=TOKEN).refresh("lib")

    def test_a_full_disk_is_told_with_its_folder_and_not_tried_again(self, folder, origins, origin, monkeypatch):
        log, real = folder.parent / "log", shutil.which("git")
        wrapper(
            folder.parent / "bin",
            monkeypatch,
            f'case "$*" in *fetch*) echo x >> {log}\n'
            'echo "fatal: write error: No space left on device" >&2\n'
            'echo "fatal: fetch-pack: invalid index-pack output" >&2; exit 128;; '
            f'*) exec {real} "$@";; esac',
        )
        origin.commit()

        with pytest.raises(SourceUnavailable) as full:
            GitMirrors(folder, f"file://{origins}", attempts=3, backoff=0).refresh("lib")

        assert str(full.value) == f"lib: the disk of {folder} is full; free space there and run again."
        assert log.read_text() == "x\n"
        assert left_in(folder) == []

    def test_a_disk_that_is_really_full_is_told_and_left_clean(self, small_disk, origins, origin):
        origin.commit({b"a": os.urandom(2**20)})

        with pytest.raises(SourceUnavailable, match=f"^lib: the disk of {small_disk} is full; free space there"):
            GitMirrors(small_disk, f"file://{origins}").refresh("lib")

        assert left_in(small_disk) == []

    def test_a_folder_that_is_a_file_is_told_with_the_mend(self, folder, origins, origin):
        folder.write_text("")

        with pytest.raises(SettingsError, match=r"^lib: cannot keep a mirror in .*mirrors \(.*\); .*BOOST_HOME"):
            GitMirrors(folder, f"file://{origins}").refresh("lib")

    def test_hooks_and_templates_of_the_user_have_no_part_in_it(self, mirrors, origin, user_config, tmp_path):
        hooks = tmp_path / "hooks"
        hooks.mkdir()
        for hook in (hooks / "reference-transaction", hooks / "post-checkout"):
            hook.write_text("#!/bin/sh\nexit 1\n")
            hook.chmod(0o755)
        template = tmp_path / "template"
        template.mkdir()
        (template / "description").write_text("x")
        user_config.write_text(
            f"[core]\n\thooksPath = {hooks}\n[init]\n\ttemplateDir = {template}\n\tdefaultBranch = x\n"
            "[fetch]\n\tprune = false\n\tfsckObjects = true\n\trecurseSubmodules = true\n[remote]\n\tpushDefault = y\n"
        )
        origin.raw_commit(author=b"No Date <x@y>")

        assert mirrors.refresh("lib").outcome == "cloned"
        assert not (mirrors.mirror("lib").path / "description").exists()

    def test_a_mirror_of_another_owner_is_read(self, mirrored, origin):
        if os.geteuid() != 0:
            pytest.skip("only root can give files away: run the tests as root, in a container say")
        origin.commit()
        mirror = mirrored()
        for path in [mirror.path, *mirror.path.rglob("*")]:
            os.chown(path, 12345, 12345)

        assert mirror.count_commits() == 1

    def test_ssh_never_asks_and_keeps_the_command_of_the_user(self, folder, monkeypatch, tmp_path):
        script = tmp_path / "my ssh"
        script.write_text(
            f'#!/bin/sh\necho "$@" >> {tmp_path}/log\necho "me@h: Permission denied (publickey)." >&2\nexit 255\n'
        )
        script.chmod(0o755)
        mirrors = GitMirrors(folder, "ssh://me@h/boostorg", attempts=1)

        for variable, value in (("GIT_SSH", f"{script}"), ("GIT_SSH_COMMAND", f"'{script}' -i key")):
            monkeypatch.setenv(variable, value)
            with pytest.raises(SourceRefused, match=r"me@h: Permission denied \(publickey\)"):
                mirrors.refresh("lib")

        first, *_, last = (tmp_path / "log").read_text().splitlines()
        assert first.startswith("-oBatchMode=yes -oConnectTimeout=30")
        assert last.startswith("-i key -oBatchMode=yes")
        assert "me@h git-upload-pack" in last

    def test_variables_of_git_in_our_environment_do_not_lead_it_astray(self, mirrors, origin, monkeypatch, tmp_path):
        origin.commit()
        for variable in ("GIT_DIR", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE", "GIT_INDEX_FILE"):
            monkeypatch.setenv(variable, str(tmp_path / "elsewhere"))
        monkeypatch.setenv("GIT_TRACE", str(tmp_path / "trace"))

        mirrors.refresh("lib")

        assert mirrors.mirror("lib").count_commits() == 1
        assert not (tmp_path / "trace").exists()


def test_a_push_from_the_mirror_is_impossible_by_accident(mirrored, origin):
    origin.commit()

    assert git(mirrored().path, "remote") == ""
