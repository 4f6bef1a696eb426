-- What the dashboard shows of releases, libraries, people, risks and the data themselves. Who is a person and what is a
-- commit by people is told by view authorships.

CREATE VIEW data_as_of AS
    SELECT least(f.releases_as_of, f.commits_as_of, f.github_as_of) AS as_of, f.*
    FROM (SELECT min(coalesce(checked_at, changed_at)) FILTER (WHERE asset LIKE 'boost/%') AS releases_as_of,
                 min(coalesce(checked_at, changed_at)) FILTER (WHERE asset LIKE 'code/%') AS commits_as_of,
                 min(coalesce(checked_at, changed_at))
                     FILTER (WHERE asset IN ('github/repositories', 'github/issues', 'github/comments')) AS github_as_of
          FROM freshness) f;
COMMENT ON VIEW data_as_of IS
    'When the sources were last read, whether there was anything new or not: the oldest of boost/*, of code/*, of what is asked of GitHub for boost''s repositories, and of all of them (as_of). What was never read without a failure counts from its last change. Ages in days are counted to these, not to the clock.';

CREATE VIEW stable_releases AS
    SELECT r.id AS release_id, r.tag, r.major, r.minor, r.patch, r.released_on, r.tagged_on, r.day, r.previous_id,
           row_number() OVER (ORDER BY r.major, r.minor, r.patch) AS position
    FROM dated_releases r WHERE r.is_release;
COMMENT ON VIEW stable_releases IS 'The releases of Boost (dated_releases.is_release) in the order of their versions, from position 1. Betas, candidates and heads are out.';

CREATE VIEW newest_release AS
    SELECT s.* FROM stable_releases s
    JOIN release_states w ON w.release_id = s.release_id AND w.modules > 0
    ORDER BY w.is_whole DESC, s.position DESC LIMIT 1;
COMMENT ON VIEW newest_release IS
    'The highest release that was read whole (release_states); where none was, the highest that was read in part. No row where none was read.';

CREATE VIEW partial_releases AS
    SELECT s.release_id, s.tag, s.position, w.modules, w.unread, w.unread_modules, w.has_graph,
           s.position > coalesce((SELECT n.position FROM newest_release n), 0) AS is_newer
    FROM stable_releases s JOIN release_states w ON w.release_id = s.release_id AND w.modules > 0 AND NOT w.is_whole;
COMMENT ON VIEW partial_releases IS
    'Releases that were read in part: how many of their modules, and which, are not here whole. is_newer: than newest_release, beside which they are named.';

CREATE VIEW commits_left_out AS
    SELECT c.commits, c.merges, c.commits - c.merges - h.by_people AS by_bots, h.by_people, h.undated
    FROM (SELECT count(*) AS commits, count(*) FILTER (WHERE is_merge) AS merges FROM boost_commits) c
    CROSS JOIN (SELECT count(*) AS by_people, count(*) FILTER (WHERE authored_at IS NULL) AS undated
                FROM authorships WHERE place = 1) h;
COMMENT ON VIEW commits_left_out IS
    'Of all boost_commits those by people (authorships), and what is not: merges, else commits of bots. undated: of those by people, how many have no believable date, so that they are in no year.';

CREATE VIEW contributors_by_year AS
    WITH active AS (
        SELECT person, year, count(*) FILTER (WHERE place = 1) AS commits,
               min(year) OVER (PARTITION BY person) AS first_year,
               lag(year) OVER (PARTITION BY person ORDER BY year) AS year_before
        FROM authorships WHERE year IS NOT NULL GROUP BY person, year
    ), years AS (
        SELECT y.year, coalesce(sum(a.commits), 0)::bigint AS commits, count(a.person) AS contributors,
               count(*) FILTER (WHERE a.year = a.first_year) AS first_timers,
               count(*) FILTER (WHERE a.year_before = a.year - 1) AS returned
        FROM (SELECT generate_series(min(year), max(year)) AS year FROM active) y LEFT JOIN active a ON a.year = y.year
        GROUP BY y.year
    )
    SELECT y.year, y.commits, y.contributors,
           CASE WHEN y.year > min(y.year) OVER () THEN y.first_timers END AS first_timers, y.returned,
           round(y.returned::numeric / nullif(b.contributors, 0), 4)::float AS retention,
           y.year >= extract(year FROM d.commits_as_of AT TIME ZONE 'UTC') AS is_open
    FROM years y LEFT JOIN years b ON b.year = y.year - 1 CROSS JOIN data_as_of d;
COMMENT ON VIEW contributors_by_year IS
    'Per year of the author date (UTC), over authorships: commits, contributors, first_timers whose first commit ever in any module is of that year (NULL, not known, in the first year of all: who came before has left no trace), returned who committed in the year before too, and retention (LF Insights): returned / contributors of the year before. is_open: the year was not over when commits were last read. Years without a commit between others are rows of 0.';

