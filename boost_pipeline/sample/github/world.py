"""What happens to issues, pull requests and discussions of the emulated GitHub.

Each method is one thing that a person does on the web site; it leaves the timeline event that GitHub writes, and
moves `updated_at` where GitHub moves it. What GitHub's documentation does not say is decided for the worse, so that
a collector that passes here does not rely on it:

- a comment that is edited, a reference from elsewhere, and a renamed label or login do not touch the item
  (`edits_touch=True` lets edited comments do so);
- a transferred issue gets a new id, node id and number, its comments keep theirs, and labels that the target does
  not have are lost;
- a deleted comment leaves an event, a deleted issue leaves nothing but 410.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha1

from boost_pipeline.sample.github.changes import Changes
from boost_pipeline.sample.github.conversation import Conversation
from boost_pipeline.sample.github.ledger import Who
from boost_pipeline.sample.github.model import Commit, Discussion, Gap, Issue, Item, PullRequest
from boost_pipeline.sample.github.registry import act
from boost_pipeline.sample.github.triage import Triage


class World(Conversation, Triage, Changes):
    """All that there is; repositories are named without their owner, people by login or id."""

    def __init__(self, now: datetime, owner: str = "boostorg", *, edits_touch: bool = False) -> None:
        super().__init__(now, owner)
        self.edits_touch = edits_touch

    @act
    def add_issue(
        self,
        repository: str,
        title: str,
        author: Who,
        *,
        body: str = "",
        labels: Sequence[str] = (),
        association: str = "NONE",
        number: int | None = None,
    ) -> Issue:
        """Open an issue; `number` only where the script knows it."""
        state = self.repository(repository)
        issue = Issue(
            id=self.new_id(),
            repository=state.facts.id,
            number=number or state.next_number,
            title=title,
            body=body,
            author=self.id_of(author),
            association=association,
            created_at=self.now,
            updated_at=self.now,
        )
        self._put(state, issue)
        for name in labels:
            self._label(state, issue.number, name, author)
        return issue

    @act
    def add_pull_request(
        self,
        repository: str,
        title: str,
        author: Who,
        *,
        body: str = "",
        head: str = "topic",
        draft: bool = False,
        commits: Sequence[Commit] = (),
        size: tuple[int, int, int] = (10, 2, 1),
        association: str = "NONE",
        number: int | None = None,
    ) -> PullRequest:
        """Open a pull request.

        `head` is a branch, or "owner:branch" where the fork is not the author's; `commits` are oldest first, and one
        is made up where there are none; `size` is lines added, lines deleted, files.
        """
        state = self.repository(repository)
        owner = self.account(self.id_of(author))
        fork, _, branch = head.rpartition(":")
        if owner and not fork:
            # A bot has no fork: its branches are in the repository itself.
            fork = state.facts.owner if owner.kind == "Bot" else owner.login
        number = number or state.next_number
        commits = commits or [self._make_commit(state, author, f"{title}\n\n{number}")]
        pull = PullRequest(
            id=self.new_id(),
            pull_id=self.new_id(),
            repository=state.facts.id,
            number=number,
            title=title,
            body=body,
            author=owner.id if owner else None,
            association=association,
            created_at=self.now,
            updated_at=self.now,
            base_ref=state.facts.default_branch,
            base_sha=commits[0].parents[0] if commits[0].parents else sha1(b"base", usedforsecurity=False).hexdigest(),
            head_ref=branch,
            head_sha=commits[-1].sha,
            head_owner=fork or None,
            is_draft=draft,
            additions=size[0],
            deletions=size[1],
            changed_files=size[2],
            commits=len(commits),
        )
        self._put(state, pull)
        for commit in commits:
            state.commits[commit.sha] = commit
            self._event(state, number, "committed", author, commit=commit.sha)
        return pull

    @act
    def edit_item(self, repository: str, number: int, actor: Who, *, title: str = "", body: str = "") -> Item:
        """Change title or body."""
        state, item = self.repository(repository), self.item(repository, number)
        if title:
            self._event(state, number, "renamed", actor, before=item.title, after=title)
        return self._touch(state, number, title=title or item.title, body=body or item.body, edited_at=self.now)

    @act
    def delete(self, repository: str, number: int) -> None:
        """Delete an issue."""
        state = self.repository(repository)
        self._forget(state, number, Gap("deleted"))

    @act
    def transfer(self, repository: str, number: int, target: str, actor: Who) -> Issue:
        """Move an issue to another repository."""
        here, there, issue = self.repository(repository), self.repository(target), self.item(repository, number)
        moved = replace(
            issue,
            id=self.new_id(),
            repository=there.facts.id,
            number=there.next_number,
            updated_at=self.now,
            milestone=None,
            labels=tuple(label.id for key in issue.labels if (label := there.label(here.labels[key].name)) is not None),
        )
        self._put(there, moved)
        for comment in here.comments.of(number):
            there.comments.put(replace(comment, repository=there.facts.id, number=moved.number))
        for event in here.events.of(number):
            if event.kind not in ("labeled", "unlabeled", "milestoned", "demilestoned"):
                there.events.put(replace(event, repository=there.facts.id, number=moved.number))
        self._event(there, moved.number, "transferred", actor, other=(here.facts.id, number))
        self._forget(here, number, Gap("transferred", (there.facts.id, moved.number)))
        return moved

    @act
    def convert_to_discussion(self, repository: str, number: int, actor: Who, *, as_before_2022: bool = False) -> int:
        """Turn an issue into a discussion and return its number.

        Today the issue stays, closed and locked, and the discussion has a number of its own. Until the end of 2021
        the issue went away and the discussion took over its number (`as_before_2022`).
        """
        state, item = self.repository(repository), self.item(repository, number)
        if as_before_2022:
            self._forget(state, number, None)
        told = Discussion(
            id=self.new_id(),
            repository=state.facts.id,
            number=number if as_before_2022 else state.next_number,
            title=item.title,
            body=item.body,
            author=item.author,
            created_at=item.created_at,
            updated_at=self.now,
        )
        state.discussions[told.number] = told
        if not as_before_2022:
            self._event(state, number, "converted_to_discussion", actor, other=(state.facts.id, told.number))
            self._touch(state, number, state="closed", locked=True, closed_at=self.now, closed_by=self.id_of(actor))
        state.changed()
        return told.number

    @act
    def add_discussion(
        self, repository: str, title: str, author: Who, *, body: str = "", number: int | None = None
    ) -> Discussion:
        """Start a discussion."""
        state = self.repository(repository)
        told = Discussion(
            id=self.new_id(),
            repository=state.facts.id,
            number=number or state.next_number,
            title=title,
            body=body,
            author=self.id_of(author),
            created_at=self.now,
            updated_at=self.now,
        )
        state.discussions[told.number] = told
        state.changed()
        return told
