"""What GitHub keeps, as values: accounts, repositories, issues, pull requests, comments, reviews, events.

Accounts are named by their numeric id; an author that is None, or whose account is gone, is what GitHub shows as
"ghost". All times are UTC and have whole seconds. Texts hold whatever people write, but no NUL.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from boost_pipeline.sample.github.ids import node_id

GHOST_ID: Final = 10137
"""The account that REST names in place of one that is gone; GraphQL says null."""

_ACCOUNT_PREFIX: Final = {"User": "U", "Bot": "BOT", "Organization": "O", "Mannequin": "M"}


@dataclass(frozen=True, slots=True)
class Account:
    """A user, bot, organization or mannequin (`kind`, in GitHub's spelling). A bot's login ends in "[bot]"."""

    id: int
    login: str
    kind: str
    created_at: datetime
    name: str | None = None
    emails: tuple[str, ...] = ()

    @property
    def node_id(self) -> str:
        """The node id; it stays when the login changes."""
        return node_id(_ACCOUNT_PREFIX[self.kind], self.id)


@dataclass(frozen=True, slots=True)
class License:
    """A licence as GitHub recognises it; one that it does not know is key "other", SPDX id "NOASSERTION"."""

    key: str
    spdx_id: str
    name: str
    url: str | None


BOOST_LICENSE: Final = License(
    "bsl-1.0", "BSL-1.0", "Boost Software License 1.0", "http://choosealicense.com/licenses/bsl-1.0/"
)
OTHER_LICENSE: Final = License("other", "NOASSERTION", "Other", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository; `languages` are (name, bytes), `blocked` is one that was taken down (REST says 451)."""

    id: int
    owner: str
    name: str
    created_at: datetime
    updated_at: datetime
    pushed_at: datetime
    description: str | None = None
    default_branch: str = "develop"
    stars: int = 0
    forks: int = 0
    topics: tuple[str, ...] = ()
    license: License | None = BOOST_LICENSE
    languages: tuple[tuple[str, int], ...] = (("C++", 100_000),)
    is_fork: bool = False
    is_archived: bool = False
    blocked: bool = False

    @property
    def full_name(self) -> str:
        """Owner and name."""
        return f"{self.owner}/{self.name}"

    @property
    def node_id(self) -> str:
        """The node id; it stays when the name changes."""
        return node_id("R", self.id)


@dataclass(frozen=True, slots=True)
class Published:
    """A release of a repository, as its page Releases shows it; `published_at` is None for a draft."""

    id: int
    repository: int
    tag: str
    author: int | None
    created_at: datetime
    published_at: datetime | None
    is_prerelease: bool = False

    @property
    def node_id(self) -> str:
        """The node id."""
        return node_id("RE", self.repository, self.id)


@dataclass(frozen=True, slots=True)
class Label:
    """A label of a repository; `color` is six hex digits."""

    id: int
    repository: int
    name: str
    color: str
    description: str | None = None

    @property
    def node_id(self) -> str:
        """The node id."""
        return node_id("LA", self.repository, self.id)


@dataclass(frozen=True, slots=True)
class Milestone:
    """A milestone of a repository, with a number of its own."""

    id: int
    repository: int
    number: int
    title: str
    created_at: datetime
    creator: int | None = None

    @property
    def node_id(self) -> str:
        """The node id."""
        return node_id("MI", self.repository, self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """An issue; pull requests are issues with more to them, and share the numbers of the repository.

    Attributes:
        association: What the author is to the repository: MEMBER, CONTRIBUTOR, NONE, …
        state: open or closed.
        state_reason: completed, not_planned, duplicate, reopened, or None.
        labels: Ids of labels; `milestone` is an id too.
        lock_reason: off-topic, too heated, resolved, spam, or None.
        edited_at: When title or body were last changed by their author.
    """

    id: int
    repository: int
    number: int
    title: str
    body: str
    author: int | None
    created_at: datetime
    updated_at: datetime
    association: str = "NONE"
    state: str = "open"
    state_reason: str | None = None
    closed_at: datetime | None = None
    closed_by: int | None = None
    labels: tuple[int, ...] = ()
    assignees: tuple[int, ...] = ()
    milestone: int | None = None
    locked: bool = False
    lock_reason: str | None = None
    edited_at: datetime | None = None

    @property
    def node_id(self) -> str:
        """The node id, another one after a transfer."""
        return node_id("I", self.repository, self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest(Issue):
    """A pull request. `pull_id` is its id as a pull request; REST's issue lists show `id` for the same thing.

    `head_owner` is the login of the fork's owner, None where the fork is gone.
    """

    pull_id: int
    base_ref: str = "develop"
    head_ref: str = "topic"
    base_sha: str = ""
    head_sha: str = ""
    head_owner: str | None = None
    merged_at: datetime | None = None
    merged_by: int | None = None
    merge_commit_sha: str | None = None
    is_draft: bool = False
    additions: int = 0
    deletions: int = 0
    changed_files: int = 0
    commits: int = 1
    reviewers: tuple[int, ...] = ()

    @property
    def node_id(self) -> str:
        """The node id."""
        return node_id("PR", self.repository, self.pull_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment on an issue or on a pull request as a whole."""

    id: int
    repository: int
    number: int
    author: int | None
    body: str
    created_at: datetime
    updated_at: datetime
    association: str = "NONE"
    edited_at: datetime | None = None

    @property
    def node_id(self) -> str:
        """The node id."""
        return node_id("IC", self.repository, self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A review with its verdict: APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED or PENDING (not yet submitted)."""

    id: int
    repository: int
    number: int
    author: int | None
    body: str
    state: str
    commit: str
    created_at: datetime
    updated_at: datetime
    submitted_at: datetime | None
    association: str = "NONE"
    edited_at: datetime | None = None

    @property
    def node_id(self) -> str:
        """The node id."""
        return node_id("PRR", self.repository, self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewComment:
    """An inline comment of a review; `line` is None when the code below it went away (outdated)."""

    id: int
    repository: int
    number: int
    review: int
    author: int | None
    body: str
    path: str
    line: int | None
    original_line: int
    commit: str
    original_commit: str
    created_at: datetime
    updated_at: datetime
    in_reply_to: int | None = None
    association: str = "NONE"
    edited_at: datetime | None = None

    @property
    def node_id(self) -> str:
        """The node id."""
        return node_id("PRRC", self.repository, self.id)

    @property
    def diff_hunk(self) -> str:
        """The piece of the diff that the comment is shown under."""
        return f"@@ -{self.original_line},3 +{self.original_line},4 @@\n context\n+line {self.original_line}"


@dataclass(frozen=True, slots=True)
class ReviewThread:
    """An inline comment with the answers to it; it is as outdated as its first comment."""

    first: ReviewComment

    @property
    def id(self) -> int:
        """The id of the first comment; GitHub shows none but the node id."""
        return self.first.id

    @property
    def repository(self) -> int:
        """The repository."""
        return self.first.repository

    @property
    def number(self) -> int:
        """The pull request."""
        return self.first.number

    @property
    def node_id(self) -> str:
        """The node id."""
        return node_id("PRRT", self.repository, self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to an item, as its timeline tells it; what a field holds depends on `kind`.

    Attributes:
        kind: REST's word: labeled, closed, head_ref_force_pushed, committed, …
        label: The id of a label.
        account: Who was assigned, asked for a review, or wrote the comment that was deleted.
        before: The title, sha or branch before.
        after: The title, sha or branch after.
        commit: A sha.
        other: Repository and number of another item: the source of a reference, where a transfer came from, the
            pull request that closed an issue.
        review: The id of a dismissed review.
        text: Title of a milestone, reason of a closing or a lock, message of a dismissal.
    """

    id: int
    repository: int
    number: int
    kind: str
    actor: int | None
    at: datetime
    label: int | None = None
    account: int | None = None
    before: str | None = None
    after: str | None = None
    commit: str | None = None
    other: tuple[int, int] | None = None
    review: int | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Discussion:
    """A discussion; it takes a number from the same sequence as the issues."""

    id: int
    repository: int
    number: int
    title: str
    body: str
    author: int | None
    created_at: datetime
    updated_at: datetime
    category: str = "Q&A"

    @property
    def node_id(self) -> str:
        """The node id."""
        return node_id("D", self.repository, self.id)


@dataclass(frozen=True, slots=True)
class Gap:
    """A number whose issue is gone: `reason` is deleted or transferred; `to` is where a transferred one is now."""

    reason: str
    to: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """Who made a commit and when, as git says."""

    name: str
    email: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as far as the API is asked for it; accounts are found by address when they are asked for."""

    sha: str
    repository: int
    author: Signature
    committer: Signature
    message: str
    parents: tuple[str, ...] = ()
    co_authors: tuple[tuple[str, str], ...] = ()

    @property
    def node_id(self) -> str:
        """The node id."""
        return node_id("C", self.repository, self.sha)


Item: TypeAlias = Issue | PullRequest