CREATE VIEW contributors_by_release AS
    WITH work AS (
        SELECT w.person, s.position, count(*) FILTER (WHERE w.place = 1 AND NOT w.is_brought) AS commits,
               count(*) FILTER (WHERE w.place = 1 AND w.is_brought) AS brought_commits, bool_or(NOT w.is_brought) AS here
        FROM released_work w JOIN stable_releases s ON s.release_id = w.first_release_id GROUP BY w.person, s.position
    ), active AS (
        SELECT a.*, min(a.position) OVER (PARTITION BY a.person) AS first_position, min(a.position) OVER () AS oldest
        FROM work a
    )
    SELECT s.release_id, s.tag, s.day, s.position, sum(a.commits)::bigint AS commits,
           count(*) FILTER (WHERE a.here) AS contributors,
           CASE WHEN a.position > a.oldest
                THEN count(*) FILTER (WHERE a.here AND a.position = a.first_position) END AS first_timers,
           sum(a.brought_commits)::bigint AS brought_commits
    FROM active a JOIN stable_releases s ON s.position = a.position
    GROUP BY s.release_id, s.tag, s.day, s.position, a.position, a.oldest;
COMMENT ON VIEW contributors_by_release IS
    'Per release, over released_work: commits that it was the first to contain, contributors, and first_timers, whose work was in no release before, over the whole history; NULL, not known, in the oldest release that has any. What new libraries brought with them is in brought_commits alone.';

CREATE VIEW contributors AS
    SELECT person, (array_agg(name ORDER BY authored_at DESC NULLS LAST, commit_id DESC))[1] AS name,
           count(*) AS commits, count(DISTINCT repository_id) AS repositories, min(authored_at) AS first_commit_at,
           max(authored_at) AS last_commit_at,
           count(*) FILTER (WHERE authored_at > (SELECT commits_as_of FROM data_as_of) - interval '365 days') AS commits_last_year
    FROM authorships GROUP BY person;
COMMENT ON VIEW contributors IS
    'One row per person of authorships, under the newest name that they committed by; commits that they wrote, alone or with others.';

CREATE VIEW contributor_totals AS
    WITH authorship AS MATERIALIZED (
        SELECT person, count(*) AS ever, count(*) FILTER (WHERE place = 1) AS commits_ever,
               count(*) FILTER (WHERE authored_at > (SELECT commits_as_of FROM data_as_of) - interval '730 days') AS two_years,
               count(*) FILTER (WHERE place = 1 AND authored_at > (SELECT commits_as_of FROM data_as_of) - interval '730 days')
                   AS commits_two_years,
               count(*) FILTER (WHERE authored_at > (SELECT commits_as_of FROM data_as_of) - interval '365 days') AS one_year,
               count(*) FILTER (WHERE place = 1 AND authored_at > (SELECT commits_as_of FROM data_as_of) - interval '365 days')
                   AS commits_one_year
        FROM authorships GROUP BY person
    )
    SELECT scope.scope, count(*) FILTER (WHERE c.wrote > 0) AS contributors, coalesce(sum(c.commits), 0)::bigint AS commits,
           coalesce(absence_factor(array_agg(c.wrote) FILTER (WHERE c.wrote > 0)), 0) AS absence_factor
    FROM (VALUES ('all years'), ('last 730 days'), ('last 365 days')) AS scope (scope)
    LEFT JOIN LATERAL (
        SELECT CASE scope.scope WHEN 'all years' THEN ever WHEN 'last 730 days' THEN two_years ELSE one_year END AS wrote,
               CASE scope.scope WHEN 'all years' THEN commits_ever WHEN 'last 730 days' THEN commits_two_years
                                ELSE commits_one_year END AS commits
        FROM authorship
    ) c ON true
    GROUP BY scope.scope;
COMMENT ON VIEW contributor_totals IS
    'Contributors, commits and the Contributor Absence Factor (CHAOSS, function absence_factor of each person''s authorships) of all modules and tools together, over all of authorships and over its last 730 and 365 days before commits were last read (data_as_of).';

CREATE VIEW repository_people AS
    WITH authorship AS (
        SELECT repository_id, person, count(*) AS wrote, count(*) FILTER (WHERE place = 1) AS commits,
               max(authored_at) AS last_commit_at,
               count(*) FILTER (WHERE authored_at > (SELECT commits_as_of FROM data_as_of) - interval '730 days') AS recent,
               count(*) FILTER (WHERE place = 1 AND authored_at > (SELECT commits_as_of FROM data_as_of) - interval '730 days')
                   AS recent_commits
        FROM authorships GROUP BY repository_id, person
    )
    SELECT repository_id, count(*) AS contributors, sum(commits)::bigint AS commits, max(last_commit_at) AS last_commit_at,
           absence_factor(array_agg(wrote)) AS absence_factor,
           count(*) FILTER (WHERE recent > 0) AS recent_contributors, sum(recent_commits)::bigint AS recent_commits,
           absence_factor(array_agg(recent) FILTER (WHERE recent > 0)) AS recent_absence_factor
    FROM authorship GROUP BY repository_id;
