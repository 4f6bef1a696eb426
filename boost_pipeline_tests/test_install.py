"""The set-up: of a machine that has nothing but Python, git and make, and of one where it was interrupted."""

import os
import platform
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from boost_pipeline_tests import leftovers
from boost_pipeline_tests.conftest import DEVELOPMENT

ROOT = Path(__file__).parents[1]
PACKAGES = ("python3-venv", "git", "make", "ca-certificates")
"""What README tells the user of Debian to install."""

ALONE = ("unshare", "--mount", "--pid", "--ipc", "--fork", "--kill-child")
"""Runs a command whose processes, mounts and segments all end with it."""

NETWORK = re.compile(r"(?i)pip_.*|.*_proxy|.*cert.*|.*_ca_.*|.*cainfo")
"""The variables that say how this machine reaches the package index."""

FREE_BYTES = 4 << 30
HOME = Path("/root")


class BareRoot:
    """The smallest Debian or Ubuntu that is like this machine's, with a fresh clone in /clone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(HOME), "LANG": "C.UTF-8"}

    def make(self, codename: str, mirror: str, components: set[str]) -> None:
        """Install the system, tell it how to reach the network, and clone."""
        command = ["debootstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}"]
        command += [f"--components={','.join(sorted(components))}", codename, str(self.folder), mirror]
        done = said([*ALONE, "--mount-proc", *command])
        if "noexec or nodev" in done.stdout:
            pytest.skip(f"{self.folder.parent} is mounted noexec or nodev: allow programs and devices there")
        assert done.returncode == 0, done.stdout[-3000:]
        self._connect()
        cloned = said(["git", "clone", "--quiet", "--depth=1", ROOT.as_uri(), str(self.folder / "clone")])
        assert cloned.returncode == 0, cloned.stdout

    def _connect(self) -> None:
        settings = {name: value for name, value in os.environ.items() if NETWORK.fullmatch(name)}
        self.environment |= settings
        files = ["/etc/resolv.conf", "/etc/hosts", "/etc/pip.conf", *settings.values()]
        copies = {Path(name): Path(name) for name in files}
        copies |= {Path.home() / name: HOME / name for name in (".config/pip/pip.conf", ".pip/pip.conf")}
        for here, there in copies.items():
            if here.is_absolute() and here.is_file():
                target = self.folder / there.relative_to("/")
                target.parent.mkdir(parents=True, exist_ok=True)
                target.unlink(missing_ok=True)
                shutil.copyfile(here, target)

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a shell command in the clone."""
        inside = [*ALONE, f"--root={self.folder}", "--mount-proc", "sh", "-c", f"cd /clone && {command}"]
        return said(inside, self.environment)


def said(command: list[str], environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command; its output, errors among it, is text."""
    return subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=900
    )


def skip_where_impossible(place: Path) -> None:
    """Skip where no root can be made, and say how it could."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux makes a bare root: run the tests as root, in a container say")
    for program in ("debootstrap", "unshare", "apt-get"):
        if shutil.which(program) is None:
            pytest.skip(f"needs {program}: `apt-get install debootstrap util-linux` (Debian) brings it")
    if said([*ALONE, "true"]).returncode != 0:
        pytest.skip("may not mount here: run the tests in a container with the capability SYS_ADMIN")
    if shutil.disk_usage(place).free < FREE_BYTES:
        pytest.skip(f"needs {FREE_BYTES >> 30} GiB free in {place}")


def mirror() -> tuple[str, str, set[str]]:
    """Return the codename of this machine's system, and the mirror and components that its apt has of it."""
    codename = platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    targets = said(["apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME) $(COMPONENT)"]).stdout.splitlines()
    found = [line.split() for line in targets if line.split()[1:2] == [codename]]
    address = next((uri for uri, _, component in found if component == "main"), None)
    if address is None:
        pytest.skip(f"apt has no mirror of {codename or 'this system'}: `apt-get update` after adding it")
    try:
        urllib.request.urlopen(f"{address.rstrip('/')}/dists/{codename}/Release", timeout=30).close()
    except (urllib.error.URLError, TimeoutError) as error:
        pytest.skip(f"{address} does not answer ({error}): this needs a network")
    return codename, address, {component for uri, _, component in found if uri == address}


