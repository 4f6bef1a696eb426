"""What git and its helpers are known to say, and what it means; one line that names repository, reason and mend."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boost_pipeline.errors import SettingsError, SourceCorrupt, SourceRefused, SourceUnavailable, SourceUnfit
from boost_pipeline.sources.git.environment import Host
from boost_pipeline.sources.git.failures import DamagedData, GivenUp, NotHeld, failure, redact

PATH = Path("/data/mirrors/lib.git")

NO_ANSWER = [
    "fatal: unable to access 'https://github.com/o/lib.git/': Could not resolve host: github.com",
    (
        "fatal: unable to access 'https://github.com/o/lib.git/': Failed to connect to github.com port 443 after 3 ms: "
        "Couldn't connect to server"
    ),
    "fatal: unable to access 'https://x/lib.git/': Operation too slow. Less than 1 bytes/sec for 120 s",
    "fatal: unable to access 'https://x/lib.git/': The requested URL returned error: 503",
    "fatal: unable to access 'https://x/lib.git/': The requested URL returned error: 429",
    "fatal: unable to access 'https://x/lib.git/': gnutls_handshake() failed: Error in the pull function.",
    "fatal: unable to access 'https://x/lib.git/': OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to x:443",
    (
        "error: RPC failed; curl 56 GnuTLS recv error (-9): Error decoding the received TLS packet.\n"
        "fatal: early EOF\nfatal: fetch-pack: invalid index-pack output"
    ),
    (
        "error: RPC failed; curl 18 transfer closed with outstanding read data remaining\n"
        "error: 5213 bytes of body are still expected\nfetch-pack: unexpected disconnect while reading sideband packet"
    ),
    "fatal: the remote end hung up unexpectedly",
    "fatal: early EOF\nfatal: index-pack failed",
    (
        "ssh: Could not resolve hostname github.com: Temporary failure in name resolution\n"
        "fatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights"
    ),
    "ssh: connect to host github.com port 22: Connection timed out\nfatal: Could not read from remote repository.",
    "kex_exchange_identification: Connection closed by remote host\nfatal: Could not read from remote repository.",
    "fatal: some day git will say something new",
    "",
]
REFUSED = [
    "remote: Repository not found.\nfatal: repository 'https://github.com/o/lib.git/' not found",
    "fatal: could not read Username for 'https://github.com': terminal prompts disabled",
    "fatal: could not read Password for 'https://x@github.com': terminal prompts disabled",
    "remote: Invalid username or password.\nfatal: Authentication failed for 'https://github.com/o/lib.git/'",
    "fatal: unable to access 'https://x/lib.git/': The requested URL returned error: 403",
    "fatal: unable to access 'https://x/lib.git/': SSL certificate problem: unable to get local issuer certificate",
    "git@github.com: Permission denied (publickey).\nfatal: Could not read from remote repository.",
    "Host key verification failed.\nfatal: Could not read from remote repository.",
    "ERROR: Repository not found.\nfatal: Could not read from remote repository.",
    "fatal: '/srv/git/lib.git' does not appear to be a git repository\nfatal: Could not read from remote repository.",
    "fatal: transport 'ext' not allowed: protocol is not allowed",
    "fatal: detected dubious ownership in repository at '/srv/git/lib.git'",
]
NOT_HELD = [
    "fatal: remote error: upload-pack: not our ref 1111111111111111111111111111111111111111",
    "error: Server does not allow request for unadvertised object 1111111111111111111111111111111111111111",
]
DAMAGED_THERE = [
    (
        "remote: fatal: unable to read 1111\nerror: git upload-pack: git-pack-objects died with error.\n"
        "remote: aborting due to possible repository corruption on the remote side.\nfatal: early EOF\n"
        "fatal: index-pack failed"
    ),
    "remote: error: Could not read 1111\nremote: fatal: Failed to traverse parents of commit 2222\nfatal: early EOF",
    "remote: fatal: bad tree object 1111\nfetch-pack: unexpected disconnect while reading sideband packet",
    "remote: fatal: loose object 1111 (stored in ./objects/11/11) is corrupt\nfatal: the remote end hung up",
    "error: cannot update ref 'refs/heads/x': trying to write non-commit object 1111 to branch 'refs/heads/x'",
]
OTHER_KIND = [
    "fatal: mismatched algorithms: client sha1; server sha256",
    "fatal: Server does not support this repository's object format\nfatal: the remote end hung up unexpectedly",
    "fatal: Expected git repo version <= 1, found 9\nfatal: Could not read from remote repository.",
    "fatal: bad config line 1 in file ./config\nfatal: Could not read from remote repository.",
    "fatal: invalid gitfile format: /srv/git/lib.git\nfatal: Could not read from remote repository.",
]
SHALLOW = "warning: rejected refs/heads/develop because shallow roots are not allowed to be updated"
CORRUPT = [
    "fatal: not a git repository: '/data/mirrors/lib.git'",
    "fatal: bad object 1111111111111111111111111111111111111111",
    "error: object file objects/11/11 is empty\nfatal: loose object 1111 (stored in objects/11/11) is corrupt",
    "error: inflate: data stream error (incorrect header check)\nfatal: packed object 11 (stored in x) is corrupt",
    "error: file objects/pack/pack-1.pack is not a GIT packfile",
    "error: packfile objects/pack/pack-1.pack does not match index",
    "error: object 1111: missingSpaceBeforeDate: invalid author/committer line\nfatal: fsck error in packed object",
    "fatal: pack has 3 unresolved deltas",
    "error: Could not read 1111111111111111111111111111111111111111\nfatal: revision walk setup failed",
    "error: refs/heads/x does not point to a valid object!\nfatal: bad object refs/heads/x",
    "fatal: remote did not send all necessary objects",
]


def test_hosts_that_do_not_answer():
    errors = [failure("lib", PATH, said, network=True) for said in NO_ANSWER]

    assert [type(error) for error in errors] == [SourceUnavailable] * len(NO_ANSWER)
    assert all("the next run tries again" in str(error) for error in errors)


def test_hosts_that_refuse():
    errors = [failure("lib", PATH, said, network=True) for said in REFUSED]

    assert [type(error) for error in errors] == [SourceRefused] * len(REFUSED)
    assert all("check BOOST_GIT_URL" in str(error) for error in errors)


def test_hosts_that_do_not_give_what_they_were_asked_for_by_its_id():
    errors = [failure("lib", PATH, said, network=True) for said in NOT_HELD]

    assert [type(error) for error in errors] == [NotHeld] * len(NOT_HELD)
    assert all(isinstance(error, SourceRefused) for error in errors)


def test_damaged_data_of_a_mirror():
    errors = [failure("lib", PATH, said, network=False) for said in CORRUPT]

    assert [type(error) for error in errors] == [SourceCorrupt] * len(CORRUPT)
    assert all(f"remove {PATH} to have it cloned anew" in str(error) for error in errors)


def test_damaged_data_of_a_host_is_neither_a_broken_line_nor_our_mirror():
    errors = [failure("lib", PATH, said, network=True) for said in CORRUPT + DAMAGED_THERE]

    assert [type(error) for error in errors] == [DamagedData] * len(errors)
    assert {error.category for error in errors} == {"host"}
    assert all("the host's copy is damaged" in str(error) for error in errors)
    assert all("mend it there, `git fsck` tells what it lacks" in str(error) for error in errors)


def test_of_damage_the_line_is_told_that_names_the_object():
    said = "error: git upload-pack: git-pack-objects died with error.\nremote: fatal: unable to read 1111"

    assert "damaged (unable to read 1111)" in str(failure("lib", PATH, said, network=True))


def test_a_host_with_a_repository_of_another_kind():
    errors = [failure("lib", PATH, said, network=True) for said in OTHER_KIND]

    assert [type(error) for error in errors] == [SourceUnfit] * len(OTHER_KIND)
    assert all("of a kind that cannot be mirrored" in str(error) for error in errors)


def test_a_host_with_a_shallow_repository_is_told_how_to_mend_it():
    error = failure("lib", PATH, SHALLOW, network=True)

    assert type(error) is SourceUnfit
    assert str(error) == (
        "lib: the host's copy is shallow, it lacks the older history; run `git fetch --unshallow` there."
    )


def test_a_host_that_is_short_of_something_is_not_this_machine():
    said = "remote: fatal: Out of memory, malloc failed\nerror: git upload-pack: git-pack-objects died with error."
    error = failure("lib", PATH, said, network=True)

    assert type(error) is SourceUnavailable
    assert "the host is short of a resource (Out of memory" in str(error)


def test_a_broken_configuration_of_the_user_is_not_the_hosts():
    error = failure("lib", PATH, "fatal: bad config line 3 in file /home/ann/.gitconfig", network=True)

    assert type(error) is SettingsError
    assert "/home/ann/.gitconfig" in str(error)


@pytest.mark.parametrize("network", [True, False])
@pytest.mark.parametrize("said", ["fatal: write error: No space left on device", "error: x: Disk quota exceeded"])
def test_a_full_disk(network, said):
    error = failure("lib", PATH, f"{said}\nfatal: early EOF\nfatal: index-pack failed", network=network)

    assert type(error) is GivenUp
    assert isinstance(error, SourceUnavailable)
    assert str(error) == "lib: the disk of /data/mirrors is full; free space there and run again."


@pytest.mark.parametrize("network", [True, False])
def test_a_machine_that_is_short_of_memory_is_no_damage(network):
    error = failure("lib", PATH, "fatal: Out of memory, malloc failed (tried to allocate 9 bytes)", network=network)

    assert type(error) is SourceUnavailable


@pytest.mark.parametrize(
    "said",
    [
        "error: insufficient permission for adding an object to repository database objects",
        "fatal: cannot mkdir /data/mirrors/lib.git: Permission denied",
        "error: unable to create temporary file: Read-only file system",
    ],
)
def test_a_folder_that_cannot_be_written_to(said):
    error = failure("lib", PATH, said, network=True)

    assert type(error) is SettingsError
    assert "cannot write to /data/mirrors" in str(error)


@pytest.mark.parametrize("said", NO_ANSWER + REFUSED)
def test_the_network_is_never_to_blame_for_a_mirror_on_our_disk(said):
    assert type(failure("lib", PATH, said, network=False)) is SourceCorrupt


@given(st.text(), st.booleans())
def test_a_message_is_one_line_of_bounded_length_that_names_the_repository(said, network):
    message = str(failure("lib", PATH, said, network=network))

    assert len(message.splitlines()) == 1
    assert message.startswith("lib: ")
    assert len(message) < 500


def test_the_telling_line_is_repeated_without_its_prefixes():
    said = "remote: error: GH000: something\nremote: fatal: Repository not found.\nfatal: the rest"

    assert "(Repository not found.)" in str(failure("lib", PATH, said, network=True))


def test_secrets_and_user_information_are_blotted_out():
    said = "fatal: Authentication failed for 'https://ann:s3cret@github.com/o/lib.git/' (token ghp_1)"

    message = str(failure("lib", PATH, said, network=True, secrets=["ghp_1"]))

    assert "'https://***@github.com/o/lib.git/' (token ***)" in message


def test_what_is_no_secret_is_kept():
    assert redact("https://github.com/o@x ann@example.org") == "https://github.com/o@x ann@example.org"


@pytest.mark.parametrize(
    ("url", "token", "kept", "credentials"),
    [
        ("https://github.com/boostorg", None, "https://github.com/boostorg", None),
        ("https://github.com/boostorg", "t", "https://github.com/boostorg", "x-access-token:t"),
        ("https://ann:pw@h:1/x", None, "https://h:1/x", "ann:pw"),
        ("https://ann:p%40w@h/x", None, "https://h/x", "ann:p@w"),
        ("https://ann:p@w@h/x", None, "https://h/x", "ann:p@w"),
        ("https://tok@h/x", None, "https://h/x", "tok:"),
        ("https://ann:pw@h/x", "t", "https://h/x", "x-access-token:t"),
        ("https://h/x@y", None, "https://h/x@y", None),
        ("file:///srv/git", "t", "file:///srv/git", None),
        ("git@github.com:boostorg", "t", "git@github.com:boostorg", None),
        ("ssh://git@github.com/boostorg", None, "ssh://git@github.com/boostorg", None),
    ],
)
def test_what_a_url_and_a_token_tell_of_a_host(url, token, kept, credentials):
    host = Host.read(url, token)

    assert (host.url, host.credentials) == (kept, credentials)
    assert credentials is None or credentials not in repr(host)
