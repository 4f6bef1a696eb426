"""What is bundled: the vendored files are those that their note names, and nothing of ours asks for a network."""

import hashlib
import re
from pathlib import Path

from boost_pipeline.reports import site

ASSETS = Path(site.__file__).parent / "assets"


def test_the_vendored_files_are_what_their_note_says():
    note = (ASSETS / "vendor" / "README.txt").read_text()
    named = dict(re.findall(r"^(\S+\.js).*\n\s+sha256 ([0-9a-f]{64})", note, re.MULTILINE))

    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (ASSETS / "vendor").glob("*.js")}

    assert named == found
    assert len(list((ASSETS / "vendor").glob("*.LICENSE.txt"))) == len(found)


def test_our_scripts_and_styles_name_no_host():
    for path in [*ASSETS.glob("*.js"), *ASSETS.glob("*.css")]:
        hosts = re.findall(r"(?:https?:)?//[\w.-]+\.\w+/\S*", path.read_text())
        assert [host for host in hosts if "www.w3.org" not in host] == [], path.name