@pytest.fixture(scope="module")
def bare_root() -> Iterator[BareRoot]:
    folder = leftovers.folder()
    try:
        skip_where_impossible(folder)
        root = BareRoot(folder / "root")
        root.make(*mirror())
        yield root
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def demo(bare_root: BareRoot) -> subprocess.CompletedProcess[str]:
    """What `make demo` ended in, there."""
    return bare_root.run("make demo")


@pytest.mark.slow
def test_make_demo_runs_on_a_bare_machine(demo):
    assert demo.returncode == 0, demo.stdout[-3000:]
    assert re.search(r"run_boost_library_tracker +succeeded", demo.stdout)


@pytest.mark.slow
def test_all_tests_are_collected_on_a_bare_machine(bare_root, demo):
    collected = bare_root.run(".venv/bin/python -m pytest --collect-only")

    assert collected.returncode == 0, collected.stdout[-3000:]
    assert re.search(r"^\d{4,} tests collected in ", collected.stdout, re.MULTILINE), collected.stdout[-3000:]
    assert not [name for name in DEVELOPMENT if f"{name} cannot be imported" in collected.stdout]


@pytest.mark.slow
def test_no_installed_file_needs_a_library_that_a_bare_machine_lacks(bare_root, demo):
    there = {path.name for path in (bare_root.folder / "clone" / ".venv").rglob("*.so*")}
    listed = bare_root.run(r"find .venv -type f \( -name '*.so*' -o -perm -u+x \) -exec ldd {} + 2>/dev/null")
    needed = re.findall(r"^\s+(\S+) => (not found|/\S+)", listed.stdout, re.MULTILINE)

    assert len(needed) > 100
    # A wheel's own libraries find each other through the module that loads them, not by themselves.
    assert {name for name, place in needed if place == "not found"} - there == set()


PYTHON = """#!/bin/sh
case "$*" in
    --version) echo Python VERSION ;;
    "-m venv --clear .venv") rm -rf .venv && mkdir -p .venv/bin && cp "$0" .venv/bin/python && echo made by VERSION ;;
    "-m pip "*) exit $PIP_ENDS_WITH ;;
esac
"""


class Checkout:
    """A folder with the Makefile, and Pythons that only pretend to install."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copy(ROOT / "Makefile", folder)
        for name in ("requirements.lock", "pyproject.toml"):
            (folder / name).touch()
        for version in ("3.11", "3.13"):
            (folder / f"python{version}").write_text(PYTHON.replace("VERSION", version))
            (folder / f"python{version}").chmod(0o755)

    def make(self, *arguments: str, pip_ends_with: int = 0) -> list[str]:
        """Make the set-up; return by which Pythons .venv was made."""
        kept = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "PYTHON", "VENV")}
        path = f"{self.folder}:{os.environ['PATH']}"
        done = said(
            ["make", "-C", str(self.folder), "setup", *arguments],
            kept | {"PATH": path, "PIP_ENDS_WITH": str(pip_ends_with)},
        )
        assert (done.returncode == 0) == (pip_ends_with == 0), done.stdout
        return re.findall("made by (.*)", done.stdout)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    if shutil.which("make") is None:
        pytest.skip("needs make: `apt-get install make` (Debian) brings it")
    return Checkout(tmp_path)


def test_what_is_set_up_stays(checkout):
    assert checkout.make("PYTHON=python3.11") == ["3.11"]
    assert checkout.make() == []
    assert checkout.make("PYTHON=python3.11") == []


def test_a_set_up_that_was_interrupted_begins_anew(checkout):
    assert checkout.make("PYTHON=python3.11", pip_ends_with=1) == ["3.11"]
    assert checkout.make("PYTHON=python3.11") == ["3.11"]


def test_new_packages_are_installed_into_what_is_there_but_not_into_half_of_it(checkout):
    checkout.make("PYTHON=python3.11")
    os.utime(checkout.folder / ".venv" / ".ready", (0, 0))
    assert checkout.make("PYTHON=python3.11", pip_ends_with=1) == []
    assert checkout.make("PYTHON=python3.11") == ["3.11"]


def test_another_python_makes_it_anew_and_is_kept(checkout):
    checkout.make("PYTHON=python3.11")

    assert checkout.make("PYTHON=python3.13") == ["3.13"]
    assert checkout.make() == []


def test_a_python_that_is_gone_is_replaced(checkout):
    checkout.make("PYTHON=python3.11")
    (checkout.folder / ".venv" / "bin" / "python").unlink()
    (checkout.folder / "python3.13").rename(checkout.folder / "python3")

    assert checkout.make() == ["3.13"]