COMMENT ON VIEW repository_people IS
    'Per repository, over authorships: contributors, commits, the last commit, and the Contributor Absence Factor (CHAOSS, function absence_factor of each person''s authorships); recent_*: the same over the last 730 days before commits were last read (data_as_of).';

CREATE VIEW absence_factors AS
    SELECT repository_id, contributors, commits, absence_factor FROM repository_people;
COMMENT ON VIEW absence_factors IS 'Contributor Absence Factor (CHAOSS) per repository, over its whole history: repository_people.';

CREATE VIEW repository_contributors AS
    SELECT repository_id, (array_agg(name ORDER BY authored_at DESC NULLS LAST, commit_id DESC))[1] AS name,
           count(*) AS commits, min(authored_at) AS first_commit_at, max(authored_at) AS last_commit_at,
           row_number() OVER (PARTITION BY repository_id ORDER BY count(*) DESC, person) AS place,
           count(*) OVER (PARTITION BY repository_id) AS of_contributors
    FROM authorships GROUP BY repository_id, person;
COMMENT ON VIEW repository_contributors IS
    'Who wrote a repository, over authorships: one row per person, under their newest name; place 1 has the most commits.';

CREATE VIEW repository_commits_by_year AS
    WITH active AS (
        SELECT repository_id, year, count(*) FILTER (WHERE place = 1) AS commits, count(DISTINCT person) AS contributors,
               coalesce(sum(additions) FILTER (WHERE place = 1), 0)::bigint AS additions,
               coalesce(sum(deletions) FILTER (WHERE place = 1), 0)::bigint AS deletions
        FROM authorships WHERE year IS NOT NULL GROUP BY repository_id, year
    )
    SELECT y.repository_id, y.year, coalesce(a.commits, 0) AS commits, coalesce(a.contributors, 0) AS contributors,
           coalesce(a.additions, 0) AS additions, coalesce(a.deletions, 0) AS deletions,
           y.year >= extract(year FROM d.commits_as_of AT TIME ZONE 'UTC') AS is_open
    FROM (SELECT repository_id, generate_series(min(year), max(year)) AS year FROM active GROUP BY repository_id) y
    LEFT JOIN active a USING (repository_id, year) CROSS JOIN data_as_of d;
COMMENT ON VIEW repository_commits_by_year IS
    'Per repository and year of the author date (UTC), over authorships: commits, contributors, lines added and deleted. is_open: the year was not over when commits were last read. Years without a commit between others are rows of 0.';

CREATE VIEW repository_commits_by_release AS
    WITH active AS (
        SELECT w.repository_id, s.position, count(*) FILTER (WHERE w.place = 1 AND NOT w.is_brought) AS commits,
               count(DISTINCT w.person) FILTER (WHERE NOT w.is_brought) AS contributors,
               count(*) FILTER (WHERE w.place = 1 AND w.is_brought) AS brought_commits
        FROM released_work w JOIN stable_releases s ON s.release_id = w.first_release_id
        GROUP BY w.repository_id, s.position
    )
    SELECT span.repository_id, s.release_id, s.tag, s.position, coalesce(a.commits, 0) AS commits,
           coalesce(a.contributors, 0) AS contributors, coalesce(a.brought_commits, 0) AS brought_commits
    FROM (SELECT repository_id, min(position) AS first, max(position) AS last FROM active GROUP BY repository_id) span
    JOIN stable_releases s ON s.position BETWEEN span.first AND span.last
    LEFT JOIN active a ON a.repository_id = span.repository_id AND a.position = s.position;
COMMENT ON VIEW repository_commits_by_release IS
    'Per repository and release, over released_work: commits that it was the first to contain and contributors; brought_commits: the history with which the repository joined. Releases with none between others are rows of 0. Unreleased commits are out.';

CREATE VIEW release_edges AS
    SELECT d.release_id, d.module_id, m.name AS module, d.depends_on_id, o.name AS depends_on,
           sum(d.include_count)::bigint AS include_count, max(w.pull_weight) AS pull_weight,
           min(d.witnesses -> 0 ->> 'file') AS file, min(d.witnesses -> 0 ->> 'header') AS header
    FROM dependencies d
    JOIN modules m ON m.id = d.module_id
    JOIN modules o ON o.id = d.depends_on_id
    LEFT JOIN dependency_weights w USING (release_id, module_id, depends_on_id)
    WHERE d.include_count > 0 AND d.kind IN ('header', 'source')
    GROUP BY d.release_id, d.module_id, m.name, d.depends_on_id, o.name;
