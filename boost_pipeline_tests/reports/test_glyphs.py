"""The fonts that travel with us: what they show is listed, they are small, and their licence is beside them."""

import re

import pytest
from fontTools.ttLib import TTFont

from boost_pipeline.reports.glyphs import FONTS, lacking, spelled

FILES = sorted(FONTS.glob("*.ttf"))
COVERAGE = FONTS / "coverage.txt"


def characters() -> list[int]:
    """Return the code points from the space on that every font has a glyph for."""
    found = []
    for path in FILES:
        with TTFont(path) as font:
            found.append({code for code, name in font.getBestCmap().items() if font.getGlyphID(name) and code >= 0x20})
    return sorted(set.intersection(*found))


def ranges(codes: list[int]) -> str:
    """Return ascending code points as one range a line."""
    spans: list[list[int]] = []
    for code in codes:
        if spans and code == spans[-1][1] + 1:
            spans[-1][1] = code
        else:
            spans.append([code, code])
    return "".join(f"{first:04X}-{last:04X}\n" for first, last in spans)


def test_the_list_is_what_the_fonts_have():
    assert COVERAGE.read_text() == ranges(characters())


@pytest.mark.parametrize(("script", "sample"), [
    ("Latin", "Größe, Æneïd, Łódź, İstanbul, Phạm Nguyễn"),
    ("Greek", "Ελληνικά, ἀρχή"),
    ("Cyrillic", "Пётр Димов, Ђорђе"),
    ("signs", "→ ▲ ▼ – — … ≥ × − • “ ”"),
])  # fmt: skip
def test_these_scripts_can_be_shown(script, sample):
    assert lacking(sample) == []
    assert spelled(sample) == sample


def test_what_has_no_glyph_is_spelled_and_counted_once():
    assert spelled("a 漢字 b 🙂🙂") == "a [U+6F22 U+5B57] b [U+1F642 U+1F642]"
    assert lacking("漢 🙂🙂") == ["漢", "🙂"]


def test_a_line_break_is_no_character_to_show():
    assert spelled("a\nb") == "a\nb"


def test_they_are_at_most_5_mb_with_their_licence_beside_them():
    assert sum(path.stat().st_size for path in FONTS.iterdir()) < 5 << 20
    licence = (FONTS / "LICENSE.txt").read_text()
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert set(re.findall(r"\S+\.ttf", licence)) == {path.name for path in FILES}


if __name__ == "__main__":
    COVERAGE.write_text(ranges(characters()))
