"""How REST shows what people wrote: comments, reviews, inline comments, and commits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC

from boost_pipeline.sample.github.ids import node_id
from boost_pipeline.sample.github.model import Comment, Commit, PullRequest, Review, ReviewComment, Signature
from boost_pipeline.sample.github.payloads import Json, Payloads, time
from boost_pipeline.sample.github.repository import RepositoryState
from boost_pipeline.sample.github.world import World


class RemarkPayloads:
    """The JSON of comments, reviews and commits of a world."""

    def __init__(self, world: World, shared: Payloads) -> None:
        self._world = world
        self._shared = shared

    def comment(self, state: RepositoryState, comment: Comment) -> Json:
        """Return a comment on an item."""
        at = self._shared.at(state.facts)
        kind = "pull" if isinstance(state.items[comment.number], PullRequest) else "issues"
        page = f"https://github.com/{state.facts.full_name}/{kind}/{comment.number}"
        return {
            "id": comment.id,
            "node_id": comment.node_id,
            "url": f"{at}/issues/comments/{comment.id}",
            "html_url": f"{page}#issuecomment-{comment.id}",
            "issue_url": f"{at}/issues/{comment.number}",
            "body": comment.body,
            "user": self._shared.by(comment.author),
            "created_at": time(comment.created_at),
            "updated_at": time(comment.updated_at),
            "author_association": comment.association,
            "reactions": self._shared.reactions(f"{at}/issues/comments/{comment.id}"),
            "performed_via_github_app": None,
        }

    def review(self, state: RepositoryState, review: Review) -> Json:
        """Return a review."""
        pull_url = f"{self._shared.at(state.facts)}/pulls/{review.number}"
        page = f"https://github.com/{state.facts.full_name}/pull/{review.number}#pullrequestreview-{review.id}"
        told = {
            "id": review.id,
            "node_id": review.node_id,
            "user": self._shared.by_or_null(review.author),
            "body": review.body,
            "state": review.state,
            "html_url": page,
            "pull_request_url": pull_url,
            "author_association": review.association,
            "_links": {"html": {"href": page}, "pull_request": {"href": pull_url}},
            "commit_id": review.commit,
        }
        return told | ({"submitted_at": time(review.submitted_at)} if review.submitted_at else {})

    def review_comment(self, state: RepositoryState, comment: ReviewComment) -> Json:
        """Return an inline comment."""
        at = self._shared.at(state.facts)
        url, pull_url = f"{at}/pulls/comments/{comment.id}", f"{at}/pulls/{comment.number}"
        page = f"https://github.com/{state.facts.full_name}/pull/{comment.number}#discussion_r{comment.id}"
        told = {
            "id": comment.id,
            "node_id": comment.node_id,
            "url": url,
            "html_url": page,
            "pull_request_url": pull_url,
            "pull_request_review_id": comment.review,
            "diff_hunk": comment.diff_hunk,
            "path": comment.path,
            "position": 1 if comment.line else None,
            "original_position": 1,
            "line": comment.line,
            "original_line": comment.original_line,
            "start_line": None,
            "original_start_line": None,
            "start_side": None,
            "side": "RIGHT",
            "subject_type": "line",
            "commit_id": comment.commit,
            "original_commit_id": comment.original_commit,
            "user": self._shared.by_or_null(comment.author),
            "body": comment.body,
            "created_at": time(comment.created_at),
            "updated_at": time(comment.updated_at),
            "author_association": comment.association,
            "reactions": self._shared.reactions(url),
            "_links": {
                name: {"href": href} for name, href in (("self", url), ("html", page), ("pull_request", pull_url))
            },
        }
        return told | ({"in_reply_to_id": comment.in_reply_to} if comment.in_reply_to else {})

    # ---- commits ----

    def commit(self, state: RepositoryState, commit: Commit) -> Json:
        """Return a commit, with the accounts that its addresses belong to."""
        at, page = self._shared.at(state.facts), f"https://github.com/{state.facts.full_name}"
        return {
            "sha": commit.sha,
            "node_id": commit.node_id,
            "commit": self.git_commit(state, commit) | {"comment_count": 0},
            "url": f"{at}/commits/{commit.sha}",
            "html_url": f"{page}/commit/{commit.sha}",
            "comments_url": f"{at}/commits/{commit.sha}/comments",
            "author": self._by_email(commit.author.email),
            "committer": self._by_email(commit.committer.email),
            "parents": self.parents(state, commit),
            "stats": {"total": 0, "additions": 0, "deletions": 0},
            "files": [],
        }

    def git_commit(self, state: RepositoryState, commit: Commit) -> Json:
        """Return what git says of a commit."""
        at = self._shared.at(state.facts)
        tree = node_id("T", state.facts.id, commit.sha).encode().hex()[:40].ljust(40, "0")
        return {
            "url": f"{at}/git/commits/{commit.sha}",
            "author": _signed(commit.author),
            "committer": _signed(commit.committer),
            "message": commit.message,
            "tree": {"sha": tree, "url": f"{at}/git/trees/{tree}"},
            "verification": {
                "verified": False,
                "reason": "unsigned",
                "signature": None,
                "payload": None,
                "verified_at": None,
            },
        }

    def parents(self, state: RepositoryState, commit: Commit) -> list[Json]:
        """Return the parents of a commit."""
        at, page = self._shared.at(state.facts), f"https://github.com/{state.facts.full_name}"
        return [
            {"sha": sha, "url": f"{at}/commits/{sha}", "html_url": f"{page}/commit/{sha}"} for sha in commit.parents
        ]

    def _by_email(self, email: str) -> Json | None:
        account = self._world.email(email)
        return self._shared.user(account) if account else None


def _signed(who: Signature) -> Mapping[str, str | None]:
    return {"name": who.name, "email": who.email, "date": time(who.at.astimezone(UTC))}