COMMENT ON VIEW release_edges IS
    'One row per pair of modules of a release of which headers or sources of one include headers of the other: includes, an example, and pull_weight, the modules that would no longer be needed without it. Tests, comments and strings are out.';

CREATE VIEW release_summaries AS
    SELECT s.release_id, s.tag, s.released_on, s.tagged_on, s.position, p.tag AS previous_tag, w.modules,
           CASE WHEN w.lists_all THEN (SELECT nullif(count(*), 0) FROM library_versions x WHERE x.release_id = s.release_id) END
               AS libraries,
           CASE WHEN w.is_whole THEN g.highest_level END AS highest_level, CASE WHEN w.is_whole THEN g.cycles END AS cycles,
           CASE WHEN w.is_whole THEN (SELECT count(*) FROM dependency_weights x WHERE x.release_id = s.release_id) END
               AS dependencies,
           CASE WHEN w.has_graph AND b.has_graph THEN c.added END AS dependencies_added,
           CASE WHEN w.has_graph AND b.has_graph THEN c.removed END AS dependencies_removed,
           CASE WHEN w.modules > 0 THEN w.unread END AS modules_unread
    FROM stable_releases s
    JOIN release_states w ON w.release_id = s.release_id
    LEFT JOIN releases p ON p.id = s.previous_id
    LEFT JOIN release_states b ON b.release_id = s.previous_id
    LEFT JOIN LATERAL (
        SELECT max(x.level) AS highest_level, count(DISTINCT x.cycle) AS cycles
        FROM module_graph x WHERE x.release_id = s.release_id
    ) g ON true
    LEFT JOIN LATERAL (
        SELECT count(*) FILTER (WHERE x.change = 'added') AS added, count(*) FILTER (WHERE x.change = 'removed') AS removed
        FROM dependency_changes_between(s.previous_id, s.release_id) x
    ) c ON true;
COMMENT ON VIEW release_summaries IS
    'One row per release: modules, libraries (NULL where no module described one, as before 1.56), dependencies (pairs of modules; headers and sources), those added and removed since the release before (dependency_changes_between: among modules that both have whole), the highest level, cycles, and modules that were not read whole. NULL: its graph, or that of the release before, is not here; of a release that was read in part the numbers of the whole graph are not known.';

CREATE VIEW library_current AS
    SELECT DISTINCT ON (v.library_id) v.library_id, v.id AS library_version_id, v.release_id, v.module_id,
           m.repository_id, r.tag, r.id IS NOT DISTINCT FROM n.release_id AS in_newest,
           r.is_release AND (r.major, r.minor, r.patch) > (n.major, n.minor, n.patch) AS is_newer
    FROM library_versions v
    JOIN dated_releases r ON r.id = v.release_id AND r.deleted_at IS NULL
    JOIN release_modules m ON m.release_id = v.release_id AND m.module_id = v.module_id
    LEFT JOIN newest_release n ON true
    ORDER BY v.library_id, r.id IS NOT DISTINCT FROM n.release_id DESC, r.is_release DESC, r.major DESC NULLS LAST,
             r.minor DESC NULLS LAST, r.patch DESC NULLS LAST, r.prerelease DESC NULLS FIRST, r.id DESC;
COMMENT ON VIEW library_current IS
    'Per library the version that speaks for it: of newest_release; of a library that is not in it, of the highest release that lists it, which may be newer and read in part (is_newer); else of a beta, candidate or head.';

CREATE VIEW repository_work AS
    SELECT w.repository_id, count(*) FILTER (WHERE w.item = 'issue') AS issues,
           count(*) FILTER (WHERE w.item = 'issue' AND w.closed_at IS NULL) AS open_issues,
           count(*) FILTER (WHERE w.item = 'pull_request') AS pull_requests,
           count(*) FILTER (WHERE w.item = 'pull_request' AND w.closed_at IS NULL) AS open_pull_requests,
           min(w.created_at) FILTER (WHERE w.item = 'pull_request' AND w.closed_at IS NULL AND NOT w.is_draft)
               AS oldest_open_pull_request_at
    FROM work_items w WHERE NOT w.by_bot GROUP BY w.repository_id;
COMMENT ON VIEW repository_work IS
    'Per repository the issues and pull requests of people: all, open ones, and since when the oldest pull request waits that is no draft. Bots and deleted items are out.';

