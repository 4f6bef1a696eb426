"""Small warehouses that a test fills itself, and what a reader finds on a page."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from html.parser import HTMLParser

from boost_pipeline.warehouse.warehouse import Warehouse

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def fill(warehouse: Warehouse, keys: Sequence[str], *, words: str = "Words", github: bool = True) -> None:
    """Two releases with these libraries, each in a module of its key; `words` are all texts that people wrote."""
    with warehouse.transaction() as transaction:
        run = transaction.execute
        run(
            """
            INSERT INTO releases (id, tag, kind, major, minor, patch, commit_sha, released_on, released_on_source,
                                  previous_id)
            OVERRIDING SYSTEM VALUE
            VALUES (1, 'boost-1.80.0', 'stable', 1, 80, 0, 'a', '2022-08-10', 'website', NULL),
                   (2, 'boost-1.81.0', 'stable', 1, 81, 0, 'b', '2022-12-14', 'website', 1)
            """
        )
        for number, key in enumerate(keys, 1):
            run("INSERT INTO modules (id, name) OVERRIDING SYSTEM VALUE VALUES (%s, %s)", (number, key))
            run(
                """
                INSERT INTO repositories (id, owner, name, kind)
                OVERRIDING SYSTEM VALUE VALUES (%s, 'boostorg', %s, 'boost')
                """,
                (number, f"r{number}"),
            )
            run(
                "INSERT INTO libraries (id, key, name, aliases) OVERRIDING SYSTEM VALUE VALUES (%s, %s, %s, %s)",
                (number, key, words, [words]),
            )
            _library(transaction, number, key, words)
            if github:
                run(
                    """
                    INSERT INTO pull_requests (repository_id, number, github_id, node_id, title, body, created_at,
                        updated_at, is_locked, comment_count, state, is_draft, base_ref, head_ref, base_sha, head_sha,
                        additions, deletions, changed_files)
                    VALUES (%(n)s, 1, %(n)s, 'P' || %(n)s, %(words)s, '', %(at)s, %(at)s, false, 0, 'open', false,
                            'develop', 'x', 'a', 'b', 1, 1, 1)
                    """,
                    {"n": number, "words": words, "at": AT},
                )


def _library(transaction, number: int, key: str, words: str) -> None:
    for release in (1, 2):
        values = {"id": 10 * number + release, "n": number, "release": release, "key": key, "words": words}
        for statement in (
            "INSERT INTO release_modules VALUES (%(release)s, %(n)s, %(n)s, 'libs/' || %(key)s, 'c')",
            """
            INSERT INTO library_versions (id, library_id, release_id, module_id, key, metadata_path, name, description,
                documentation, status, std, added_in)
            OVERRIDING SYSTEM VALUE VALUES (%(id)s, %(n)s, %(release)s, %(n)s, %(key)s, 'meta/libraries.json',
                %(words)s, %(words)s, %(words)s, %(words)s, ARRAY[%(words)s], %(words)s)
            """,
            "INSERT INTO library_people VALUES (%(id)s, 'maintainer', 0, %(words)s, %(words)s, 'me@example.org')",
            "INSERT INTO library_categories VALUES (%(id)s, %(words)s, %(words)s)",
            """
            INSERT INTO module_graph (release_id, module_id, level, weight, direct, transitive, dependents,
                transitive_dependents, is_known) VALUES (%(release)s, %(n)s, 0, 1, 0, 0, 0, 0, true)
            """,
        ):
            transaction.execute(statement, values)
        if number > 1:
            transaction.execute(
                "INSERT INTO dependencies VALUES (%s, %s, 1, 'header', 1, 1, %s::jsonb)",
                (release, number, '[{"file": "include/a.hpp", "header": "boost/b.hpp"}]'),
            )
            transaction.execute("INSERT INTO dependency_weights VALUES (%s, %s, 1, 2)", (release, number))
    commit(transaction, number, words, "first")


def commit(transaction, repository: int, author: str, sha: str, at: datetime = AT) -> None:
    """Add a commit of a person to a repository, as read at its time."""
    transaction.execute(
        """
        INSERT INTO commits (repository_id, sha, parents, author_name, author_email, authored_at, author_utc_offset,
            committer_name, committer_email, committed_at, subject, message, is_merge, is_reachable, on_default_branch,
            files_changed, additions, deletions, first_release_id)
        VALUES (%(n)s, %(sha)s, '{}', %(author)s, 'me@example.org', %(at)s, 0, 'x', 'x', %(at)s, 'x', 'x', false, true,
                true, 1, 1, 1, 2)
        """,
        {"n": repository, "sha": sha, "author": author, "at": at},
    )
    transaction.move_cursor("code/commits", f"r{repository}", sha, at)
    transaction.looked_at("code/commits", {f"r{repository}": at})
    transaction.looked("code/commits", at)


def tables(html: str) -> dict[str, list[list[str]]]:
    """Return the rows of each table of a page, as texts, by its caption."""
    reader = _Tables()
    reader.feed(html)
    return reader.found


class _Tables(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, list[list[str]]] = {}
        self._rows: list[list[str]] = []
        self._text: str | None = None

    def handle_starttag(self, tag, attrs) -> None:
        if tag in ("caption", "td", "th"):
            self._text = ""
        elif tag == "tr":
            self._rows.append([])

    def handle_data(self, data) -> None:
        if self._text is not None:
            self._text += data

    def handle_endtag(self, tag) -> None:
        if tag == "caption":
            self._rows = self.found.setdefault(_line(self._text), [])
            self._text = None
        elif tag in ("td", "th"):
            self._rows[-1].append(_line(self._text))
            self._text = None
        elif tag == "thead":
            self._rows.clear()


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
