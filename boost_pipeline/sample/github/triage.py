"""What maintainers do to items: label, assign, plan, close, lock; and references from elsewhere."""

from __future__ import annotations

from dataclasses import replace

from boost_pipeline.sample.github.ledger import Ledger, Who, must
from boost_pipeline.sample.github.model import Item, Label, Milestone, PullRequest
from boost_pipeline.sample.github.registry import act


class Triage(Ledger):
    """Labels, assignments, milestones, states and references of a world."""

    @act
    def label(self, repository: str, number: int, name: str, actor: Who) -> Item:
        """Put a label on an item; the repository gets it if it is new."""
        return self._label(self.repository(repository), number, name, actor)

    @act
    def unlabel(self, repository: str, number: int, name: str, actor: Who) -> Item:
        """Take a label off an item."""
        state, item = self.repository(repository), self.item(repository, number)
        label = must(state.label(name), f"{repository} has no label {name!r}.")
        self._event(state, number, "unlabeled", actor, label=label.id)
        return self._touch(state, number, labels=tuple(key for key in item.labels if key != label.id))

    @act
    def rename_label(self, repository: str, name: str, new: str) -> Label:
        """Rename a label wherever it is; no item is touched, and the timelines say the new name."""
        state = self.repository(repository)
        label = must(state.label(name), f"{repository} has no label {name!r}.")
        state.labels[label.id] = renamed = replace(label, name=new)
        state.changed()
        return renamed

    @act
    def assign(self, repository: str, number: int, who: Who, actor: Who) -> Item:
        """Make somebody responsible."""
        state, item, account = self.repository(repository), self.item(repository, number), self._id(who)
        self._event(state, number, "assigned", actor, account=account)
        return self._touch(state, number, assignees=(*item.assignees, account))

    @act
    def unassign(self, repository: str, number: int, who: Who, actor: Who) -> Item:
        """Make somebody responsible no longer."""
        state, item, account = self.repository(repository), self.item(repository, number), self._id(who)
        self._event(state, number, "unassigned", actor, account=account)
        return self._touch(state, number, assignees=tuple(key for key in item.assignees if key != account))

    @act
    def milestone(self, repository: str, number: int, title: str, actor: Who) -> Item:
        """Plan an item for a milestone; the repository gets it if it is new."""
        state = self.repository(repository)
        found = next((known for known in state.milestones.values() if known.title == title), None)
        if found is None:
            count = len(state.milestones) + 1
            found = Milestone(self.new_id(), state.facts.id, count, title, self.now, self.id_of(actor))
            state.milestones[found.id] = found
        self._event(state, number, "milestoned", actor, text=title)
        return self._touch(state, number, milestone=found.id)

    @act
    def close(
        self, repository: str, number: int, actor: Who, reason: str | None = "completed", *, by_pull: int | None = None
    ) -> Item:
        """Close an item; pull requests have no reason. `by_pull` is the pull request whose merge closed an issue."""
        state, item = self.repository(repository), self.item(repository, number)
        reason = None if isinstance(item, PullRequest) else reason
        closer = (state.facts.id, by_pull) if by_pull else None
        self._event(state, number, "closed", actor, text=reason, other=closer)
        return self._touch(
            state, number, state="closed", state_reason=reason, closed_at=self.now, closed_by=self.id_of(actor)
        )

    @act
    def reopen(self, repository: str, number: int, actor: Who) -> Item:
        """Open an item again."""
        state, item = self.repository(repository), self.item(repository, number)
        reason = None if isinstance(item, PullRequest) else "reopened"
        self._event(state, number, "reopened", actor, text=reason)
        return self._touch(state, number, state="open", state_reason=reason, closed_at=None, closed_by=None)

    @act
    def lock(self, repository: str, number: int, actor: Who, reason: str | None = None) -> Item:
        """Let only members comment: off-topic, too heated, resolved, spam, or for no given reason."""
        state = self.repository(repository)
        self._event(state, number, "locked", actor, text=reason)
        return self._touch(state, number, locked=True, lock_reason=reason)

    @act
    def unlock(self, repository: str, number: int, actor: Who) -> Item:
        """Let everybody comment again."""
        state = self.repository(repository)
        self._event(state, number, "unlocked", actor)
        return self._touch(state, number, locked=False, lock_reason=None)

    @act
    def mention(self, repository: str, number: int, source: tuple[str, int], actor: Who) -> None:
        """Name an item in another one: a cross-reference, which does not touch the item."""
        state = self.repository(repository)
        other = (self.repository(source[0]).facts.id, source[1])
        self._event(state, number, "cross-referenced", actor, other=other)

    @act
    def reference(self, repository: str, number: int, sha: str, actor: Who) -> None:
        """Name an item in the message of a pushed commit."""
        self._event(self.repository(repository), number, "referenced", actor, commit=sha)