CREATE VIEW library_overview AS
    SELECT l.id AS library_id, l.key, l.aliases, v.name, m.name AS module, p.owner, p.name AS repository, c.module_id,
           c.repository_id, v.description, v.documentation, v.status, v.std, v.cxxstd, v.added_in, c.tag AS last_tag,
           c.in_newest, c.is_newer, NOT coalesce(g.is_known, true) AS is_unknown, first.tag AS first_tag, since.tag AS module_first_tag, listed.releases,
           (SELECT array_agg(category ORDER BY category) FROM library_categories x
            WHERE x.library_version_id = v.id) AS categories,
           (SELECT array_agg(shown_name(x.name) ORDER BY x.position) FROM library_people x
            WHERE x.library_version_id = v.id AND role = 'maintainer') AS maintainers,
           g.effective_cxxstd, raised.name AS raised_by, g.level, g.direct, g.transitive, z.unread > 0 AS in_partial,
           CASE WHEN z.unread = 0 THEN g.dependents END AS dependents,
           CASE WHEN z.unread = 0 THEN g.transitive_dependents END AS transitive_dependents, g.cycle,
           (SELECT coalesce(sum(f.file_count), 0)::bigint FROM release_folders x JOIN source_folders f ON f.id = x.folder_id
            WHERE x.release_id = c.release_id AND x.module_id = c.module_id AND f.kind = 'header') AS headers,
           h.contributors, h.commits, h.last_commit_at, h.absence_factor, h.recent_contributors, h.recent_commits,
           h.recent_absence_factor, w.open_issues, w.open_pull_requests,
           (SELECT checked_at FROM looks WHERE asset = 'code/commits' AND unit = p.name) AS commits_as_of,
           (SELECT min(checked_at) FROM looks
            WHERE asset IN ('github/repositories', 'github/issues', 'github/comments') AND unit = p.name) AS github_as_of
    FROM libraries l
    JOIN library_current c ON c.library_id = l.id
    JOIN library_versions v ON v.id = c.library_version_id
    JOIN release_states z ON z.release_id = c.release_id
    JOIN modules m ON m.id = c.module_id
    JOIN repositories p ON p.id = c.repository_id
    LEFT JOIN known_graph g ON g.release_id = c.release_id AND g.module_id = c.module_id
    LEFT JOIN modules raised ON raised.id = g.raised_by_id
    LEFT JOIN repository_people h ON h.repository_id = c.repository_id
    LEFT JOIN repository_work w ON w.repository_id = c.repository_id
    LEFT JOIN (SELECT x.library_id, min(s.position) AS position, count(*) AS releases
               FROM library_versions x JOIN stable_releases s USING (release_id) GROUP BY x.library_id) listed
        ON listed.library_id = l.id
    LEFT JOIN stable_releases first ON first.position = listed.position
    LEFT JOIN (SELECT x.module_id, min(s.position) AS position
               FROM release_modules x JOIN stable_releases s USING (release_id) GROUP BY x.module_id) came
        ON came.module_id = c.module_id
    LEFT JOIN stable_releases since ON since.position = came.position;
COMMENT ON VIEW library_overview IS
    'One row per library, from its version in library_current. Numbers of the graph are those of its module in that release; people, commits and open items those of its repository, which several libraries may share. in_partial: other modules of that release were not read, so that who needs it is not known. is_unknown: the graph of that release does not know its place, as it or what it needs was not read whole. first_tag: the first stable release whose libraries.json lists it (no module had that file before 1.56); module_first_tag: the first with its module. commits_as_of, github_as_of: when its repository and its items were last looked at, whether there was anything new or not.';

CREATE VIEW library_people_current AS
    SELECT c.library_id, p.role, p.position, shown_name(p.name) AS name
    FROM library_current c JOIN library_people p ON p.library_version_id = c.library_version_id;
COMMENT ON VIEW library_people_current IS
    'Authors and maintainers by name, as libraries.json of the version in library_current has them, without addresses (shown_name).';

CREATE VIEW library_events AS
    SELECT c.library_id, s.tag, s.released_on, s.tagged_on, s.position, c.change, c.before, c.after
    FROM library_changes c JOIN stable_releases s ON s.release_id = c.release_id;
COMMENT ON VIEW library_events IS 'The history of a library: library_changes of each stable release against the one before it.';

CREATE VIEW module_files AS
    SELECT s.release_id, s.tag, s.position, r.module_id,
           coalesce(sum(f.file_count) FILTER (WHERE f.kind = 'header'), 0)::bigint AS headers,
           coalesce(sum(f.file_count) FILTER (WHERE f.kind = 'source'), 0)::bigint AS sources,
           coalesce(sum(f.file_count) FILTER (WHERE f.kind = 'test'), 0)::bigint AS tests
    FROM release_folders r
    JOIN source_folders f ON f.id = r.folder_id
    JOIN stable_releases s ON s.release_id = r.release_id
    GROUP BY s.release_id, s.tag, s.position, r.module_id;
COMMENT ON VIEW module_files IS
    'Per stable release and module the files below include/ (headers), src/ (sources) and test/ (tests).';

