-- A day of work in CHANGED repositories.
INSERT INTO commits (repository_id, sha, parents, author_name, author_email, authored_at, author_utc_offset,
    committer_name,
    committer_email, committed_at, landed_at, subject, message, is_merge, is_reachable, on_default_branch,
        files_changed,
    additions, deletions)
SELECT n, md5('new' || n), '{{}}', 'Person 1', 'person1@example.org', at, 0, 'Person 1', 'person1@example.org', at,
    at, 'Mend', 'Mend',
       false, true, true, 1, 1, 1
FROM generate_series(1, {CHANGED}) n CROSS JOIN (VALUES (timestamptz '2026-11-21')) x (at);
UPDATE cursors SET completed_at = timestamptz '2026-11-21'
WHERE asset = 'code/commits' AND unit IN (SELECT 'module_' || n FROM generate_series(1, {CHANGED}) n);
UPDATE looks SET checked_at = timestamptz '2026-11-21';
UPDATE freshness SET checked_at = timestamptz '2026-11-21';
