"""Killed at any moment and run again, the tables equal those of a run that was never killed."""

import random
import subprocess
import sys

import pytest

from boost_pipeline_tests.collectors.conftest import Platform

WORLDS, KILLS_IN_EACH = 4, 5

CONTENTS = {
    "releases": """
        SELECT r.tag, r.kind, r.major, r.minor, r.patch, r.prerelease, r.commit_sha, r.committed_at, r.tagged_at,
               r.released_on, p.tag FROM releases r LEFT JOIN releases p ON p.id = r.previous_id
    """,
    "release_modules": """
        SELECT r.tag, m.name, p.name, x.path, x.commit_sha FROM release_modules x JOIN releases r ON r.id = x.release_id
        JOIN modules m ON m.id = x.module_id JOIN repositories p ON p.id = x.repository_id
    """,
    "libraries": "SELECT key, name, aliases::text FROM libraries",
    "library_versions": """
        SELECT r.tag, l.key, m.name, v.key, v.metadata_path, v.name, v.description, v.documentation, v.cxxstd, v.status,
               v.std::text, v.added_in FROM library_versions v JOIN releases r ON r.id = v.release_id
        JOIN libraries l ON l.id = v.library_id JOIN modules m ON m.id = v.module_id
    """,
    "library_people": """
        SELECT r.tag, v.key, p.role, p.position, p.raw, p.name, p.email FROM library_people p
        JOIN library_versions v ON v.id = p.library_version_id JOIN releases r ON r.id = v.release_id
    """,
    "library_categories": """
        SELECT r.tag, v.key, c.category, c.raw FROM library_categories c
        JOIN library_versions v ON v.id = c.library_version_id JOIN releases r ON r.id = v.release_id
    """,
    "metadata_problems": """
        SELECT r.tag, m.name, p.kind, p.detail FROM metadata_problems p JOIN releases r ON r.id = p.release_id
        JOIN modules m ON m.id = p.module_id
    """,
    "repositories": "SELECT owner, name, kind, default_branch FROM repositories",
    "commits": """
        SELECT p.name, c.sha, c.parents::text, c.author_name, c.author_email, c.authored_at, c.author_utc_offset,
               c.committer_name, c.committer_email, c.committed_at, c.landed_at, c.subject, c.message, c.is_merge,
               c.is_reachable, c.on_default_branch, c.files_changed, c.additions, c.deletions, r.tag
        FROM commits c JOIN repositories p ON p.id = c.repository_id LEFT JOIN releases r ON r.id = c.first_release_id
    """,
    "commit_files": """
        SELECT p.name, c.sha, f.path, f.previous_path, f.status, f.additions, f.deletions FROM commit_files f
        JOIN commits c ON c.id = f.commit_id JOIN repositories p ON p.id = c.repository_id
    """,
    "commit_trailers": """
        SELECT p.name, c.sha, t.position, t.token, t.value FROM commit_trailers t
        JOIN commits c ON c.id = t.commit_id JOIN repositories p ON p.id = c.repository_id
    """,
    "refs": """
        SELECT p.name, r.name, r.kind, r.sha, r.commit_sha FROM refs r JOIN repositories p ON p.id = r.repository_id
    """,
    "source_files": """
        SELECT r.tag, m.name, f.path, f.include_path, f.kind, f.blob_sha FROM source_files f
        JOIN releases r ON r.id = f.release_id JOIN modules m ON m.id = f.module_id
    """,
    "blob_includes": "SELECT b::text FROM blob_includes b",
    "source_gaps": """
        SELECT r.tag, m.name, g.kind, g.detail FROM source_gaps g JOIN releases r ON r.id = g.release_id
        JOIN modules m ON m.id = g.module_id
    """,
    "dependencies": """
        SELECT r.tag, m.name, o.name, d.kind, d.include_count, d.boostdep_count, d.witnesses::text FROM dependencies d
        JOIN releases r ON r.id = d.release_id JOIN modules m ON m.id = d.module_id
        JOIN modules o ON o.id = d.depends_on_id
    """,
    "unknown_includes": """
        SELECT r.tag, m.name, u.kind, u.target, u.include_count, u.boostdep_count, u.file FROM unknown_includes u
        JOIN releases r ON r.id = u.release_id JOIN modules m ON m.id = u.module_id
    """,
    "module_graph": """
        SELECT r.tag, m.name, g.level, g.weight, g.direct, g.transitive, g.dependents, g.transitive_dependents, g.cycle,
               g.cxxstd, g.effective_cxxstd, o.name FROM module_graph g JOIN releases r ON r.id = g.release_id
        JOIN modules m ON m.id = g.module_id LEFT JOIN modules o ON o.id = g.raised_by_id
    """,
    "dependency_weights": """
        SELECT r.tag, m.name, o.name, w.pull_weight FROM dependency_weights w JOIN releases r ON r.id = w.release_id
        JOIN modules m ON m.id = w.module_id JOIN modules o ON o.id = w.depends_on_id
    """,
    "author_identities": "SELECT email, name, person, shown_name, is_bot FROM author_identities",
    "cursors": "SELECT asset, unit, position - 'pins' FROM cursors",
    "failures": "SELECT asset, unit FROM failures WHERE resolved_at IS NULL",
}
"""All tables by their natural keys; ids, and what is made of ids, may differ."""


def contents(platform: Platform):
    return {table: sorted(map(str, platform.rows(query))) for table, query in CONTENTS.items()}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(WORLDS))
def test_a_run_killed_again_and_again_ends_as_one_that_never_was(seed, platform, collected):
    dice = random.Random(seed)
    killed = 0
    while killed < KILLS_IN_EACH:
        with collecting(platform) as process:
            try:
                process.wait(dice.uniform(0, 2.0))  # a run that ends before its time was not killed: once more
            except subprocess.TimeoutExpired:
                process.kill()
                killed += 1

    assert platform.materialize().success
    found, expected = contents(platform), contents(collected)
    for table, rows in expected.items():
        assert found[table] == rows, table


def collecting(platform: Platform) -> subprocess.Popen:
    """Start a process that collects, and return when it begins to."""
    command = [sys.executable, "-m", "boost_pipeline_tests.collectors.collecting_process"]
    arguments = [platform.warehouse.conninfo(), str(platform.settings.home), platform.sample.url]
    process = subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout.readline() == b"begins\n"
    return process