CREATE VIEW newest_header_changes AS
    SELECT n.tag, h.module_id, h.change, h.include_path, h.other,
           count(*) OVER (PARTITION BY h.module_id) AS of_changes,
           row_number() OVER (PARTITION BY h.module_id ORDER BY h.change, h.include_path) AS place
    FROM newest_release n CROSS JOIN LATERAL header_changes_between(n.previous_id, n.release_id) h
    WHERE EXISTS (SELECT FROM release_folders f WHERE f.release_id = n.previous_id);
COMMENT ON VIEW newest_header_changes IS
    'Headers added, removed, renamed and moved between newest_release and the stable release before it: header_changes_between.';

CREATE VIEW module_risks AS
    SELECT n.tag, r.module_id, m.name AS module, r.repository_id, g.dependents, g.transitive_dependents,
           h.contributors, h.recent_contributors, h.absence_factor, h.recent_absence_factor, h.last_commit_at,
           floor(extract(epoch FROM d.commits_as_of - h.last_commit_at) / 86400)::int AS days_since_commit,
           w.open_pull_requests,
           floor(extract(epoch FROM d.github_as_of - w.oldest_open_pull_request_at) / 86400)::int AS oldest_pull_request_days,
           round((1 + g.transitive_dependents)
                 * (greatest(extract(epoch FROM d.commits_as_of - h.last_commit_at), 0) / 86400 / 365)
                 * (1 + coalesce(greatest(extract(epoch FROM d.github_as_of - w.oldest_open_pull_request_at), 0) / 86400 / 365, 0))
                 / greatest(coalesce(h.recent_absence_factor, 0), 1), 2)::float AS risk
    FROM newest_release n
    CROSS JOIN data_as_of d
    JOIN release_modules r ON r.release_id = n.release_id
    JOIN modules m ON m.id = r.module_id
    JOIN module_graph g ON g.release_id = n.release_id AND g.module_id = r.module_id
    JOIN repository_people h ON h.repository_id = r.repository_id
    LEFT JOIN repository_work w ON w.repository_id = r.repository_id;
COMMENT ON VIEW module_risks IS
    'Modules of newest_release by how much hangs on how few: risk = (1 + modules that need it) x years since the last human commit x (1 + years that the oldest open pull request waits, 0 where GitHub was not asked) / absence factor of the last 730 days, at least 1. A rank to look by, no probability; modules without a commit or a graph are out.';

CREATE VIEW asset_freshness AS
    SELECT asset, s.checked_at, s.changed_at, coalesce(u.units, 0) AS units, coalesce(f.open_failures, 0) AS open_failures
    FROM freshness s
    FULL JOIN (SELECT asset, count(*) AS units FROM cursors WHERE unit <> '*' AND asset NOT LIKE 'scheduling/%'
               GROUP BY asset) u USING (asset)
    FULL JOIN (SELECT asset, count(*) AS open_failures FROM failures WHERE resolved_at IS NULL GROUP BY asset) f USING (asset);
COMMENT ON VIEW asset_freshness IS
    'Per asset: when all of it was last looked at without a failure, whether there was anything new or not; when its data last changed; units with a cursor (repositories, releases), and units that fail now. NULL: never.';

CREATE VIEW open_failures AS
    SELECT asset, unit, category, error, first_seen, last_seen, attempts FROM failures WHERE resolved_at IS NULL;
COMMENT ON VIEW open_failures IS 'Units that failed and did not work since; each run tries them again.';

CREATE VIEW known_gaps AS
    SELECT 'metadata: ' || p.kind AS gap, r.tag AS at, m.name AS module, p.detail
    FROM metadata_problems p JOIN releases r ON r.id = p.release_id AND r.deleted_at IS NULL JOIN modules m ON m.id = p.module_id
    UNION ALL
    SELECT 'source files: ' || g.kind, r.tag, m.name, g.detail
    FROM source_gaps g JOIN releases r ON r.id = g.release_id AND r.deleted_at IS NULL JOIN modules m ON m.id = g.module_id
    UNION ALL
    SELECT 'item: ' || i.reason, '#' || i.number, p.name, coalesce('now ' || i.moved_to, '')
    FROM item_gaps i JOIN repositories p ON p.id = i.repository_id
    UNION ALL
    SELECT 'list cut: ' || t.connection, '#' || t.number, p.name, t.read || ' of ' || t.total
    FROM truncated_connections t JOIN repositories p ON p.id = t.repository_id
    UNION ALL
    SELECT 'not given: ' || u.reason, CASE WHEN u.number = 0 THEN '' ELSE '#' || u.number END, p.name,
           u.part || ': ' || u.told
    FROM unread_parts u JOIN repositories p ON p.id = u.repository_id;
