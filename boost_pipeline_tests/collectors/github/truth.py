"""What the tables must hold, told by the world itself, and what they hold: both by natural keys."""

from collections.abc import Iterator
from typing import Any

from boost_pipeline.sample.github.model import PullRequest
from boost_pipeline.sample.github.repository import RepositoryState
from boost_pipeline.sample.github.world import World
from boost_pipeline_tests.collectors.github.conftest import GitHubPlatform

Rows = dict[str, set[tuple[Any, ...]]]

_WORDS = {"renamed": "renamed_title", "cross-referenced": "cross_referenced"}
"""Kinds of events that GraphQL names otherwise than REST."""

_LEFT_OUT = {"mentioned", "subscribed"}

STORED = {
    "issues": """
        SELECT r.name, i.number, i.github_id, i.title, i.body, i.state, i.state_reason, a.github_id, i.created_at,
               i.updated_at, i.closed_at, i.is_locked, i.milestone
        FROM issues i JOIN repositories r ON r.id = i.repository_id LEFT JOIN accounts a ON a.id = i.author_id
        WHERE i.deleted_at IS NULL
    """,
    "pull_requests": """
        SELECT r.name, p.number, p.github_id, p.title, p.body, p.state, a.github_id, p.created_at, p.updated_at,
               p.closed_at, p.merged_at, m.github_id, p.is_draft, p.base_ref, p.head_ref, p.head_sha,
               p.merge_commit_sha, p.additions, p.deletions, p.changed_files
        FROM pull_requests p JOIN repositories r ON r.id = p.repository_id LEFT JOIN accounts a ON a.id = p.author_id
        LEFT JOIN accounts m ON m.id = p.merged_by_id WHERE p.deleted_at IS NULL
    """,
    "labels": """
        SELECT r.name, l.number, l.name FROM item_labels l JOIN repositories r ON r.id = l.repository_id
        JOIN work_items w USING (repository_id, number)
    """,
    "assignees": """
        SELECT r.name, s.number, a.github_id FROM item_assignees s JOIN repositories r ON r.id = s.repository_id
        JOIN accounts a ON a.id = s.account_id JOIN work_items w USING (repository_id, number)
    """,
    "comments": """
        SELECT r.name, c.number, c.kind, c.github_id, a.github_id, c.body, c.created_at, c.updated_at,
               c.review_github_id, c.in_reply_to, c.path, c.line
        FROM comments c JOIN repositories r ON r.id = c.repository_id LEFT JOIN accounts a ON a.id = c.author_id
        WHERE c.deleted_at IS NULL
    """,
    "reviews": """
        SELECT r.name, v.number, v.github_id, a.github_id, v.state, v.body, v.submitted_at, v.commit_sha
        FROM reviews v JOIN repositories r ON r.id = v.repository_id LEFT JOIN accounts a ON a.id = v.author_id
    """,
    "events": """
        SELECT r.name, e.number, e.kind, a.github_id, e.created_at
        FROM item_events e JOIN repositories r ON r.id = e.repository_id LEFT JOIN accounts a ON a.id = e.actor_id
    """,
    "gaps": """
        SELECT r.name, g.number, g.reason, g.moved_to FROM item_gaps g JOIN repositories r ON r.id = g.repository_id
    """,
    "repositories": """
        SELECT r.name, r.github_id, r.description, r.stars, r.forks, r.is_fork, r.is_archived, l.spdx_id
        FROM repositories r LEFT JOIN licenses l ON l.id = r.license_id
    """,
    "topics": "SELECT r.name, t.topic FROM repository_topics t JOIN repositories r ON r.id = t.repository_id",
    "languages": """
        SELECT r.name, l.name, b.bytes FROM repository_languages b JOIN repositories r ON r.id = b.repository_id
        JOIN languages l ON l.id = b.language_id
    """,
}
"""All that is compared, without ids of ours."""


def stored(platform: GitHubPlatform) -> Rows:
    """Return what the tables hold."""
    return {name: set(platform.rows(query)) for name, query in STORED.items()}


def expected(world: World) -> Rows:
    """Return what they must hold, of items that are there."""
    rows: Rows = {name: set() for name in STORED if name != "gaps"}
    for state in world.repositories.values():
        for table, row in _rows(world, state):
            rows[table].add(row)
    return rows


def _rows(world: World, state: RepositoryState) -> Iterator[tuple[str, tuple[Any, ...]]]:
    facts, name = state.facts, state.facts.name
    licence = facts.license.spdx_id if facts.license and facts.license.spdx_id != "NOASSERTION" else None
    yield (
        "repositories",
        (name, facts.id, facts.description, facts.stars, facts.forks, facts.is_fork, facts.is_archived, licence),
    )
    yield from (("topics", (name, topic)) for topic in facts.topics)
    yield from (("languages", (name, *language)) for language in facts.languages)
    for number in state.items:
        yield from _item(world, state, name, number)
    for comment in state.comments:
        yield "comments", (*_comment(world, name, comment, "issue"), None, None, None, None)
    shown = {review.id for review in state.reviews if review.submitted_at}
    for comment in (comment for comment in state.review_comments if comment.review in shown):
        more = (comment.review, comment.in_reply_to, comment.path, comment.line)
        yield "comments", (*_comment(world, name, comment, "review"), *more)
    for review in state.reviews:
        if review.submitted_at:
            who = _who(world, review.author)
            told = (review.state.lower(), review.body, review.submitted_at, review.commit)
            yield "reviews", (name, review.number, review.id, who, *told)
    for event in state.events:
        if event.kind == "committed":
            commit = state.commits[event.commit]
            author = world.email(commit.author.email)
            who = author.id if author and author.kind == "User" else None  # GraphQL shows no other authors of commits
            yield "events", (name, event.number, event.kind, who, commit.committer.at)
        elif event.kind not in _LEFT_OUT:
            kind = _WORDS.get(event.kind, event.kind)
            yield "events", (name, event.number, kind, _who(world, event.actor), event.at)


def _item(world: World, state: RepositoryState, name: str, number: int) -> Iterator[tuple[str, tuple[Any, ...]]]:
    item = state.items[number]
    milestone = state.milestones[item.milestone].title if item.milestone else None
    author, times = _who(world, item.author), (item.created_at, item.updated_at, item.closed_at)
    if isinstance(item, PullRequest):
        merge = (item.merged_at, _who(world, item.merged_by), item.is_draft, item.base_ref, item.head_ref)
        size = (item.head_sha, item.merge_commit_sha, item.additions, item.deletions, item.changed_files)
        verdict = "merged" if item.merged_at else item.state
        texts = (item.title, item.body)
        yield "pull_requests", (name, number, item.pull_id, *texts, verdict, author, *times, *merge, *size)
    else:
        texts = (item.title, item.body, item.state, item.state_reason)
        yield "issues", (name, number, item.id, *texts, author, *times, item.locked, milestone)
    yield from (("labels", (name, number, state.labels[key].name)) for key in item.labels)
    yield from (("assignees", (name, number, who)) for who in item.assignees if _who(world, who))


def _comment(world: World, name: str, comment: Any, kind: str) -> tuple[Any, ...]:
    who = _who(world, comment.author)
    return (name, comment.number, kind, comment.id, who, comment.body, comment.created_at, comment.updated_at)


def _who(world: World, key: int | None) -> int | None:
    account = world.account(key)
    return account.id if account else None
