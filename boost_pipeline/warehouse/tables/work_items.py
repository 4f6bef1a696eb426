"""Work items: issues and pull requests of GitHub, what was said, reviewed and done on them, and who by.

Issues and pull requests share the numbers of a repository, and so does all that hangs on either: labels, comments,
events name their item by (repository_id, number).
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from boost_pipeline.warehouse.tables.metadata import metadata

_GHOST = "NULL: the account is gone (GitHub's ghost); the row is kept."
_DELETED = "When it was found to be gone from where it was; the row is kept. item_gaps has the reason, for an item."
_NUMBER = "The item's number in the repository, an issue's or a pull request's."
_ASSOCIATION = (
    "What the author was to the repository: MEMBER, COLLABORATOR, CONTRIBUTOR, FIRST_TIME_CONTRIBUTOR, NONE …"
)


def _account(name: str, comment: str = _GHOST) -> Column[Any]:
    return Column(name, BigInteger, ForeignKey("accounts.id"), comment=comment)


def _item_columns() -> list[Column[Any] | UniqueConstraint]:
    return [
        Column("id", BigInteger, Identity(), primary_key=True),
        Column("repository_id", BigInteger, ForeignKey("repositories.id"), nullable=False),
        Column(
            "number", Integer, nullable=False, comment="Issues and pull requests of a repository share one sequence."
        ),
        Column(
            "github_id", BigInteger, nullable=False, unique=True, comment="GitHub's databaseId of this kind of item."
        ),
        Column("node_id", Text, nullable=False),
        Column("title", Text, nullable=False),
        Column("body", Text, nullable=False, comment="As written, in Markdown; NUL bytes dropped."),
        _account("author_id"),
        Column("author_association", Text, comment=_ASSOCIATION),
        Column("created_at", DateTime(timezone=True), nullable=False),
        Column("updated_at", DateTime(timezone=True), nullable=False),
        Column("closed_at", DateTime(timezone=True), comment="The last closing; NULL while open."),
        Column("is_locked", Boolean, nullable=False),
        Column("milestone", Text),
        Column("comment_count", Integer, nullable=False, comment="Comments as GitHub counts them (reviews apart)."),
        Column("deleted_at", DateTime(timezone=True), comment=_DELETED),
        UniqueConstraint("repository_id", "number"),
    ]


accounts = Table(
    "accounts",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("github_id", BigInteger, unique=True, comment="The identity: it stays when the login changes."),
    Column("node_id", Text, comment="NULL where only the address of a commit told of the account."),
    Column("login", Text, nullable=False, index=True, comment="The newest seen. Not unique: logins are used again."),
    Column("name", Text, comment="As the profile says."),
    Column("kind", Text, nullable=False, comment="user, bot, organization, mannequin (imported from elsewhere)."),
    Column("avatar_url", Text),
    CheckConstraint("kind IN ('user', 'bot', 'organization', 'mannequin')", name="kind"),
    comment="One row per GitHub account that authored, reviewed, was assigned or did anything.",
)

issues = Table(
    "issues",
    metadata,
    *_item_columns(),
    Column("state", Text, nullable=False, comment="open or closed."),
    Column("state_reason", Text, comment="completed, not_planned, duplicate, reopened."),
    CheckConstraint("state IN ('open', 'closed')", name="state"),
    comment="One row per issue; pull requests are in a table of their own.",
)

pull_requests = Table(
    "pull_requests",
    metadata,
    *_item_columns(),
    Column("state", Text, nullable=False, comment="open, closed (unmerged) or merged."),
    Column("merged_at", DateTime(timezone=True)),
    _account("merged_by_id", "NULL: not merged, or the account is gone."),
    Column("is_draft", Boolean, nullable=False),
    Column("base_ref", Text, nullable=False, comment="The branch that it goes to."),
    Column("head_ref", Text, nullable=False, comment="The branch that it comes from."),
    Column("base_sha", Text, nullable=False),
    Column("head_sha", Text, nullable=False),
    Column("merge_commit_sha", Text, comment="NULL: not merged, or GitHub does not know."),
    Column("additions", Integer, nullable=False),
    Column("deletions", Integer, nullable=False),
    Column("changed_files", Integer, nullable=False),
    CheckConstraint("state IN ('open', 'closed', 'merged')", name="state"),
    comment="One row per pull request.",
)

item_labels = Table(
    "item_labels",
    metadata,
    Column("repository_id", BigInteger, ForeignKey("repositories.id"), primary_key=True),
    Column("number", Integer, primary_key=True, comment=_NUMBER),
    Column("name", Text, primary_key=True),
    comment="The labels that an item has now; when they came and went is in item_events.",
)

item_assignees = Table(
    "item_assignees",
    metadata,
    Column("repository_id", BigInteger, ForeignKey("repositories.id"), primary_key=True),
    Column("number", Integer, primary_key=True, comment=_NUMBER),
    Column("account_id", BigInteger, ForeignKey("accounts.id"), primary_key=True),
    comment="Who an item is assigned to now; when that came and went is in item_events.",
)

comments = Table(
    "comments",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("kind", Text, nullable=False, comment="issue: on the item as a whole; review: inline, on lines of a diff."),
    Column("github_id", BigInteger, nullable=False, comment="GitHub's id among comments of that kind."),
    Column("node_id", Text, nullable=False),
    Column("repository_id", BigInteger, ForeignKey("repositories.id"), nullable=False),
    Column("number", Integer, nullable=False, comment=_NUMBER),
    _account("author_id"),
    Column("author_association", Text, comment=_ASSOCIATION),
    Column("body", Text, nullable=False, comment="The newest text; NUL bytes dropped."),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False, comment="Later than created_at once it was edited."),
    Column("review_github_id", BigInteger, comment="Of kind review: github_id of the review that holds it."),
    Column("in_reply_to", BigInteger, comment="Of kind review: github_id of the comment that it answers."),
    Column("path", Text, comment="Of kind review: the file."),
    Column("line", Integer, comment="Of kind review: the line, as of the commit; NULL for a whole file, or outdated."),
    Column("commit_sha", Text, comment="Of kind review: the commit that it was written on."),
    Column("deleted_at", DateTime(timezone=True), comment=_DELETED),
    UniqueConstraint("kind", "github_id"),
    CheckConstraint("kind IN ('issue', 'review')", name="kind"),
    Index(None, "repository_id", "number"),
    comment="One row per comment. The text of a review as a whole is in reviews.",
)

reviews = Table(
    "reviews",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("github_id", BigInteger, nullable=False, unique=True),
    Column("node_id", Text, nullable=False),
    Column("repository_id", BigInteger, nullable=False),
    Column("number", Integer, nullable=False, comment="The pull request's number."),
    _account("author_id"),
    Column("author_association", Text, comment=_ASSOCIATION),
    Column("state", Text, nullable=False, comment="The verdict: approved, changes_requested, commented, dismissed."),
    Column("body", Text, nullable=False),
    Column("submitted_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("commit_sha", Text, comment="The head that was reviewed; NULL where GitHub lost it."),
    ForeignKeyConstraint(
        ["repository_id", "number"], ["pull_requests.repository_id", "pull_requests.number"], onupdate="CASCADE"
    ),
    CheckConstraint("state IN ('approved', 'changes_requested', 'commented', 'dismissed')", name="state"),
    Index(None, "repository_id", "number"),
    comment="One row per submitted review of a pull request.",
)

item_events = Table(
    "item_events",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("node_id", Text, nullable=False, unique=True, comment="GitHub's id; a commit has one for each item."),
    Column("repository_id", BigInteger, ForeignKey("repositories.id"), nullable=False),
    Column("number", Integer, nullable=False, comment=_NUMBER),
    Column("kind", Text, nullable=False, comment="GitHub's word: labeled, closed, head_ref_force_pushed, committed …"),
    _account("actor_id"),
    Column("created_at", DateTime(timezone=True), nullable=False, comment="Of committed: the committer date."),
    Column("payload", JSONB, nullable=False, comment="What the kind has to tell: label, assignee, from, to, sha …"),
    Index(None, "repository_id", "number"),
    comment="The timeline of every item, without comments and reviews, which have tables of their own.",
)

item_gaps = Table(
    "item_gaps",
    metadata,
    Column("repository_id", BigInteger, ForeignKey("repositories.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column(
        "reason",
        Text,
        nullable=False,
        comment="transferred; deleted; discussion: the number is a discussion's, or the issue became one; "
        "not_found: GitHub says no more.",
    ),
    Column("moved_to", Text, comment="Where a transferred issue is now, as GitHub tells it."),
    Column("found_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("reason IN ('transferred', 'deleted', 'discussion', 'not_found')", name="reason"),
    comment="Numbers that are neither an issue nor a pull request now, each with the reason.",
)

truncated_connections = Table(
    "truncated_connections",
    metadata,
    Column("repository_id", BigInteger, ForeignKey("repositories.id"), primary_key=True),
    Column("number", Integer, primary_key=True, comment=_NUMBER),
    Column("connection", Text, primary_key=True, comment="timelineItems, reviews, labels, assignees, comments."),
    Column("read", Integer, nullable=False, comment="How many were read."),
    Column("total", Integer, nullable=False, comment="How many there are, as GitHub counts."),
    comment="Lists of an item that are known not to be here whole; a check fails while there is any.",
)

unread_parts = Table(
    "unread_parts",
    metadata,
    Column("repository_id", BigInteger, ForeignKey("repositories.id"), primary_key=True),
    Column("asset", Text, primary_key=True, comment="Which step asked: repositories, issues, comments or releases."),
    Column("number", Integer, primary_key=True, comment="The item's number; 0: the repository itself."),
    Column(
        "part",
        Text,
        primary_key=True,
        comment="The names that lead to it in GitHub's answer, such as author; item: all of the item.",
    ),
    Column(
        "reason",
        Text,
        nullable=False,
        comment="refused: not for this token; unanswered: GitHub failed each time; damaged: nothing that can be "
        "stored; unlisted: counted, but in no list.",
    ),
    Column("told", Text, nullable=False, comment="GitHub's words, or what was odd."),
    CheckConstraint("asset IN ('repositories', 'issues', 'comments', 'releases')", name="asset"),
    CheckConstraint("reason IN ('refused', 'unanswered', 'damaged', 'unlisted')", name="reason"),
    comment="Parts that GitHub did not give; what was stored of them before stays. The next run asks again.",
)

commit_author_accounts = Table(
    "commit_author_accounts",
    metadata,
    Column("email", Text, primary_key=True, comment="As commits.author_email has it."),
    Column("account_id", BigInteger, ForeignKey("accounts.id"), comment="NULL: GitHub knows nobody by it."),
    Column(
        "evidence",
        Text,
        nullable=False,
        comment="noreply: the id stands in the address; commit: GitHub said so of commit_sha; none: it said nobody.",
    ),
    Column("commit_sha", Text, comment="The commit that GitHub was asked about."),
    Column("found_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("evidence IN ('noreply', 'commit', 'none')", name="evidence"),
    comment="Whose account an author's address belongs to; each address is asked for once.",
)

github_releases = Table(
    "github_releases",
    metadata,
    Column("repository_id", BigInteger, ForeignKey("repositories.id"), primary_key=True),
    Column("tag", Text, primary_key=True, comment="The tag that it names, whether or not that exists."),
    Column("github_id", BigInteger, nullable=False),
    Column("name", Text, comment="Its title."),
    Column("is_prerelease", Boolean, nullable=False),
    Column("published_at", DateTime(timezone=True), nullable=False),
    comment="What GitHub shows as releases of the superproject; releases.released_on is taken from it. Drafts are out.",
)

duration_estimates = Table(
    "duration_estimates",
    metadata,
    Column("metric", Text, primary_key=True, comment="change_request_duration, time_to_first_response …"),
    Column("scope", Text, primary_key=True, comment="owner/repository, or the owner for all of its repositories."),
    Column("repository_id", BigInteger, ForeignKey("repositories.id"), comment="NULL for all of an owner's."),
    Column("items", Integer, nullable=False, comment="Observations."),
    Column("censored", Integer, nullable=False, comment="Those that still wait: their duration is at least so long."),
    Column("excluded", Integer, nullable=False, comment="Left out: deleted, or of a bot."),
    Column("median_hours", Double, comment="Kaplan-Meier; NULL while fewer than half have ended."),
    Column("as_of", DateTime(timezone=True), nullable=False),
    comment="Medians with open items counted as censored observations, by scipy.stats.ecdf (Kaplan-Meier).",
)
