"""GitHub: work items, accounts, and what repositories are there."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "github_id", sa.BigInteger(), nullable=True, comment="The identity: it stays when the login changes."
        ),
        sa.Column(
            "node_id", sa.Text(), nullable=True, comment="NULL where only the address of a commit told of the account."
        ),
        sa.Column("login", sa.Text(), nullable=False, comment="The newest seen. Not unique: logins are used again."),
        sa.Column("name", sa.Text(), nullable=True, comment="As the profile says."),
        sa.Column(
            "kind", sa.Text(), nullable=False, comment="user, bot, organization, mannequin (imported from elsewhere)."
        ),
        sa.Column("avatar_url", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('user', 'bot', 'organization', 'mannequin')", name=op.f("ck_accounts_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("github_id", name=op.f("uq_accounts_github_id")),
        comment="One row per GitHub account that authored, reviewed, was assigned or did anything.",
    )
    op.create_index(op.f("ix_accounts_login"), "accounts", ["login"], unique=False)
    op.create_table(
        "etags",
        sa.Column("url", sa.Text(), nullable=False, comment="Path and parameters of the request."),
        sa.Column("etag", sa.Text(), nullable=False, comment="After a fingerprint of the token that it holds for."),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("url", name=op.f("pk_etags")),
        comment="Validators of conditional requests.",
    )
    op.create_table(
        "languages",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_languages")),
        sa.UniqueConstraint("name", name=op.f("uq_languages_name")),
        comment="One row per programming language, as GitHub names them.",
    )
    op.create_table(
        "licenses",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "spdx_id", sa.Text(), nullable=True, comment="NULL: SPDX has none for it, or GitHub does not recognise it."
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licenses")),
        sa.UniqueConstraint("name", name=op.f("uq_licenses_name")),
        sa.UniqueConstraint("spdx_id", name=op.f("uq_licenses_spdx_id")),
        comment="One row per licence, as GitHub recognises them.",
    )
    op.create_table(
        "source_costs",
        sa.Column("run_id", sa.Text(), nullable=False, comment="Dagster's."),
        sa.Column("asset", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False, comment="The API: github."),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column(
            "points", sa.Integer(), nullable=False, comment="Of the primary limits: REST's requests and GraphQL's cost."
        ),
        sa.Column("not_modified", sa.Integer(), nullable=False, comment="Answers 304, which cost no point."),
        sa.Column("retries", sa.Integer(), nullable=False),
        sa.Column("slept_seconds", sa.Double(), nullable=False, comment="Waiting for limits, and between retries."),
        sa.Column("bytes", sa.BigInteger(), nullable=False, comment="Of the answers' bodies."),
        sa.Column("items", sa.Integer(), nullable=False, comment="Rows read: issues, pull requests, comments …"),
        sa.Column("is_full", sa.Boolean(), nullable=False, comment="It read everything, not what changed."),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "asset", "source", name=op.f("pk_source_costs")),
        comment="What each run of an asset cost at an API.",
    )
    op.create_table(
        "commit_author_accounts",
        sa.Column("email", sa.Text(), nullable=False, comment="As commits.author_email has it."),
        sa.Column("account_id", sa.BigInteger(), nullable=True, comment="NULL: GitHub knows nobody by it."),
        sa.Column(
            "evidence",
            sa.Text(),
            nullable=False,
            comment="noreply: the id stands in the address; commit: GitHub said so of commit_sha; none: it said nobody.",
        ),
        sa.Column("commit_sha", sa.Text(), nullable=True, comment="The commit that GitHub was asked about."),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "evidence IN ('noreply', 'commit', 'none')", name=op.f("ck_commit_author_accounts_evidence")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_commit_author_accounts_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("email", name=op.f("pk_commit_author_accounts")),
        comment="Whose account an author's address belongs to; each address is asked for once.",
    )
    op.create_table(
        "comments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="issue: on the item as a whole; review: inline, on lines of a diff.",
        ),
        sa.Column("github_id", sa.BigInteger(), nullable=False, comment="GitHub's id among comments of that kind."),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("repository_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "number",
            sa.Integer(),
            nullable=False,
            comment="The item's number in the repository, an issue's or a pull request's.",
        ),
        sa.Column(
            "author_id",
            sa.BigInteger(),
            nullable=True,
            comment="NULL: the account is gone (GitHub's ghost); the row is kept.",
        ),
        sa.Column(
            "author_association",
            sa.Text(),
            nullable=True,
            comment="What the author was to the repository: MEMBER, COLLABORATOR, CONTRIBUTOR, FIRST_TIME_CONTRIBUTOR, NONE …",
        ),
        sa.Column("body", sa.Text(), nullable=False, comment="The newest text; NUL bytes dropped."),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Later than created_at once it was edited.",
        ),
        sa.Column(
            "review_github_id",
            sa.BigInteger(),
            nullable=True,
            comment="Of kind review: github_id of the review that holds it.",
        ),
        sa.Column(
            "in_reply_to",
            sa.BigInteger(),
            nullable=True,
            comment="Of kind review: github_id of the comment that it answers.",
        ),
        sa.Column("path", sa.Text(), nullable=True, comment="Of kind review: the file."),
        sa.Column(
            "line",
            sa.Integer(),
            nullable=True,
            comment="Of kind review: the line, as of the commit; NULL for a whole file, or outdated.",
        ),
        sa.Column("commit_sha", sa.Text(), nullable=True, comment="Of kind review: the commit that it was written on."),
        sa.Column(
            "deleted_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it was found to be gone from where it was; the row is kept. item_gaps has the reason, for an item.",
        ),
        sa.CheckConstraint("kind IN ('issue', 'review')", name=op.f("ck_comments_kind")),
        sa.ForeignKeyConstraint(["author_id"], ["accounts.id"], name=op.f("fk_comments_author_id_accounts")),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name=op.f("fk_comments_repository_id_repositories")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
        sa.UniqueConstraint("kind", "github_id", name=op.f("uq_comments_kind_github_id")),
        comment="One row per comment. The text of a review as a whole is in reviews.",
    )
    op.create_index(op.f("ix_comments_repository_id_number"), "comments", ["repository_id", "number"], unique=False)
    op.create_table(
        "duration_estimates",
        sa.Column("metric", sa.Text(), nullable=False, comment="change_request_duration, time_to_first_response …"),
        sa.Column(
            "scope", sa.Text(), nullable=False, comment="owner/repository, or the owner for all of its repositories."
        ),
        sa.Column("repository_id", sa.BigInteger(), nullable=True, comment="NULL for all of an owner's."),
        sa.Column("items", sa.Integer(), nullable=False, comment="Observations."),
        sa.Column(
            "censored",
            sa.Integer(),
            nullable=False,
            comment="Those that still wait: their duration is at least so long.",
        ),
        sa.Column("excluded", sa.Integer(), nullable=False, comment="Left out: deleted, or of a bot."),
        sa.Column(
            "median_hours", sa.Double(), nullable=True, comment="Kaplan-Meier; NULL while fewer than half have ended."
        ),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name=op.f("fk_duration_estimates_repository_id_repositories")
        ),
        sa.PrimaryKeyConstraint("metric", "scope", name=op.f("pk_duration_estimates")),
        comment="Medians with open items counted as censored observations, by scipy.stats.ecdf (Kaplan-Meier).",
    )
    op.create_table(
        "issues",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("repository_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "number",
            sa.Integer(),
            nullable=False,
            comment="Issues and pull requests of a repository share one sequence.",
        ),
        sa.Column("github_id", sa.BigInteger(), nullable=False, comment="GitHub's databaseId of this kind of item."),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False, comment="As written, in Markdown; NUL bytes dropped."),
        sa.Column(
            "author_id",
            sa.BigInteger(),
            nullable=True,
            comment="NULL: the account is gone (GitHub's ghost); the row is kept.",
        ),
        sa.Column(
            "author_association",
            sa.Text(),
            nullable=True,
            comment="What the author was to the repository: MEMBER, COLLABORATOR, CONTRIBUTOR, FIRST_TIME_CONTRIBUTOR, NONE …",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True, comment="The last closing; NULL while open."),
        sa.Column("is_locked", sa.Boolean(), nullable=False),
        sa.Column("milestone", sa.Text(), nullable=True),
        sa.Column(
            "comment_count", sa.Integer(), nullable=False, comment="Comments as GitHub counts them (reviews apart)."
        ),
        sa.Column(
            "deleted_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it was found to be gone from where it was; the row is kept. item_gaps has the reason, for an item.",
        ),
        sa.Column("state", sa.Text(), nullable=False, comment="open or closed."),
        sa.Column("state_reason", sa.Text(), nullable=True, comment="completed, not_planned, duplicate, reopened."),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_issues_state")),
        sa.ForeignKeyConstraint(["author_id"], ["accounts.id"], name=op.f("fk_issues_author_id_accounts")),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name=op.f("fk_issues_repository_id_repositories")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issues")),
        sa.UniqueConstraint("github_id", name=op.f("uq_issues_github_id")),
        sa.UniqueConstraint("repository_id", "number", name=op.f("uq_issues_repository_id_number")),
        comment="One row per issue; pull requests are in a table of their own.",
    )
    op.create_table(
        "item_assignees",
        sa.Column("repository_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "number",
            sa.Integer(),
            nullable=False,
            comment="The item's number in the repository, an issue's or a pull request's.",
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_item_assignees_account_id_accounts")),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name=op.f("fk_item_assignees_repository_id_repositories")
        ),
        sa.PrimaryKeyConstraint("repository_id", "number", "account_id", name=op.f("pk_item_assignees")),
        comment="Who an item is assigned to now; when that came and went is in item_events.",
    )
    op.create_table(
        "item_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False, comment="GitHub's id; a commit has one for each item."),
        sa.Column("repository_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "number",
            sa.Integer(),
            nullable=False,
            comment="The item's number in the repository, an issue's or a pull request's.",
        ),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="GitHub's word: labeled, closed, head_ref_force_pushed, committed …",
        ),
        sa.Column(
            "actor_id",
            sa.BigInteger(),
            nullable=True,
            comment="NULL: the account is gone (GitHub's ghost); the row is kept.",
        ),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), nullable=False, comment="Of committed: the committer date."
        ),
        sa.Column(
            "payload",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="What the kind has to tell: label, assignee, from, to, sha …",
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["accounts.id"], name=op.f("fk_item_events_actor_id_accounts")),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name=op.f("fk_item_events_repository_id_repositories")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_events")),
        sa.UniqueConstraint("node_id", name=op.f("uq_item_events_node_id")),
        comment="The timeline of every item, without comments and reviews, which have tables of their own.",
    )
    op.create_index(
        op.f("ix_item_events_repository_id_number"), "item_events", ["repository_id", "number"], unique=False
    )
    op.create_table(
        "item_gaps",
        sa.Column("repository_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "reason",
            sa.Text(),
            nullable=False,
            comment="transferred; deleted; discussion: the number is a discussion's, or the issue became one; not_found: GitHub says no more.",
        ),
        sa.Column(
            "moved_to", sa.Text(), nullable=True, comment="Where a transferred issue is now, as GitHub tells it."
        ),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "reason IN ('transferred', 'deleted', 'discussion', 'not_found')", name=op.f("ck_item_gaps_reason")
        ),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name=op.f("fk_item_gaps_repository_id_repositories")
        ),
        sa.PrimaryKeyConstraint("repository_id", "number", name=op.f("pk_item_gaps")),
        comment="Numbers that are neither an issue nor a pull request now, each with the reason.",
    )
    op.create_table(
        "item_labels",
        sa.Column("repository_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "number",
            sa.Integer(),
            nullable=False,
            comment="The item's number in the repository, an issue's or a pull request's.",
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name=op.f("fk_item_labels_repository_id_repositories")
        ),
        sa.PrimaryKeyConstraint("repository_id", "number", "name", name=op.f("pk_item_labels")),
        comment="The labels that an item has now; when they came and went is in item_events.",
    )
    op.create_table(
        "pull_requests",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("repository_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "number",
            sa.Integer(),
            nullable=False,
            comment="Issues and pull requests of a repository share one sequence.",
        ),
        sa.Column("github_id", sa.BigInteger(), nullable=False, comment="GitHub's databaseId of this kind of item."),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False, comment="As written, in Markdown; NUL bytes dropped."),
        sa.Column(
            "author_id",
            sa.BigInteger(),
            nullable=True,
            comment="NULL: the account is gone (GitHub's ghost); the row is kept.",
        ),
        sa.Column(
            "author_association",
            sa.Text(),
            nullable=True,
            comment="What the author was to the repository: MEMBER, COLLABORATOR, CONTRIBUTOR, FIRST_TIME_CONTRIBUTOR, NONE …",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True, comment="The last closing; NULL while open."),
        sa.Column("is_locked", sa.Boolean(), nullable=False),
        sa.Column("milestone", sa.Text(), nullable=True),
        sa.Column(
            "comment_count", sa.Integer(), nullable=False, comment="Comments as GitHub counts them (reviews apart)."
        ),
        sa.Column(
            "deleted_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it was found to be gone from where it was; the row is kept. item_gaps has the reason, for an item.",
        ),
        sa.Column("state", sa.Text(), nullable=False, comment="open, closed (unmerged) or merged."),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("merged_by_id", sa.BigInteger(), nullable=True, comment="NULL: not merged, or the account is gone."),
        sa.Column("is_draft", sa.Boolean(), nullable=False),
        sa.Column("base_ref", sa.Text(), nullable=False, comment="The branch that it goes to."),
        sa.Column("head_ref", sa.Text(), nullable=False, comment="The branch that it comes from."),
        sa.Column("base_sha", sa.Text(), nullable=False),
        sa.Column("head_sha", sa.Text(), nullable=False),
        sa.Column("merge_commit_sha", sa.Text(), nullable=True, comment="NULL: not merged, or GitHub does not know."),
        sa.Column("additions", sa.Integer(), nullable=False),
        sa.Column("deletions", sa.Integer(), nullable=False),
        sa.Column("changed_files", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'closed', 'merged')", name=op.f("ck_pull_requests_state")),
        sa.ForeignKeyConstraint(["author_id"], ["accounts.id"], name=op.f("fk_pull_requests_author_id_accounts")),
        sa.ForeignKeyConstraint(["merged_by_id"], ["accounts.id"], name=op.f("fk_pull_requests_merged_by_id_accounts")),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name=op.f("fk_pull_requests_repository_id_repositories")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pull_requests")),
        sa.UniqueConstraint("github_id", name=op.f("uq_pull_requests_github_id")),
        sa.UniqueConstraint("repository_id", "number", name=op.f("uq_pull_requests_repository_id_number")),
        comment="One row per pull request.",
    )
    op.create_table(
        "repository_languages",
        sa.Column("repository_id", sa.BigInteger(), nullable=False),
        sa.Column("language_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "bytes", sa.BigInteger(), nullable=False, comment="Of the default branch, as GitHub's linguist counts."
        ),
        sa.ForeignKeyConstraint(
            ["language_id"], ["languages.id"], name=op.f("fk_repository_languages_language_id_languages")
        ),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name=op.f("fk_repository_languages_repository_id_repositories")
        ),
        sa.PrimaryKeyConstraint("repository_id", "language_id", name=op.f("pk_repository_languages")),
        comment="The languages that a repository is written in.",
    )
    op.create_table(
        "repository_topics",
        sa.Column("repository_id", sa.BigInteger(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name=op.f("fk_repository_topics_repository_id_repositories")
        ),
        sa.PrimaryKeyConstraint("repository_id", "topic", name=op.f("pk_repository_topics")),
        comment="The topics that a repository is tagged with on GitHub.",
    )
    op.create_table(
        "truncated_connections",
        sa.Column("repository_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "number",
            sa.Integer(),
            nullable=False,
            comment="The item's number in the repository, an issue's or a pull request's.",
        ),
        sa.Column(
            "connection", sa.Text(), nullable=False, comment="timelineItems, reviews, labels, assignees, comments."
        ),
        sa.Column("read", sa.Integer(), nullable=False, comment="How many were read."),
        sa.Column("total", sa.Integer(), nullable=False, comment="How many there are, as GitHub counts."),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name=op.f("fk_truncated_connections_repository_id_repositories")
        ),
        sa.PrimaryKeyConstraint("repository_id", "number", "connection", name=op.f("pk_truncated_connections")),
        comment="Lists of an item that are known not to be here whole; a check fails while there is any.",
    )
    op.create_table(
        "reviews",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("github_id", sa.BigInteger(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("repository_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="The pull request's number."),
        sa.Column(
            "author_id",
            sa.BigInteger(),
            nullable=True,
            comment="NULL: the account is gone (GitHub's ghost); the row is kept.",
        ),
        sa.Column(
            "author_association",
            sa.Text(),
            nullable=True,
            comment="What the author was to the repository: MEMBER, COLLABORATOR, CONTRIBUTOR, FIRST_TIME_CONTRIBUTOR, NONE …",
        ),
        sa.Column(
            "state",
            sa.Text(),
            nullable=False,
            comment="The verdict: approved, changes_requested, commented, dismissed.",
        ),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "commit_sha", sa.Text(), nullable=True, comment="The head that was reviewed; NULL where GitHub lost it."
        ),
        sa.CheckConstraint(
            "state IN ('approved', 'changes_requested', 'commented', 'dismissed')", name=op.f("ck_reviews_state")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["accounts.id"], name=op.f("fk_reviews_author_id_accounts")),
        sa.ForeignKeyConstraint(
            ["repository_id", "number"],
            ["pull_requests.repository_id", "pull_requests.number"],
            name=op.f("fk_reviews_repository_id_number_pull_requests"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
        sa.UniqueConstraint("github_id", name=op.f("uq_reviews_github_id")),
        comment="One row per submitted review of a pull request.",
    )
    op.create_index(op.f("ix_reviews_repository_id_number"), "reviews", ["repository_id", "number"], unique=False)
    op.add_column(
        "repositories",
        sa.Column(
            "github_id", sa.BigInteger(), nullable=True, comment="GitHub's databaseId: it stays when the name changes."
        ),
    )
    op.add_column(
        "repositories",
        sa.Column("node_id", sa.Text(), nullable=True, comment="NULL, as all that follows, until GitHub was asked."),
    )
    op.add_column("repositories", sa.Column("description", sa.Text(), nullable=True))
    op.add_column("repositories", sa.Column("is_fork", sa.Boolean(), nullable=True))
    op.add_column("repositories", sa.Column("is_archived", sa.Boolean(), nullable=True))
    op.add_column("repositories", sa.Column("stars", sa.Integer(), nullable=True))
    op.add_column("repositories", sa.Column("forks", sa.Integer(), nullable=True))
    op.add_column("repositories", sa.Column("created_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("repositories", sa.Column("pushed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("repositories", sa.Column("license_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "repositories",
        sa.Column(
            "issue_count",
            sa.Integer(),
            nullable=True,
            comment="Issues, open and closed, as GitHub counted them when last asked.",
        ),
    )
    op.add_column(
        "repositories",
        sa.Column(
            "pull_request_count",
            sa.Integer(),
            nullable=True,
            comment="Pull requests, all states, as GitHub counted them when last asked.",
        ),
    )
    op.alter_column(
        "repositories",
        "kind",
        existing_type=sa.TEXT(),
        comment="superproject; boost: a module below libs/; tool: a module below tools/ or at the top level; other: of the same owner, but no submodule; llvm: of the LLVM project.",
        existing_comment="superproject; boost: a module below libs/; tool: a module below tools/ or at the top level.",
        existing_nullable=False,
    )
    op.create_unique_constraint(op.f("uq_repositories_github_id"), "repositories", ["github_id"])
    op.create_foreign_key(
        op.f("fk_repositories_license_id_licenses"), "repositories", "licenses", ["license_id"], ["id"]
    )
    op.create_table_comment(
        "repositories",
        "One row per git repository that any release of Boost, or the head of a branch of the superproject, names, and those that only GitHub knows.",
        existing_comment="One row per git repository that any release of Boost, or the head of a branch of the superproject, names.",
        schema=None,
    )
    op.drop_constraint(op.f("ck_repositories_kind"), "repositories", type_="check")
    op.create_check_constraint(
        op.f("ck_repositories_kind"), "repositories", "kind IN ('superproject', 'boost', 'tool', 'other', 'llvm')"
    )


def downgrade() -> None:

    op.create_table_comment(
        "repositories",
        "One row per git repository that any release of Boost, or the head of a branch of the superproject, names.",
        existing_comment="One row per git repository that any release of Boost, or the head of a branch of the superproject, names, and those that only GitHub knows.",
        schema=None,
    )
    op.drop_constraint(op.f("fk_repositories_license_id_licenses"), "repositories", type_="foreignkey")
    op.drop_constraint(op.f("uq_repositories_github_id"), "repositories", type_="unique")
    op.alter_column(
        "repositories",
        "kind",
        existing_type=sa.TEXT(),
        comment="superproject; boost: a module below libs/; tool: a module below tools/ or at the top level.",
        existing_comment="superproject; boost: a module below libs/; tool: a module below tools/ or at the top level; other: of the same owner, but no submodule; llvm: of the LLVM project.",
        existing_nullable=False,
    )
    op.drop_column("repositories", "pull_request_count")
    op.drop_column("repositories", "issue_count")
    op.drop_column("repositories", "license_id")
    op.drop_column("repositories", "pushed_at")
    op.drop_column("repositories", "created_at")
    op.drop_column("repositories", "forks")
    op.drop_column("repositories", "stars")
    op.drop_column("repositories", "is_archived")
    op.drop_column("repositories", "is_fork")
    op.drop_column("repositories", "description")
    op.drop_column("repositories", "node_id")
    op.drop_column("repositories", "github_id")
    op.drop_index(op.f("ix_reviews_repository_id_number"), table_name="reviews")
    op.drop_table("reviews")
    op.drop_table("truncated_connections")
    op.drop_table("repository_topics")
    op.drop_table("repository_languages")
    op.drop_table("pull_requests")
    op.drop_table("item_labels")
    op.drop_table("item_gaps")
    op.drop_index(op.f("ix_item_events_repository_id_number"), table_name="item_events")
    op.drop_table("item_events")
    op.drop_table("item_assignees")
    op.drop_table("issues")
    op.drop_table("duration_estimates")
    op.drop_index(op.f("ix_comments_repository_id_number"), table_name="comments")
    op.drop_table("comments")
    op.drop_table("commit_author_accounts")
    op.drop_table("source_costs")
    op.drop_table("licenses")
    op.drop_table("languages")
    op.drop_table("etags")
    op.drop_index(op.f("ix_accounts_login"), table_name="accounts")
    op.drop_table("accounts")
    op.execute("DELETE FROM repositories WHERE kind IN ('other', 'llvm')")
    op.drop_constraint(op.f("ck_repositories_kind"), "repositories", type_="check")
    op.create_check_constraint(
        op.f("ck_repositories_kind"), "repositories", "kind IN ('superproject', 'boost', 'tool')"
    )
