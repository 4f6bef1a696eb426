"""What every section of a dossier is told: the release, its numbers, and how to ask for more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from boost_pipeline.reports.dossier.reading import Reader, counted, listed

_LEFT_OUT: Final = {
    "merges": ("merge", "merges"),
    "bots": ("commit of bots", "commits of bots"),
    "brought": ("commit that new modules brought", "commits that new modules brought"),
    "superproject": ("commit of the superproject", "commits of the superproject"),
    "unreachable": ("commit that no branch holds any more", "commits that no branch holds any more"),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """A release: the row of release_window, that of release_figures, and what release_left_out counts."""

    reader: Reader
    window: Mapping[str, Any]
    figures: Mapping[str, Any]
    left_out: Mapping[str, int]

    @property
    def tag(self) -> str:
        """The tag, or the name of the head."""
        return str(self.window["tag"])

    @property
    def since(self) -> str:
        """With what it is compared, as the end of a sentence."""
        return f"compared with {self.window['previous_tag']} of {self.window['from_day']}"

    @property
    def places_commits(self) -> bool:
        """Whether commits can be told to be this release's."""
        return self.figures["commits"] is not None

    @property
    def no_commits(self) -> str:
        """Why they cannot; nothing where they can."""
        if self.places_commits:
            return ""
        if self.window["kind"] in ("stable", "head"):
            return "No commit was collected yet: run boost-pipeline collect run_boost_github_activity_tracker."
        return "Commits are placed by stable releases: those of a beta or candidate are in the stable one's dossier."

    @property
    def commit_basis(self) -> str:
        """From how many commits, and what was left out."""
        if not self.places_commits:
            return ""
        counts = [counted(self.left_out[what], *_LEFT_OUT[what]) for what in _LEFT_OUT if self.left_out.get(what)]
        which = (
            "commits on default branches that no stable release contains"
            if self.window["kind"] == "head"
            else "commits that this release contains and no earlier stable one does"
        )
        return (
            f"{counted(self.figures['commits'], 'commit')} of "
            f"{counted(self.figures['repositories'], 'repository', 'repositories')}: {which}. "
            f"Left out: {listed(counts) or 'nothing'}."
        )
