"""What people say on items: comments, and reviews with inline comments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from boost_pipeline.sample.github.ledger import Ledger, Who, must
from boost_pipeline.sample.github.model import Comment, Review, ReviewComment
from boost_pipeline.sample.github.registry import act
from boost_pipeline.sample.github.repository import RepositoryState

_MENTION: Final = re.compile(r"(?<![\w/])@([A-Za-z0-9-]+)")


class Conversation(Ledger):
    """Comments and reviews of a world."""

    @act
    def comment(self, repository: str, number: int, author: Who, body: str, *, association: str = "NONE") -> Comment:
        """Comment on an item; each `@login` in the text leaves the events that GitHub writes for it."""
        state = self.repository(repository)
        self._touch(state, number)
        comment = Comment(
            id=self.new_id(),
            repository=state.facts.id,
            number=number,
            author=self.id_of(author),
            body=body,
            created_at=self.now,
            updated_at=self.now,
            association=association,
        )
        for login in dict.fromkeys(_MENTION.findall(body)):
            if mentioned := self.login(login):
                self._event(state, number, "mentioned", mentioned.id)
                self._event(state, number, "subscribed", mentioned.id)
        return state.comments.put(comment)

    @act
    def edit_comment(self, repository: str, comment: int, body: str) -> Comment:
        """Change the text of a comment, however old it is."""
        state = self.repository(repository)
        found = must(state.comments.find(comment), f"{repository} has no comment {comment}.")
        self._edited(state, found.number)
        return state.comments.put(replace(found, body=body, updated_at=self.now, edited_at=self.now))

    @act
    def delete_comment(self, repository: str, comment: int, actor: Who) -> None:
        """Delete a comment."""
        state = self.repository(repository)
        found = must(state.comments.take(comment), f"{repository} has no comment {comment}.")
        self._event(state, found.number, "comment_deleted", actor, account=found.author)
        self._touch(state, found.number)

    @act
    def review(
        self,
        repository: str,
        number: int,
        author: Who,
        verdict: str,
        body: str = "",
        *,
        lines: Sequence[tuple[str, int, str]] = (),
        association: str = "MEMBER",
    ) -> Review:
        """Submit a review (or, with the verdict PENDING, only write it) with inline comments: path, line, text."""
        state, pull = self.repository(repository), self.pull(repository, number)
        submitted = None if verdict == "PENDING" else self.now
        review = Review(
            id=self.new_id(),
            repository=state.facts.id,
            number=number,
            author=self.id_of(author),
            body=body,
            state=verdict,
            commit=pull.head_sha,
            created_at=self.now,
            updated_at=self.now,
            submitted_at=submitted,
            association=association,
        )
        state.reviews.put(review)
        for path, line, text in lines:
            self._inline(state, review, path, line, text)
        if submitted:
            asked = tuple(asked for asked in pull.reviewers if asked != review.author)
            self._touch(state, number, reviewers=asked)
        return review

    @act
    def reply(self, repository: str, review_comment: int, author: Who, body: str) -> ReviewComment:
        """Answer an inline comment; GitHub makes a review of it that has no words of its own."""
        state = self.repository(repository)
        first = must(state.review_comments.find(review_comment), f"{repository} has no comment {review_comment}.")
        pull = self.pull(repository, first.number)
        review = Review(
            id=self.new_id(),
            repository=state.facts.id,
            number=first.number,
            author=self.id_of(author),
            body="",
            state="COMMENTED",
            commit=pull.head_sha,
            created_at=self.now,
            updated_at=self.now,
            submitted_at=self.now,
        )
        state.reviews.put(review)
        self._touch(state, first.number)
        top = first.in_reply_to or first.id
        return self._inline(state, review, first.path, first.line, body, in_reply_to=top)

    @act
    def edit_review_comment(self, repository: str, comment: int, body: str) -> ReviewComment:
        """Change the text of an inline comment."""
        state = self.repository(repository)
        found = must(state.review_comments.find(comment), f"{repository} has no review comment {comment}.")
        self._edited(state, found.number)
        return state.review_comments.put(replace(found, body=body, updated_at=self.now, edited_at=self.now))

    @act
    def dismiss_review(self, repository: str, review: int, actor: Who, message: str) -> Review:
        """Take a verdict out of force."""
        state = self.repository(repository)
        found = must(state.reviews.find(review), f"{repository} has no review {review}.")
        self._event(state, found.number, "review_dismissed", actor, review=review, before=found.state, text=message)
        self._touch(state, found.number)
        return state.reviews.put(replace(found, state="DISMISSED", updated_at=self.now))

    def _inline(
        self, state: RepositoryState, review: Review, path: str, line: int | None, body: str, **more: Any
    ) -> ReviewComment:
        comment = ReviewComment(
            id=self.new_id(),
            repository=state.facts.id,
            number=review.number,
            review=review.id,
            author=review.author,
            body=body,
            path=path,
            line=line,
            original_line=line or 1,
            commit=review.commit,
            original_commit=review.commit,
            created_at=self.now,
            updated_at=self.now,
            association=review.association,
            **more,
        )
        return state.review_comments.put(comment)
