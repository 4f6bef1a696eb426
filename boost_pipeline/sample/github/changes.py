"""What happens to pull requests alone: commits, force pushes, drafts, requests for review, merges."""

from __future__ import annotations

from dataclasses import replace

from boost_pipeline.sample.github.ledger import Ledger, Who
from boost_pipeline.sample.github.model import Commit, Item, PullRequest
from boost_pipeline.sample.github.registry import act


class Changes(Ledger):
    """Pull requests of a world."""

    @act
    def push(self, repository: str, number: int, author: Who, *, commit: Commit | None = None) -> PullRequest:
        """Add a commit to a pull request."""
        state, pull = self.repository(repository), self.pull(repository, number)
        commit = commit or self._make_commit(state, author, f"Work on #{number} after {pull.head_sha}")
        state.commits[commit.sha] = commit
        self._event(state, number, "committed", author, commit=commit.sha)
        self._touch(state, number, head_sha=commit.sha, commits=pull.commits + 1)
        return self.pull(repository, number)

    @act
    def force_push(self, repository: str, number: int, actor: Who) -> PullRequest:
        """Replace the commits of a pull request by one other; inline comments on them are outdated."""
        state, pull = self.repository(repository), self.pull(repository, number)
        commit = self._make_commit(state, actor, f"Work on #{number} instead of {pull.head_sha}")
        state.commits[commit.sha] = commit
        for event in state.events.of(number):
            if event.kind == "committed":
                state.events.take(event.id)
        self._event(
            state, number, "head_ref_force_pushed", actor, before=pull.head_sha, after=commit.sha, commit=commit.sha
        )
        self._event(state, number, "committed", actor, commit=commit.sha)
        for comment in state.review_comments.of(number):
            state.review_comments.put(replace(comment, line=None))
        self._touch(state, number, head_sha=commit.sha, commits=1)
        return self.pull(repository, number)

    @act
    def merge(self, repository: str, number: int, actor: Who, *, sha: str | None = None) -> PullRequest:
        """Merge a pull request, as the commit `sha` where it is known."""
        state, pull = self.repository(repository), self.pull(repository, number)
        if sha is None:
            commit = self._make_commit(state, actor, f"Merge pull request #{number}\n\n{pull.title}")
            state.commits[commit.sha] = commit
            sha = commit.sha
        self._event(state, number, "merged", actor, commit=sha)
        self._event(state, number, "closed", actor)
        self._set(state, pushed_at=self.now)
        self._touch(
            state,
            number,
            state="closed",
            closed_at=self.now,
            closed_by=self.id_of(actor),
            merged_at=self.now,
            merged_by=self.id_of(actor),
            merge_commit_sha=sha,
        )
        return self.pull(repository, number)

    @act
    def request_review(self, repository: str, number: int, who: Who, actor: Who) -> Item:
        """Ask somebody for a review."""
        state, pull, account = self.repository(repository), self.pull(repository, number), self._id(who)
        self._event(state, number, "review_requested", actor, account=account)
        return self._touch(state, number, reviewers=(*pull.reviewers, account))

    @act
    def convert_to_draft(self, repository: str, number: int, actor: Who) -> Item:
        """Make a pull request a draft."""
        state = self.repository(repository)
        self._event(state, number, "convert_to_draft", actor)
        return self._touch(state, number, is_draft=True)

    @act
    def ready_for_review(self, repository: str, number: int, actor: Who) -> Item:
        """Make a draft a pull request that can be merged."""
        state = self.repository(repository)
        self._event(state, number, "ready_for_review", actor)
        return self._touch(state, number, is_draft=False)

    @act
    def delete_fork(self, repository: str, number: int) -> None:
        """Delete the repository that a pull request came from; the pull request is not touched."""
        state, pull = self.repository(repository), self.pull(repository, number)
        state.items[number] = replace(pull, head_owner=None)
        state.changed()
