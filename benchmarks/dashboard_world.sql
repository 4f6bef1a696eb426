-- A warehouse of Boost's size for benchmarks/dashboard.py, which fills in the names in capitals. Rows that hang on
-- others are right by construction, so that keys need no check.
SET session_replication_role = replica;
SELECT setseed(0.42);
INSERT INTO releases (id, tag, kind, major, minor, patch, commit_sha, committed_at, released_on, released_on_source,
                      previous_id)
OVERRIDING SYSTEM VALUE
SELECT n, 'boost-1.' || n + 16 || '.0', 'stable', 1, n + 16, 0, md5(n::text), at, at::date, 'website', nullif(n - 1, 0)
FROM generate_series(1, {RELEASES}) n CROSS JOIN LATERAL (SELECT timestamptz '2000-07-05' + n * interval '105 days')
    d (at);
INSERT INTO modules (id, name) OVERRIDING SYSTEM VALUE
SELECT n, 'module_' || n FROM generate_series(1, {MODULES}) n;
INSERT INTO repositories (id, owner, name, kind, default_branch) OVERRIDING SYSTEM VALUE
SELECT n, 'boostorg', 'module_' || n, 'boost', 'develop' FROM generate_series(1, {MODULES}) n;
INSERT INTO libraries (id, key, name, aliases) OVERRIDING SYSTEM VALUE
SELECT n, 'module_' || n, 'Module ' || n, '{{}}' FROM generate_series(1, {MODULES}) n;
INSERT INTO release_modules SELECT r, m, m, 'libs/module_' || m, md5(r || '-' || m)
FROM generate_series(1, {RELEASES}) r, generate_series(1, {MODULES}) m;
INSERT INTO library_versions (id, library_id, release_id, module_id, key, metadata_path, name, description, cxxstd,
    std)
OVERRIDING SYSTEM VALUE
SELECT r * 1000 + m, m, r, m, 'module_' || m, 'meta/libraries.json', 'Module ' || m, repeat('What it is for. ', 8),
       (ARRAY['03', '11', '14', '17'])[1 + m % 4], '{{}}'
FROM generate_series(1, {RELEASES}) r, generate_series(1, {MODULES}) m;
INSERT INTO library_people SELECT v.id, role, 0, 'Person ' || v.library_id + v.release_id / 30,
    'Person ' || v.library_id + v.release_id / 30
FROM library_versions v, (VALUES ('author'), ('maintainer')) x (role);
INSERT INTO library_categories SELECT id, (ARRAY['Containers', 'Math and Numerics', 'System',
    'Generic'])[1 + library_id % 4], 'x'
FROM library_versions;
CREATE TEMP TABLE edges AS SELECT DISTINCT a, 1 + floor(random() * a * 0.9)::int AS b
FROM (SELECT 2 + floor(random() * ({MODULES} - 1))::int AS a FROM generate_series(1, {EDGES} * 5 / 4)) s;
DELETE FROM edges WHERE a <= b;
INSERT INTO dependencies SELECT r, a, b, 'header', 1 + (a * b) % 20, 1, '[{{"file": "include/boost/x.hpp",
    "header": "boost/y.hpp"}}]'
FROM edges, generate_series(1, {RELEASES}) r WHERE (a * 31 + b * 17 + r) % 40 <> 0;
INSERT INTO dependency_weights SELECT release_id, module_id, depends_on_id, (module_id * depends_on_id) % 9
    FROM dependencies;
INSERT INTO module_graph
SELECT r, m, m / 12, m, coalesce(o.n, 0), coalesce(o.n, 0) * 2, coalesce(i.n, 0), coalesce(i.n, 0) * 3, NULL,
       (ARRAY['03', '11', '14', '17'])[1 + m % 4], '17', NULL
FROM generate_series(1, {RELEASES}) r CROSS JOIN generate_series(1, {MODULES}) m
LEFT JOIN (SELECT a, count(*) n FROM edges GROUP BY a) o ON o.a = m
LEFT JOIN (SELECT b, count(*) n FROM edges GROUP BY b) i ON i.b = m;
CREATE TEMP TABLE folders AS
SELECT r, m, kind, array_agg(path ORDER BY f) AS paths, array_agg(blob ORDER BY f) AS blobs,
       md5(kind || array_agg(blob ORDER BY f)::text) AS digest
FROM (SELECT r, m, f, 'include/boost/m' || m || '/f' || f || '.hpp' AS path,
             (ARRAY['header', 'header', 'test', 'source'])[1 + f % 4] AS kind,
             md5((m, f, r / (1 + f % 20))::text) AS blob
      FROM generate_series(1, {RELEASES}) r, generate_series(1, {MODULES}) m, generate_series(1, {FILES}) f) files
GROUP BY r, m, kind;
INSERT INTO source_folders (module_id, digest, kind, paths, include_paths, blob_shas)
SELECT DISTINCT ON (m, digest) m, digest, kind, paths,
       CASE WHEN kind = 'header' THEN array(SELECT substr(path, 9) FROM unnest(paths) AS path) END, blobs FROM folders;
