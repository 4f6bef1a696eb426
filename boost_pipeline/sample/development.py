"""How a library's repository comes about: routine work, pull requests, metadata, releases cut from master.

What happens once in one library is a chapter of its own in `chapters`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from boost_pipeline.sample import content
from boost_pipeline.sample import people as who
from boost_pipeline.sample.content import choose
from boost_pipeline.sample.history import Branch, File, History
from boost_pipeline.sample.metadata import Document
from boost_pipeline.sample.modules import Module
from boost_pipeline.sample.people import Person
from boost_pipeline.sample.releases import MODULAR, Release

_EDITS: tuple[tuple[str, Callable[[str, File, int], File]], ...] = (
    ("Add an overload to {}", content.add_function),
    ("Cover one more case in {}", content.add_function),
    ("Extend {}", content.add_function),
    ("Fix a warning in {}", content.change_function),
    ("Remove dead code from {}", content.drop_function),
)
_FORKS = ("mustermann", "fulano-sample", "tarosample", "janedoe")


class Development:
    """The work on one library; the history grows with each call."""

    def __init__(self, module: Module, history: History | None = None) -> None:
        self.module = module
        self.history = history or History(module.default_branch)
        self.develop = Branch(self.history, "develop")

    def start(self, files: Mapping[str, tuple[str, ...]], when: datetime) -> None:
        """Make the first commit of develop: a root, or on top of what the history already holds."""
        name = self.module.repository
        self.develop.files["README.md"] = content.text(
            f"# {name} (a sample)", "", "Made by code for a demo and for tests. Not the Boost library of that name."
        )
        self.develop.files["doc/index.html"] = content.text(
            "<html><body>", f"Sample documentation: {name}", "</body></html>"
        )
        self._put(files)
        self.develop.commit("Initial commit", self.module.people[0].at(when))

    def add_files(self, files: Mapping[str, tuple[str, ...]], when: datetime) -> None:
        """Add files on develop."""
        self._put(files)
        author = choose(self.module.people, "files", when)
        self.develop.commit(f"Add {', '.join(path.rpartition('/')[2] for path in files)}", author.at(when))

    def _put(self, files: Mapping[str, tuple[str, ...]]) -> None:
        for path, includes in files.items():
            self.develop.files[path] = content.code(path, includes)

    def describe(self, documents: Mapping[str, Document], release: str, when: datetime) -> None:
        """Write the metadata files that a release is to have."""
        for path, document in documents.items():
            self.develop.files[path] = File(document.text.encode())
        self.develop.commit(f"Update metadata for {release}", who.MANAGER.at(when))

    def routine(self, number: int, when: datetime) -> None:
        """Do one step of work: an edit for the most part; after Subversion also branches and pull requests."""
        if when < MODULAR:
            self.edit(self.develop, number, when)
        elif number % 9 == 4:
            self.pull_request(number, when)
        elif number % 13 == 6:
            self.feature(number, when)
        elif number % 17 == 8:
            self.edit(
                self.develop, number, when, written=when - timedelta(days=45), subject=f"Rebased work (#{number})"
            )
        else:
            self.edit(self.develop, number, when)

    def edit(
        self,
        branch: Branch,
        number: int,
        when: datetime,
        *,
        author: Person | None = None,
        written: datetime | None = None,
        subject: str | None = None,
    ) -> None:
        """Edit one file, at times several, and commit; what was written earlier is committed by somebody else."""
        key = (self.module.repository, number)
        paths = sorted(path for path, file in branch.files.items() if content.is_code(path, file))
        chosen = {choose(paths, "path", *key)}
        if number % 10 == 3:
            chosen |= {choose(paths, "second path", *key), choose(paths, "third path", *key)}
        words, change = choose(_EDITS, "edit", *key)
        for path in chosen:
            branch.files[path] = change(path, branch.files[path], number)
        author = author or choose(self.module.people, "author", *key)
        words = subject or words.format(min(chosen).rpartition("/")[2])
        committer = choose(self.module.people, "committer", *key).at(when) if written else None
        branch.commit(words, author.at(written or when), committer=committer)

    def pull_request(self, number: int, when: datetime) -> None:
        """Merge a pull request that was written some weeks ago, while develop went on."""
        author = choose((who.FULANO, who.TARO, who.JUERGEN, who.JANE_AT_HOME), self.module.repository, number)
        topic = Branch(self.history, f"pull/{number}", self.develop.tip)
        path = f"test/pull_{number}.cpp"
        topic.files[path] = content.code(path, ("boost/config.hpp",))
        topic.commit(f"Add a test for issue {number + 1}", author.at(when - timedelta(days=20)))
        topic.files[path] = content.add_function(path, topic.files[path], number)
        topic.commit(f"Cover the other branch, fixes #{number + 1}", author.at(when - timedelta(days=19)))
        self.edit(self.develop, number, when - timedelta(days=1))
        fork = choose(_FORKS, author.name)
        message = f"Merge pull request #{number} from {fork}/issue-{number + 1}\n\nAdd a test for issue {number + 1}"
        self.develop.merge(topic, message, self.module.people[0].at(when), committer=who.WEB.at(when))
        topic.delete()

    def feature(self, number: int, when: datetime) -> None:
        """Merge a feature branch of a maintainer, without fast-forward."""
        author = choose(self.module.people, "feature", self.module.repository, number)
        topic = Branch(self.history, f"feature/{number}", self.develop.tip)
        self.edit(topic, number * 1000, when - timedelta(days=3), author=author)
        self.edit(topic, number * 1000 + 1, when - timedelta(days=2), author=author)
        self.develop.merge(topic, f"Merge branch 'feature/{number}' into develop", author.at(when))
        topic.delete()

    def cut(self, release: Release) -> str:
        """Bring develop to master, tag it, and return the commit that the superproject is to pin."""
        tip = self.develop.tip
        assert tip is not None
        master = Branch(self.history, "master")
        if release.cut < MODULAR or master.tip is None:
            master = Branch(self.history, "master", tip)
        elif tip not in self.history.reachable([master.tip]):
            master.files = dict(self.develop.files)
            master.commit(f"Merge branch 'develop' for {release.tag}", who.MANAGER.at(release.cut), merge=tip)
        pinned = master.tip
        assert pinned is not None
        self.history.tag(release.tag, pinned)
        return pinned