COMMENT ON VIEW known_gaps IS
    'What is known to be missing, all kinds in one list: metadata_problems, source_gaps, item_gaps, truncated_connections, unread_parts. Releases whose tag is gone are out.';

CREATE VIEW known_gap_counts AS
    SELECT gap, count(*) AS rows, count(DISTINCT module) AS modules FROM known_gaps GROUP BY gap;
COMMENT ON VIEW known_gap_counts IS 'known_gaps by kind: rows, and modules or repositories that they concern.';

CREATE VIEW api_costs AS
    SELECT source, asset, count(*) AS runs, sum(requests)::bigint AS requests, sum(points)::bigint AS points,
           sum(not_modified)::bigint AS not_modified, sum(retries)::bigint AS retries,
           round(sum(slept_seconds)::numeric, 1)::float AS slept_seconds, sum(bytes)::bigint AS bytes,
           sum(items)::bigint AS items, max(finished_at) AS last_finished_at
    FROM source_costs GROUP BY source, asset;
COMMENT ON VIEW api_costs IS 'What the runs of each asset cost at an API, all of source_costs summed.';

CREATE VIEW co_maintainers_needed AS
    SELECT k.*, p.maintainers
    FROM module_risks k
    LEFT JOIN LATERAL (
        SELECT string_agg(DISTINCT shown_name(x.name), ', ') AS maintainers
        FROM newest_release n JOIN library_versions v ON v.release_id = n.release_id AND v.module_id = k.module_id
        JOIN library_people x ON x.library_version_id = v.id AND x.role = 'maintainer'
    ) p ON true
    WHERE k.transitive_dependents > 0 AND coalesce(k.recent_absence_factor, 0) <= 1;
COMMENT ON VIEW co_maintainers_needed IS
    'module_risks that others need and of which at most one contributor made more than half of the commits of the last 730 days: the highest risk needs a co-maintainer first.';

CREATE VIEW longest_waiting_reviews AS
    SELECT w.repository_id, p.owner, p.name AS repository, w.number, w.title, a.login AS author, w.waiting_since,
           floor(extract(epoch FROM d.github_as_of - w.waiting_since) / 86400)::int AS days
    FROM waiting_reviews w
    CROSS JOIN data_as_of d
    JOIN repositories p ON p.id = w.repository_id AND p.kind IN ('superproject', 'boost', 'tool')
    LEFT JOIN accounts a ON a.id = w.author_id;
COMMENT ON VIEW longest_waiting_reviews IS
    'waiting_reviews of Boost''s repositories, with the days from waiting_since to when GitHub was last read (data_as_of).';

CREATE VIEW includes_to_drop AS
    SELECT e.*, round(e.pull_weight::numeric / e.include_count, 2)::float AS gain
    FROM newest_release n JOIN release_edges e ON e.release_id = n.release_id
    WHERE e.pull_weight > 1 AND e.include_count <= 5;
COMMENT ON VIEW includes_to_drop IS
    'Dependencies of newest_release that rest on at most five includes and bring more than one module that would otherwise not be needed: gain = pull_weight / include_count, the modules saved for each include removed.';