INSERT INTO release_folders
SELECT r, m, s.id FROM folders JOIN source_folders s ON s.module_id = m AND s.digest = folders.digest;
INSERT INTO commits (repository_id, sha, parents, author_name, author_email, authored_at, author_utc_offset,
    committer_name,
    committer_email, committed_at, landed_at, subject, message, is_merge, is_reachable, on_default_branch,
        files_changed,
    additions, deletions, first_release_id)
SELECT 1 + n % {MODULES}, md5(n::text) || '00000000', '{{}}', 'Person ' || who, 'person' || who || '@example.org',
    at, 0,
       'Person ' || who, 'person' || who || '@example.org', at, at, 'Mend ' || n, 'Mend ' || n, n % 7 = 0, true,
           true, 1,
       n % 40, n % 17, nullif(least(1 + floor(extract(epoch FROM at - timestamptz '2000-07-05') / 86400 / 105),
           {RELEASES} + 1), {RELEASES} + 1)
FROM generate_series(1, {COMMITS}) n
CROSS JOIN LATERAL (SELECT 1 + floor(random() ^ 3 * {PEOPLE})::int + 0 * n AS who,
                           timestamptz '2000-07-05' + n * (interval '26 years' / {COMMITS}) AS at) x;
INSERT INTO accounts (id, github_id, login, kind) OVERRIDING SYSTEM VALUE
SELECT n, n, 'person' || n, 'user' FROM generate_series(1, {PEOPLE}) n;
INSERT INTO pull_requests (repository_id, number, github_id, node_id, title, body, author_id, created_at, updated_at,
    closed_at,
    merged_at, is_locked, comment_count, state, is_draft, base_ref, head_ref, base_sha, head_sha, additions,
        deletions, changed_files)
SELECT 1 + n % {MODULES}, n, n, 'P' || n, 'Mend ' || n, '', 1 + n % {PEOPLE}, at, at + interval '9 days',
       CASE WHEN n % 17 > 0 THEN at + interval '9 days' END, CASE WHEN n % 17 > 3 THEN at + interval '9 days' END,
           false, 2,
       CASE WHEN n % 17 = 0 THEN 'open' WHEN n % 17 > 3 THEN 'merged' ELSE 'closed' END, false, 'develop', 'x', 'a',
           'b', 1, 1, 1
FROM generate_series(1, {ITEMS} / 2) n CROSS JOIN LATERAL (SELECT timestamptz '2013-01-01' + n * (interval '13 years'
    / ({ITEMS} / 2))) x (at);
INSERT INTO issues (repository_id, number, github_id, node_id, title, body, author_id, created_at, updated_at,
    closed_at, is_locked, comment_count, state)
SELECT repository_id, number + {ITEMS}, github_id, 'I' || number, 'Fails ' || number, '', author_id, created_at,
    updated_at, closed_at, false, 2,
       CASE WHEN closed_at IS NULL THEN 'open' ELSE 'closed' END FROM pull_requests;
INSERT INTO comments (kind, github_id, node_id, repository_id, number, author_id, body, created_at, updated_at)
SELECT 'issue', row_number() OVER (), 'C' || row_number() OVER (), repository_id, number,
    1 + (number * 7 + k) % {PEOPLE}, 'Thanks',
       created_at + k * interval '1 day', created_at + k * interval '1 day'
FROM (SELECT repository_id, number, created_at FROM pull_requests UNION ALL SELECT repository_id, number,
    created_at FROM issues) i,
     generate_series(1, 3) k WHERE i.number % 11 > 0;
INSERT INTO reviews (github_id, node_id, repository_id, number, author_id, state, body, submitted_at, updated_at)
SELECT row_number() OVER (), 'R' || row_number() OVER (), repository_id, number, 1 + (number * 3 + k) % {PEOPLE},
       CASE k WHEN 1 THEN 'changes_requested' ELSE 'approved' END, '', created_at + k * interval '2 days',
           created_at + k * interval '2 days'
FROM pull_requests, generate_series(1, 2) k WHERE number % 4 > 0;
INSERT INTO item_events (node_id, repository_id, number, kind, created_at, payload)
SELECT 'E' || row_number() OVER (), repository_id, number, 'committed', created_at + k * interval '30 hours', '{{}}'
FROM pull_requests, generate_series(1, 3) k;
INSERT INTO cursors SELECT asset, 'module_' || m, '1', timestamptz '2026-11-20' FROM (VALUES ('code/commits'),
    ('github/issues')) x (asset), generate_series(1, {MODULES}) m;
INSERT INTO cursors SELECT 'boost/libraries', tag, '1', timestamptz '2026-11-20' FROM releases;
INSERT INTO looks SELECT asset, unit, completed_at FROM cursors;
INSERT INTO freshness SELECT asset, max(completed_at), max(completed_at), '1' FROM cursors GROUP BY asset;
SET session_replication_role = DEFAULT;