CREATE VIEW headline_figures AS
    WITH n AS (SELECT * FROM newest_release), s AS (SELECT w.is_whole, w.lists_all FROM n JOIN release_states w USING (release_id)), d AS (SELECT * FROM data_as_of), o AS (SELECT * FROM commits_left_out),
         t AS (SELECT * FROM contributor_totals), g AS (
             SELECT count(*) AS modules, sum(direct) AS edges, count(*) FILTER (WHERE cycle IS NOT NULL) AS cyclic,
                    max(level) AS level
             FROM module_graph WHERE release_id = (SELECT release_id FROM n)
         ), w AS (
             SELECT count(*) FILTER (WHERE NOT by_bot) AS items, count(*) FILTER (WHERE by_bot) AS bots,
                    count(*) FILTER (WHERE NOT by_bot AND closed_at IS NULL AND item = 'issue') AS open_issues,
                    count(*) FILTER (WHERE NOT by_bot AND closed_at IS NULL AND item = 'pull_request') AS open_pulls
             FROM work_items i JOIN repositories p ON p.id = i.repository_id AND p.kind IN ('superproject', 'boost', 'tool')
         )
    SELECT f.position, f.figure, CASE WHEN f.is_known THEN f.counted END AS value, f.of_rows, f.left_out, f.reason, f.as_of
    FROM (
        SELECT 1 AS position, 'Libraries in the newest release' AS figure,
               (SELECT count(*) FROM library_versions v WHERE v.release_id = n.release_id) AS counted,
               (SELECT count(*) FROM mounted_modules r WHERE r.release_id = n.release_id AND NOT r.is_tool) AS of_rows,
               (SELECT count(DISTINCT module_id) FROM metadata_problems x WHERE x.release_id = n.release_id) AS left_out,
               'modules with a problem in their libraries.json' AS reason, d.releases_as_of AS as_of, s.lists_all AS is_known
        FROM n CROSS JOIN d CROSS JOIN s
        UNION ALL
        SELECT 2, 'Modules in the newest release', count(*) FILTER (WHERE NOT r.is_tool), count(*),
               count(*) FILTER (WHERE r.is_tool), 'tools, which are not below libs/', max(d.releases_as_of), true
        FROM n CROSS JOIN d JOIN mounted_modules r ON r.release_id = n.release_id HAVING count(*) > 0
        UNION ALL
        SELECT 3, 'Dependencies between modules', g.edges, g.modules,
               (SELECT count(DISTINCT module_id) FROM source_gaps x WHERE x.release_id = n.release_id),
               'modules whose files are not all here', d.releases_as_of, s.is_whole
        FROM g CROSS JOIN d CROSS JOIN n CROSS JOIN s WHERE g.modules > 0
        UNION ALL
        SELECT 4, 'Modules in a dependency cycle', g.cyclic, g.modules, 0, NULL, d.releases_as_of, s.is_whole
        FROM g CROSS JOIN d CROSS JOIN s WHERE g.modules > 0
        UNION ALL
        SELECT 5, 'Stable releases', count(*) FILTER (WHERE is_release), count(*), count(*) FILTER (WHERE NOT is_release),
               'betas, candidates, heads, deleted and other tags', max(d.releases_as_of), true
        FROM dated_releases CROSS JOIN d HAVING count(*) > 0
        UNION ALL
        SELECT 6, 'Commits by people', o.by_people, o.commits, o.merges + o.by_bots, 'merges and bots', d.commits_as_of, true
        FROM o CROSS JOIN d WHERE o.commits > 0
        UNION ALL
        SELECT CASE t.scope WHEN 'all years' THEN 7 ELSE 8 END,
               CASE t.scope WHEN 'all years' THEN 'People who ever committed' ELSE 'People who committed in the last 365 days' END,
               t.contributors, t.commits, 0, NULL, d.commits_as_of, true
        FROM t CROSS JOIN d CROSS JOIN o WHERE t.scope IN ('all years', 'last 365 days') AND o.commits > 0
        UNION ALL
        SELECT 9, 'Open pull requests', w.open_pulls, w.items, w.bots, 'items of bots', d.github_as_of, true
        FROM w CROSS JOIN d WHERE w.items + w.bots > 0
        UNION ALL
        SELECT 10, 'Open issues', w.open_issues, w.items, w.bots, 'items of bots', d.github_as_of, true
        FROM w CROSS JOIN d WHERE w.items + w.bots > 0
        UNION ALL
        SELECT 11, 'Units that fail now', count(x.asset) FILTER (WHERE x.resolved_at IS NULL), count(x.asset),
               count(x.resolved_at), 'failures that were mended', greatest(max(d.newest), max(x.last_seen)), true
        FROM (SELECT max(greatest(checked_at, changed_at)) AS newest FROM freshness WHERE asset NOT LIKE 'reports/%') d
        LEFT JOIN failures x ON true HAVING max(d.newest) IS NOT NULL
    ) f;
COMMENT ON VIEW headline_figures IS
    'The figures of the first page, one a row: the value, the rows that it was counted from (of_rows), what was left out and why, and when its sources were last read (data_as_of; of failures: the newest look). Newest release: newest_release; commits and people: authorships, contributor_totals; items: work_items without bots.';

CREATE VIEW comparable_modules AS
    SELECT k.release_id, m.name AS module, g.level,
           NOT EXISTS (SELECT FROM source_gaps x WHERE x.release_id = k.release_id AND x.module_id = k.module_id) AS is_whole,
           NOT EXISTS (SELECT FROM metadata_problems x WHERE x.release_id = k.release_id AND x.module_id = k.module_id
                       AND x.kind IN ('missing_commit', 'missing_repository', 'invalid_json', 'unknown_shape')) AS is_read
    FROM (SELECT release_id, module_id FROM module_graph UNION SELECT release_id, module_id FROM unread_modules) k
    LEFT JOIN known_graph g ON g.release_id = k.release_id AND g.module_id = k.module_id
    JOIN modules m ON m.id = k.module_id
    JOIN dated_releases r ON r.id = k.release_id AND r.is_release
    WHERE EXISTS (SELECT FROM module_graph x WHERE x.release_id = k.release_id);
COMMENT ON VIEW comparable_modules IS
    'Modules of each release whose graph is here, those that were not read among them, with their level (NULL: not known), whether all their files were read (is_whole), and whether their libraries.json could be read (is_read): what a comparison of two releases may conclude from.';
