-- Dossiers and months: what came into a release since the stable one before it, and what happened in a month. Commits
-- belong to a release by ancestry, never by date. Who is a person and what is a commit by people is told by view
-- authorships; what is left out is counted in release_left_out.

CREATE FUNCTION releases_before(of_release_id bigint) RETURNS TABLE (release_id bigint)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT e.id FROM dated_releases e JOIN releases r ON r.id = of_release_id
    WHERE e.is_release AND e.id <> r.id
      AND (r.kind = 'head' OR (e.major, e.minor, e.patch) < (r.major, r.minor, r.patch))
$$;
COMMENT ON FUNCTION releases_before IS
    'The releases (dated_releases.is_release) before one, by version; all of them before a head.';

CREATE FUNCTION release_contributions(of_release_id bigint)
    RETURNS TABLE (commit_id bigint, repository_id bigint, landed_at timestamptz, committed_at timestamptz,
                   additions bigint, deletions bigint, name text, person text, place bigint, is_brought boolean)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT w.commit_id, w.repository_id, w.landed_at, w.committed_at, w.additions, w.deletions, w.name, w.person, w.place,
           w.is_brought
    FROM released_work w WHERE w.first_release_id = of_release_id
    UNION ALL
    SELECT a.commit_id, a.repository_id, a.landed_at, a.committed_at, a.additions, a.deletions, a.name, a.person, a.place,
           EXISTS (SELECT FROM release_modules b WHERE b.release_id = r.previous_id)
           AND NOT EXISTS (SELECT FROM repository_arrivals j WHERE j.repository_id = a.repository_id)
    FROM authorships a JOIN releases r ON r.id = of_release_id AND r.kind = 'head'
    WHERE a.first_release_id IS NULL AND a.on_default_branch AND a.repository_id IN
          (SELECT m.repository_id FROM release_modules m WHERE m.release_id = of_release_id)
$$;
COMMENT ON FUNCTION release_contributions IS
    'The authorships that a release brought, by ancestry: commits that its pins contain and no earlier release''s do (released_work); commits are the rows of place 1. Of a head: those on default branches that no release contains. Of betas and candidates: none, as commits are placed by stable releases. is_brought: history of a repository that joined with it.';

CREATE FUNCTION release_left_out(of_release_id bigint)
    RETURNS TABLE (what text, commits bigint)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT kind.what, count(*) FROM commits c
    JOIN repositories r ON r.id = c.repository_id
    LEFT JOIN (SELECT w.commit_id, w.is_brought FROM release_contributions(of_release_id) w WHERE w.place = 1) mine
        ON mine.commit_id = c.id
    CROSS JOIN LATERAL (
        SELECT CASE WHEN r.kind = 'superproject' THEN 'superproject' WHEN c.is_merge THEN 'merges'
                    WHEN NOT c.is_reachable THEN 'unreachable' WHEN mine.is_brought THEN 'brought' ELSE 'bots' END AS what
    ) kind
    WHERE c.first_release_id = of_release_id AND coalesce(mine.is_brought, true)
    GROUP BY kind.what
$$;
COMMENT ON FUNCTION release_left_out IS
    'The commits of a release that its numbers leave out: of the superproject, merges, unreachable ones, the history that new libraries brought, those of bots; each is counted once, in this order.';

CREATE FUNCTION release_brought(of_release_id bigint)
    RETURNS TABLE (module text, commits bigint, people bigint, additions bigint, deletions bigint)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(m.name, p.name), c.commits, c.people, c.additions, c.deletions
    FROM (SELECT w.repository_id, count(*) FILTER (WHERE w.place = 1) AS commits, count(DISTINCT w.person) AS people,
                 coalesce(sum(w.additions) FILTER (WHERE w.place = 1), 0)::bigint AS additions,
                 coalesce(sum(w.deletions) FILTER (WHERE w.place = 1), 0)::bigint AS deletions
          FROM release_contributions(of_release_id) w WHERE w.is_brought GROUP BY w.repository_id) c
    JOIN repositories p ON p.id = c.repository_id
    LEFT JOIN LATERAL (SELECT string_agg(n.name, ', ' ORDER BY n.name) AS name FROM release_modules x
                       JOIN modules n ON n.id = x.module_id
                       WHERE x.release_id = of_release_id AND x.repository_id = c.repository_id) m ON true
$$;
COMMENT ON FUNCTION release_brought IS
    'The history with which modules joined Boost in a release (released_work.is_brought): their commits by people, who wrote them, and the lines. It is in no other number of the release.';

CREATE FUNCTION release_window(of_release_id bigint)
    RETURNS TABLE (tag text, kind text, previous_id bigint, previous_tag text, from_day date, to_day date,
                   released_on date, to_moment timestamptz)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT r.tag, r.kind, p.id, p.tag, p.day, r.day, r.released_on, r.committed_at
    FROM dated_releases r LEFT JOIN dated_releases p ON p.id = r.previous_id WHERE r.id = of_release_id
$$;
COMMENT ON FUNCTION release_window IS
    'A release, the stable one before it by version, and the days of both, between which issues and pull requests count as the release''s: the earlier day is in, the later one out. released_on: NULL where only the tag''s day is known. A head''s day is that of its commit.';

CREATE FUNCTION release_people(of_release_id bigint)
    RETURNS TABLE (person text, name text, commits bigint, additions bigint, deletions bigint, repositories bigint,
                   is_first boolean)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH people AS (
             SELECT c.person, (array_agg(c.name ORDER BY c.committed_at DESC NULLS LAST, c.commit_id DESC))[1] AS name,
                    count(*) AS commits, sum(c.additions)::bigint AS additions, sum(c.deletions)::bigint AS deletions,
                    count(DISTINCT c.repository_id) AS repositories
             FROM release_contributions(of_release_id) c WHERE NOT c.is_brought GROUP BY c.person
         ),
         before AS MATERIALIZED (
             SELECT DISTINCT c.person FROM authorships c JOIN releases_before(of_release_id) e
                 ON e.release_id = c.first_release_id
         )
    SELECT p.person, p.name, p.commits, p.additions, p.deletions, p.repositories,
           CASE WHEN EXISTS (SELECT FROM before) THEN b.person IS NULL END
    FROM people p LEFT JOIN before b ON b.person = p.person
$$;
COMMENT ON FUNCTION release_people IS
    'Who wrote the contributions of a release (release_contributions without what is_brought): commits that they wrote, alone or with others, the lines of these, repositories. name: as on the newest of them. is_first: no earlier release, of the whole history, contains a commit of theirs anywhere in Boost; NULL, not known, where no earlier release has a commit here. Bots are out.';

CREATE FUNCTION release_module_people(of_release_id bigint)
    RETURNS TABLE (repository_id bigint, person text, name text, commits bigint, is_newcomer boolean)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH people AS (
             SELECT c.repository_id, c.person, count(*) AS commits,
                    (array_agg(c.name ORDER BY c.committed_at DESC NULLS LAST, c.commit_id DESC))[1] AS name
             FROM release_contributions(of_release_id) c GROUP BY c.repository_id, c.person
         ),
         before AS (
             SELECT DISTINCT c.repository_id, c.person FROM authorships c JOIN releases_before(of_release_id) e
                 ON e.release_id = c.first_release_id
         )
    SELECT p.repository_id, p.person, p.name, p.commits,
           CASE WHEN EXISTS (SELECT FROM before o WHERE o.repository_id = p.repository_id) THEN b.person IS NULL END
    FROM people p LEFT JOIN before b ON b.repository_id = p.repository_id AND b.person = p.person
$$;
COMMENT ON FUNCTION release_module_people IS
    'Who contributed to which repository in a release. is_newcomer: no earlier release contains a commit of theirs to this repository; NULL where no earlier one contains any, as of a library that is new. Bots are out.';

CREATE FUNCTION release_days(of_release_id bigint)
    RETURNS TABLE (day date, commits bigint)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT (coalesce(c.landed_at, c.committed_at) AT TIME ZONE 'UTC')::date, count(*)
    FROM release_contributions(of_release_id) c WHERE c.place = 1 AND NOT c.is_brought GROUP BY 1
$$;
COMMENT ON FUNCTION release_days IS
    'Commits by people of a release (release_contributions without what is_brought) per day (UTC) on which they landed on the default branch, or were committed where they never did. Days before the release before are work that waited on a branch.';

CREATE FUNCTION work_between(from_time timestamptz, to_time timestamptz)
    RETURNS TABLE (repository_id bigint, issues_opened bigint, issues_closed bigint, pulls_opened bigint,
                   pulls_merged bigint, pulls_closed_unmerged bigint, reviews bigint)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH read AS (
             SELECT p.id FROM repositories p JOIN cursors c ON c.asset = 'github/issues' AND c.unit = p.name
             WHERE p.kind IN ('superproject', 'boost', 'tool')
         ),
         items AS (
             SELECT w.repository_id,
                    count(*) FILTER (WHERE w.item = 'issue' AND w.created_at >= from_time AND w.created_at < to_time) AS a,
                    count(*) FILTER (WHERE w.item = 'issue' AND w.closed_at >= from_time AND w.closed_at < to_time) AS b,
                    count(*) FILTER (WHERE w.item = 'pull_request' AND w.created_at >= from_time
                                       AND w.created_at < to_time) AS c,
                    count(*) FILTER (WHERE w.merged_at >= from_time AND w.merged_at < to_time) AS d,
                    count(*) FILTER (WHERE w.item = 'pull_request' AND w.merged_at IS NULL AND w.closed_at >= from_time
                                       AND w.closed_at < to_time) AS e
             FROM work_items w WHERE NOT w.by_bot GROUP BY w.repository_id
         ),
         said AS (
             SELECT a.repository_id, count(*) AS reviews FROM answers a
             WHERE a.what = 'review' AND a.at >= from_time AND a.at < to_time GROUP BY a.repository_id
         )
    SELECT r.id, coalesce(i.a, 0), coalesce(i.b, 0), coalesce(i.c, 0), coalesce(i.d, 0), coalesce(i.e, 0),
           coalesce(s.reviews, 0)
    FROM read r LEFT JOIN items i ON i.repository_id = r.id LEFT JOIN said s ON s.repository_id = r.id
$$;
COMMENT ON FUNCTION work_between IS
    'Per repository that was read from GitHub, in [from_time, to_time): issues opened and closed (their last closing), pull requests opened, merged, closed unmerged, and reviews by people other than the author (view answers). Items and reviews of bots are out. A repository that was not read has no row, which is not 0.';

CREATE FUNCTION response_between(from_time timestamptz, to_time timestamptz)
    RETURNS TABLE (item text, items bigint, answered bigint, median_hours float)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT f.item, count(*), count(f.responded_at), percentile_cont(0.5) WITHIN GROUP (ORDER BY f.hours)
    FROM first_responses f JOIN repositories p ON p.id = f.repository_id AND p.kind IN ('superproject', 'boost', 'tool')
    WHERE f.created_at >= from_time AND f.created_at < to_time GROUP BY f.item
$$;
COMMENT ON FUNCTION response_between IS
    'Time to First Response (CHAOSS) over all of Boost, of the items opened in [from_time, to_time): the median of the answered ones (view first_responses); those that still wait are in items alone. Bots are out.';

CREATE FUNCTION release_modules_worked_on(of_release_id bigint)
    RETURNS TABLE (module text, repository text, libraries text, is_new boolean, pin_moved boolean, commits bigint,
                   additions bigint, deletions bigint, people bigint, newcomers bigint, top_people text,
                   top_share float, last_changed text, releases_since bigint, issues_opened bigint, issues_closed bigint,
                   pulls_merged bigint, level integer, dependents integer, maintainers text, history_read boolean,
                   is_tool boolean)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH win AS (SELECT * FROM release_window(of_release_id)),
         work AS (
             SELECT c.repository_id, count(*) AS commits, sum(c.additions)::bigint AS additions,
                    sum(c.deletions)::bigint AS deletions
             FROM release_contributions(of_release_id) c WHERE c.place = 1 GROUP BY c.repository_id
         ),
         known AS (
             SELECT DISTINCT b.repository_id FROM release_modules b JOIN releases_before(of_release_id) e USING (release_id)
         ),
         people AS (
             SELECT p.repository_id, count(*) AS people,
                    CASE WHEN bool_or(p.is_newcomer IS NOT NULL) THEN count(*) FILTER (WHERE p.is_newcomer) END AS newcomers,
                    string_agg(p.name || ' ' || p.commits, ', ' ORDER BY p.commits DESC, p.name, p.person)
                        FILTER (WHERE p.place <= 3) AS top_people,
                    max(p.commits)::float / sum(p.commits)::float AS top_share
             FROM (SELECT *, row_number() OVER (PARTITION BY q.repository_id ORDER BY q.commits DESC, q.name, q.person) AS place
                   FROM release_module_people(of_release_id) q) p
             GROUP BY p.repository_id
         ),
         items AS (
             SELECT w.* FROM win CROSS JOIN LATERAL
                 work_between(win.from_day::timestamp AT TIME ZONE 'UTC', win.to_day::timestamp AT TIME ZONE 'UTC') w
         ),
         stable AS (
             SELECT e.id, e.tag, rank() OVER (ORDER BY e.major DESC, e.minor DESC, e.patch DESC) - 1 AS back
             FROM dated_releases e JOIN releases r ON r.id = of_release_id
             WHERE e.is_release
               AND (r.kind = 'head' OR (e.major, e.minor, e.patch) <= (r.major, r.minor, r.patch))
         ),
         changed AS (
             SELECT DISTINCT ON (c.repository_id) c.repository_id, s.tag, s.back
             FROM (SELECT DISTINCT d.repository_id, d.first_release_id FROM authorships d) c
             JOIN stable s ON s.id = c.first_release_id ORDER BY c.repository_id, s.back
         ),
         named AS (
             SELECT v.module_id, string_agg(v.name, ', ' ORDER BY v.name) AS libraries
             FROM library_versions v WHERE v.release_id = of_release_id GROUP BY v.module_id
         ),
         kept AS (
             SELECT v.module_id, string_agg(DISTINCT shown_name(p.name), ', ') AS maintainers
             FROM library_versions v JOIN library_people p ON p.library_version_id = v.id AND p.role = 'maintainer'
             WHERE v.release_id = of_release_id GROUP BY v.module_id
         )
    SELECT m.name, p.name, n.libraries,
           EXISTS (SELECT FROM release_modules o WHERE o.release_id = win.previous_id) AND o.repository_id IS NULL,
           b.commit_sha IS DISTINCT FROM x.commit_sha, coalesce(w.commits, 0), coalesce(w.additions, 0),
           coalesce(w.deletions, 0), coalesce(q.people, 0), CASE WHEN q.people IS NULL THEN 0 ELSE q.newcomers END,
           q.top_people, q.top_share,
           c.tag, c.back, i.issues_opened, i.issues_closed, i.pulls_merged, g.level, g.dependents, k.maintainers,
           EXISTS (SELECT FROM cursors u WHERE u.asset = 'code/commits' AND u.unit = p.name), x.is_tool
    FROM mounted_modules x
    CROSS JOIN win
    JOIN modules m ON m.id = x.module_id
    JOIN repositories p ON p.id = x.repository_id
    LEFT JOIN release_modules b ON b.release_id = win.previous_id AND b.module_id = x.module_id
    LEFT JOIN known o ON o.repository_id = x.repository_id
    LEFT JOIN work w ON w.repository_id = x.repository_id
    LEFT JOIN people q ON q.repository_id = x.repository_id
    LEFT JOIN changed c ON c.repository_id = x.repository_id
    LEFT JOIN items i ON i.repository_id = x.repository_id
    LEFT JOIN named n ON n.module_id = x.module_id
    LEFT JOIN kept k ON k.module_id = x.module_id
    LEFT JOIN known_graph g ON g.release_id = x.release_id AND g.module_id = x.module_id
    WHERE x.release_id = of_release_id
$$;
COMMENT ON FUNCTION release_modules_worked_on IS
    'Every module and tool of a release: its libraries, commits by people, people and newcomers (NULL: no earlier release has a commit of it) of its repository (release_contributions, release_module_people), the three who made most, and the share of the first; issues and pull requests between the days of both releases (work_between; NULL: not read); the newest release, this one included, that changed it, and how many stable ones ago that was; level and dependents of the graph. Libraries of one module share its numbers. is_new: no earlier release has its repository and the one before is here; its commits are history that it brought.';

CREATE FUNCTION release_maintainer_changes(of_release_id bigint)
    RETURNS TABLE (library text, name text, change text, maintained_before boolean)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH named AS (
             SELECT v.release_id, v.library_id, shown_name(p.name) AS name, lower(p.name) AS called, lower(p.email) AS address
             FROM library_versions v JOIN library_people p ON p.library_version_id = v.id AND p.role = 'maintainer'
             WHERE v.release_id = of_release_id
                OR v.release_id = (SELECT r.previous_id FROM releases r WHERE r.id = of_release_id)
         ),
         now AS (SELECT * FROM named WHERE release_id = of_release_id),
         before AS (SELECT * FROM named WHERE release_id <> of_release_id)
    SELECT l.key, n.name, 'added', EXISTS (SELECT FROM before b WHERE b.called = n.called OR b.address = n.address)
    FROM now n JOIN libraries l ON l.id = n.library_id
    WHERE EXISTS (SELECT FROM library_versions v JOIN releases r ON r.id = of_release_id
                  WHERE v.library_id = n.library_id AND v.release_id = r.previous_id)
      AND NOT EXISTS (SELECT FROM before b WHERE b.library_id = n.library_id
                                             AND (b.called = n.called OR b.address = n.address))
    UNION
    SELECT l.key, b.name, 'removed', true
    FROM before b JOIN libraries l ON l.id = b.library_id
    WHERE EXISTS (SELECT FROM library_versions v WHERE v.library_id = b.library_id AND v.release_id = of_release_id)
      AND NOT EXISTS (SELECT FROM now n WHERE n.library_id = b.library_id
                                          AND (b.called = n.called OR b.address = n.address))
$$;
COMMENT ON FUNCTION release_maintainer_changes IS
    'Maintainers that a library names now and did not in the stable release before, and the other way round, of libraries that both have. The same name or the same address is the same person. maintained_before: the person maintained some library of the release before.';

CREATE FUNCTION release_cycles(of_release_id bigint)
    RETURNS TABLE (cycle integer, modules text, size bigint, is_new boolean)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH members AS (
             SELECT g.release_id, g.cycle, array_agg(m.name ORDER BY m.name) AS names,
                    bool_or(EXISTS (SELECT FROM source_gaps x JOIN releases r ON r.id = of_release_id
                                    WHERE x.module_id = g.module_id AND x.release_id IN (r.id, r.previous_id))) AS is_partial
             FROM module_graph g JOIN modules m ON m.id = g.module_id
             WHERE g.cycle IS NOT NULL AND (g.release_id = of_release_id OR g.release_id =
                   (SELECT r.previous_id FROM releases r WHERE r.id = of_release_id))
             GROUP BY g.release_id, g.cycle
         )
    SELECT a.cycle, array_to_string(a.names, ', '), cardinality(a.names),
           CASE WHEN EXISTS (SELECT FROM members b WHERE b.release_id <> of_release_id AND b.names @> a.names) THEN false
                WHEN NOT a.is_partial AND EXISTS (SELECT FROM module_graph g JOIN releases r ON r.previous_id = g.release_id
                                                  WHERE r.id = of_release_id) THEN true END
    FROM members a WHERE a.release_id = of_release_id
$$;
COMMENT ON FUNCTION release_cycles IS
    'Cycles of modules in a release: strongly connected components of more than one. is_new: no cycle of the stable release before has all of its members, so that one which gained a member is new; NULL, not comparable: that graph is not here, or a member was not read whole in one of the two. boost.module_graph.new_cycles, by which graph --diff and the check no_new_cycle tell, answers the same.';

CREATE FUNCTION release_cycle_edges(of_release_id bigint)
    RETURNS TABLE (cycle integer, module text, depends_on text, includes bigint, file text, header text)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT a.cycle, m.name, o.name, sum(d.include_count),
           (array_agg(d.witnesses -> 0 ->> 'file' ORDER BY d.kind))[1],
           (array_agg(d.witnesses -> 0 ->> 'header' ORDER BY d.kind))[1]
    FROM module_graph a
    JOIN module_graph b ON b.release_id = a.release_id AND b.cycle = a.cycle
    JOIN dependencies d ON d.release_id = a.release_id AND d.module_id = a.module_id AND d.depends_on_id = b.module_id
    JOIN modules m ON m.id = a.module_id
    JOIN modules o ON o.id = b.module_id
    WHERE a.release_id = of_release_id AND d.kind <> 'test' AND d.include_count > 0
    GROUP BY a.cycle, m.name, o.name
$$;
COMMENT ON FUNCTION release_cycle_edges IS
    'The dependencies within each cycle of a release, and how many includes of headers and sources make each: the one with the fewest is the cheapest to cut. Tests are out.';

CREATE FUNCTION release_dependency_changes(of_release_id bigint)
    RETURNS TABLE (module text, depends_on text, change text, kinds text, file text, header text)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT m.name, o.name, c.change, array_to_string(c.kinds, ', '), c.witness ->> 'file', c.witness ->> 'header'
    FROM dependency_changes c
    JOIN modules m ON m.id = c.module_id
    JOIN modules o ON o.id = c.depends_on_id
    WHERE c.release_id = of_release_id
$$;
COMMENT ON FUNCTION release_dependency_changes IS
    'Dependencies that a release has and the stable one before has not, or the other way round (view dependency_changes), with the first include.';

CREATE FUNCTION release_level_changes(of_release_id bigint)
    RETURNS TABLE (module text, before integer, after integer)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT m.name, b.level, a.level
    FROM releases r
    JOIN known_graph a ON a.release_id = r.id
    JOIN known_graph b ON b.release_id = r.previous_id AND b.module_id = a.module_id
    JOIN modules m ON m.id = a.module_id
    WHERE r.id = of_release_id AND a.level <> b.level
$$;
COMMENT ON FUNCTION release_level_changes IS
    'Modules whose level in the graph differs from that in the stable release before. 0 has no dependencies; lower is lighter.';

CREATE FUNCTION release_header_changes(of_release_id bigint)
    RETURNS TABLE (module text, added bigint, removed bigint, renamed bigint, moved bigint, some_removed text)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT m.name, count(*) FILTER (WHERE h.change = 'added'), count(*) FILTER (WHERE h.change = 'removed'),
           count(*) FILTER (WHERE h.change = 'renamed'), count(*) FILTER (WHERE h.change = 'moved'),
           array_to_string((array_agg(h.include_path ORDER BY h.include_path)
                            FILTER (WHERE h.change = 'removed'))[1:3], ', ')
    FROM header_changes h JOIN modules m ON m.id = h.module_id WHERE h.release_id = of_release_id GROUP BY m.name
$$;
COMMENT ON FUNCTION release_header_changes IS
    'Headers per module that came, went, were renamed or moved since the stable release before (view header_changes), and the first three that went: code that includes these no longer compiles.';

CREATE FUNCTION release_cxx_minima(of_release_id bigint)
    RETURNS TABLE (cxxstd text, libraries bigint, effective_libraries bigint)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH each AS (
             SELECT v.cxxstd AS own, coalesce(g.effective_cxxstd, v.cxxstd) AS effective
             FROM library_versions v
             LEFT JOIN known_graph g ON g.release_id = v.release_id AND g.module_id = v.module_id
             WHERE v.release_id = of_release_id
         )
    SELECT s.cxxstd, count(*) FILTER (WHERE e.own IS NOT DISTINCT FROM s.cxxstd),
           count(*) FILTER (WHERE e.effective IS NOT DISTINCT FROM s.cxxstd)
    FROM (SELECT own FROM each UNION SELECT effective FROM each) s (cxxstd) CROSS JOIN each e GROUP BY s.cxxstd
$$;
COMMENT ON FUNCTION release_cxx_minima IS
    'Libraries of a release by the C++ standard that they say they need, and by the highest that they or anything they depend on says. NULL: they say none, and nothing they need does.';

CREATE FUNCTION release_cxx_raised(of_release_id bigint)
    RETURNS TABLE (module text, own text, effective text, raised_by text, before text)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT m.name, g.cxxstd, g.effective_cxxstd, o.name, b.effective_cxxstd
    FROM known_graph g
    JOIN releases r ON r.id = g.release_id
    JOIN modules m ON m.id = g.module_id
    LEFT JOIN modules o ON o.id = g.raised_by_id
    LEFT JOIN known_graph b ON b.release_id = r.previous_id AND b.module_id = g.module_id
    WHERE g.release_id = of_release_id AND (g.raised_by_id IS NOT NULL OR b.effective_cxxstd <> g.effective_cxxstd)
$$;
COMMENT ON FUNCTION release_cxx_raised IS
    'Modules that need a higher C++ standard than their own libraries say, as something that they depend on does (raised_by: the nearest), and those whose effective minimum is not what it was in the stable release before.';

CREATE FUNCTION release_removable_includes(of_release_id bigint)
    RETURNS TABLE (module text, depends_on text, pull_weight integer, includes bigint, file text, header text)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT m.name, o.name, w.pull_weight, d.includes, d.file, d.header
    FROM dependency_weights w
    JOIN modules m ON m.id = w.module_id
    JOIN modules o ON o.id = w.depends_on_id
    CROSS JOIN LATERAL (
        SELECT sum(x.include_count) AS includes, (array_agg(x.witnesses -> 0 ->> 'file' ORDER BY x.kind))[1] AS file,
               (array_agg(x.witnesses -> 0 ->> 'header' ORDER BY x.kind))[1] AS header
        FROM dependencies x
        WHERE x.release_id = w.release_id AND x.module_id = w.module_id AND x.depends_on_id = w.depends_on_id
          AND x.kind <> 'test' AND x.include_count > 0
    ) d
    WHERE w.release_id = of_release_id AND w.pull_weight >= 3 AND d.includes <= 2 AND EXISTS (
        SELECT FROM module_graph g WHERE g.release_id = w.release_id AND g.module_id = w.module_id AND g.is_known)
$$;
COMMENT ON FUNCTION release_removable_includes IS
    'Dependencies that at most 2 includes make and that alone bring at least 3 modules (pull_weight): without these includes the module would need so many fewer.';

CREATE FUNCTION release_idle_modules(of_release_id bigint)
    RETURNS TABLE (module text, last_changed text, releases_since bigint, dependents integer, maintainers text)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT w.module, w.last_changed, w.releases_since, w.dependents, w.maintainers
    FROM release_modules_worked_on(of_release_id) w
    WHERE NOT w.is_tool AND w.history_read AND w.dependents >= 5 AND coalesce(w.releases_since, 3) >= 3
$$;
COMMENT ON FUNCTION release_idle_modules IS
    'Modules that at least 5 others include, and whose newest contribution is 3 or more stable releases old (release_modules_worked_on): finished, or without anybody.';

CREATE FUNCTION release_lone_hands(of_release_id bigint)
    RETURNS TABLE (module text, person text, commits bigint, top_share float, dependents integer, maintainers text)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT w.module, w.top_people, w.commits, w.top_share, w.dependents, w.maintainers
    FROM release_modules_worked_on(of_release_id) w
    WHERE NOT w.is_tool AND NOT w.is_new AND w.commits >= 5 AND w.top_share >= 0.8 AND w.dependents >= 5
$$;
COMMENT ON FUNCTION release_lone_hands IS
    'Modules that at least 5 others include, with at least 5 contributions in the release, of which one person made 80 % or more.';

CREATE FUNCTION release_waiting(of_release_id bigint)
    RETURNS TABLE (repository text, number integer, title text, waiting_since timestamptz)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT p.name, w.number, w.title, w.waiting_since
    FROM waiting_reviews w
    JOIN release_modules m ON m.repository_id = w.repository_id AND m.release_id = of_release_id
    JOIN repositories p ON p.id = w.repository_id
    CROSS JOIN release_window(of_release_id) win
    WHERE w.waiting_since < win.to_day::timestamp AT TIME ZONE 'UTC'
$$;
COMMENT ON FUNCTION release_waiting IS
    'Pull requests that waited for a review before the day of the release, and still do (view waiting_reviews).';

CREATE FUNCTION release_gaps(of_release_id bigint)
    RETURNS TABLE (kind text, subject text, detail text)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT g.kind, m.name, g.detail FROM source_gaps g JOIN modules m ON m.id = g.module_id
    WHERE g.release_id = of_release_id
    UNION ALL
    SELECT p.kind, m.name, p.detail FROM metadata_problems p JOIN modules m ON m.id = p.module_id
    WHERE p.release_id = of_release_id
    UNION ALL
    SELECT 'history not read', p.name, 'No commit of the repository is here.'
    FROM release_modules x JOIN repositories p ON p.id = x.repository_id
    WHERE x.release_id = of_release_id
      AND NOT EXISTS (SELECT FROM cursors u WHERE u.asset = 'code/commits' AND u.unit = p.name)
    UNION ALL
    SELECT 'tag that changed', t.tag, 'It ' || t.what || '; ' || t.mend || '.'
    FROM changed_tags t JOIN releases o ON o.tag = t.tag
    JOIN releases r ON r.id = of_release_id LEFT JOIN releases b ON b.id = r.previous_id
    WHERE o.id IN (r.id, b.id)
       OR o.kind = 'stable' AND r.major IS NOT NULL AND (o.major, o.minor, o.patch) < (r.major, r.minor, r.patch)
          AND (b.id IS NULL OR (o.major, o.minor, o.patch) > (b.major, b.minor, b.patch))
    UNION ALL
    SELECT 'failure', f.asset || ' of ' || f.unit, f.error FROM failures f
    WHERE f.resolved_at IS NULL AND f.asset <> 'reports/release'
      AND (f.unit = (SELECT r.tag FROM releases r WHERE r.id = of_release_id)
           OR f.asset NOT LIKE 'llvm/%' AND f.unit IN (
               SELECT p.name FROM release_modules x JOIN repositories p ON p.id = x.repository_id
               WHERE x.release_id = of_release_id))
$$;
COMMENT ON FUNCTION release_gaps IS
    'What is known to be missing or wrong of a release: files without a source, metadata that could not be read, repositories without a history here, tags of it, of the release before and between both that were deleted or moved (changed_tags), units of it that failed and were not mended since.';

CREATE FUNCTION release_sources(of_release_id bigint)
    RETURNS TABLE (source text, as_of timestamptz, units bigint)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH mine AS (
        SELECT true AS is_release, u.unit FROM release_window(of_release_id) w
        CROSS JOIN LATERAL (VALUES (w.tag), (w.previous_tag)) u (unit)
        UNION SELECT false, p.name FROM release_modules x JOIN repositories p ON p.id = x.repository_id
        WHERE x.release_id = of_release_id
    )
    SELECT s.source,
           (SELECT least(min(l.checked_at), CASE WHEN s.is_release THEN
                        (SELECT f.checked_at FROM freshness f WHERE f.asset = 'boost/releases') END)
            FROM looks l JOIN mine m ON m.unit = l.unit AND m.is_release = s.is_release WHERE l.asset = ANY(s.assets)),
           (SELECT count(*) FROM cursors c JOIN mine m ON m.unit = c.unit AND m.is_release = s.is_release
            WHERE c.asset = s.assets[1])
    FROM (VALUES ('libraries', true, ARRAY['boost/libraries']), ('headers', true, ARRAY['boost/headers']),
                 ('dependencies', true, ARRAY['boost/dependencies']), ('commits', false, ARRAY['code/commits']),
                 ('GitHub', false, ARRAY['github/issues', 'github/repositories', 'github/comments']))
         AS s (source, is_release, assets)
$$;
COMMENT ON FUNCTION release_sources IS
    'When each source that a release''s numbers are made of was last read, whether there was anything new or not: the oldest time of its releases (itself and the one before, and the list of tags) or repositories; and how many of these were ever read. NULL and 0: never.';

CREATE FUNCTION release_figures(of_release_id bigint)
    RETURNS TABLE (commits bigint, additions bigint, deletions bigint, repositories bigint, people bigint,
                   first_timers bigint, modules bigint, libraries bigint, libraries_added bigint, libraries_removed bigint,
                   modules_updated bigint, modules_not_updated bigint, dependencies bigint, dependencies_added bigint,
                   dependencies_removed bigint, highest_level integer, cycles bigint, new_cycles bigint,
                   headers_added bigint, headers_removed bigint, issues_opened bigint, issues_closed bigint,
                   pulls_opened bigint, pulls_merged bigint, reviews bigint, repositories_read bigint,
                   metadata_problems bigint)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH win AS (SELECT * FROM release_window(of_release_id)),
         items AS (
             SELECT w.* FROM win CROSS JOIN LATERAL
                 work_between(win.from_day::timestamp AT TIME ZONE 'UTC', win.to_day::timestamp AT TIME ZONE 'UTC') w
             JOIN (SELECT DISTINCT x.repository_id FROM release_modules x WHERE x.release_id = of_release_id) mine
                 USING (repository_id)
         ),
         graphs AS (
             SELECT EXISTS (SELECT FROM release_states g WHERE g.release_id = of_release_id AND g.is_whole) AS here,
                    EXISTS (SELECT FROM module_graph g WHERE g.release_id = of_release_id)
                    AND EXISTS (SELECT FROM module_graph g, win WHERE g.release_id = win.previous_id) AS both,
                    EXISTS (SELECT FROM release_folders f WHERE f.release_id = of_release_id)
                    AND EXISTS (SELECT FROM release_folders f, win WHERE f.release_id = win.previous_id) AS both_headers,
                    EXISTS (SELECT FROM library_versions v WHERE v.release_id = of_release_id)
                    AND EXISTS (SELECT FROM library_versions v, win WHERE v.release_id = win.previous_id) AS both_lists,
                    EXISTS (SELECT FROM win WHERE win.kind IN ('stable', 'head'))
                    AND EXISTS (SELECT FROM release_modules x JOIN repositories r ON r.id = x.repository_id
                                JOIN cursors k ON k.asset = 'code/commits' AND k.unit = r.name
                                WHERE x.release_id = of_release_id) AS placed
         )
    SELECT CASE WHEN s.placed THEN c.commits END, CASE WHEN s.placed THEN c.additions END,
           CASE WHEN s.placed THEN c.deletions END, CASE WHEN s.placed THEN c.repositories END,
           CASE WHEN s.placed THEN p.people END, CASE WHEN s.placed THEN p.first_timers END,
           (SELECT count(*) FROM mounted_modules x WHERE x.release_id = of_release_id AND NOT x.is_tool),
           (SELECT count(*) FROM library_versions v JOIN release_states w ON w.release_id = v.release_id
            WHERE v.release_id = of_release_id AND w.lists_all HAVING bool_and(w.lists_all)),
           CASE WHEN s.both_lists THEN (SELECT count(*) FROM library_changes l
                                        WHERE l.release_id = of_release_id AND l.change = 'added') END,
           CASE WHEN s.both_lists THEN (SELECT count(*) FROM library_changes l
                                        WHERE l.release_id = of_release_id AND l.change = 'removed') END,
           CASE WHEN s.placed THEN u.updated END, CASE WHEN s.placed THEN u.not_updated END,
           CASE WHEN s.here THEN (SELECT count(*) FROM dependency_weights w WHERE w.release_id = of_release_id) END,
           CASE WHEN s.both THEN d.added END, CASE WHEN s.both THEN d.removed END,
           CASE WHEN s.here THEN (SELECT max(g.level) FROM module_graph g WHERE g.release_id = of_release_id) END,
           CASE WHEN s.here THEN y.cycles END, CASE WHEN s.both THEN y.new_cycles END,
           CASE WHEN s.both_headers THEN h.added END, CASE WHEN s.both_headers THEN h.removed END,
           i.issues_opened, i.issues_closed, i.pulls_opened, i.pulls_merged, i.reviews, i.read,
           (SELECT count(*) FROM metadata_problems q WHERE q.release_id = of_release_id)
    FROM graphs s
    CROSS JOIN (SELECT count(*) AS commits, coalesce(sum(r.additions), 0)::bigint AS additions,
                       coalesce(sum(r.deletions), 0)::bigint AS deletions, count(DISTINCT r.repository_id) AS repositories
                FROM release_contributions(of_release_id) r WHERE r.place = 1 AND NOT r.is_brought) c
    CROSS JOIN (SELECT count(*) AS people,
                       CASE WHEN bool_and(r.is_first IS NOT NULL) THEN count(*) FILTER (WHERE r.is_first) END AS first_timers
                FROM release_people(of_release_id) r) p
    CROSS JOIN (SELECT count(*) FILTER (WHERE r.commits > 0) AS updated, count(*) FILTER (WHERE r.commits = 0) AS not_updated
                FROM release_modules_worked_on(of_release_id) r WHERE NOT r.is_tool AND NOT r.is_new AND r.history_read) u
    CROSS JOIN (SELECT count(*) FILTER (WHERE r.change = 'added') AS added,
                       count(*) FILTER (WHERE r.change = 'removed') AS removed
                FROM release_dependency_changes(of_release_id) r) d
    CROSS JOIN (SELECT count(*) AS cycles, count(*) FILTER (WHERE r.is_new) AS new_cycles
                FROM release_cycles(of_release_id) r) y
    CROSS JOIN (SELECT coalesce(sum(r.added), 0)::bigint AS added, coalesce(sum(r.removed), 0)::bigint AS removed
                FROM release_header_changes(of_release_id) r) h
    CROSS JOIN (SELECT sum(r.issues_opened)::bigint AS issues_opened, sum(r.issues_closed)::bigint AS issues_closed,
                       sum(r.pulls_opened)::bigint AS pulls_opened, sum(r.pulls_merged)::bigint AS pulls_merged,
                       sum(r.reviews)::bigint AS reviews, count(*) AS read FROM items r) i
$$;
COMMENT ON FUNCTION release_figures IS
    'The numbers on the first page of a dossier, each the count or sum of the function of its name: commits by people (release_contributions of place 1; what new libraries brought is in release_brought alone), people, modules worked on (those that are new apart), library, dependency and header changes, cycles, work between the days of both releases. NULL: cannot be known from what is here.';

CREATE FUNCTION month_contributions(of_month date)
    RETURNS TABLE (commit_id bigint, repository_id bigint, landed_at timestamptz, additions bigint, deletions bigint,
                   name text, person text, place bigint)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT c.commit_id, c.repository_id, c.landed_at, c.additions, c.deletions, c.name, c.person, c.place
    FROM authorships c
    WHERE c.landed_at >= date_trunc('month', of_month::timestamp) AT TIME ZONE 'UTC'
      AND c.landed_at < (date_trunc('month', of_month::timestamp) + interval '1 month') AT TIME ZONE 'UTC'
$$;
COMMENT ON FUNCTION month_contributions IS
    'authorships that landed on a default branch in a calendar month (UTC), whenever they were written; commits are the rows of place 1.';

CREATE FUNCTION month_people(of_month date)
    RETURNS TABLE (person text, name text, commits bigint, repositories bigint, is_first boolean)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH people AS (
             SELECT c.person, (array_agg(c.name ORDER BY c.landed_at DESC, c.commit_id DESC))[1] AS name,
                    count(*) AS commits, count(DISTINCT c.repository_id) AS repositories
             FROM month_contributions(of_month) c GROUP BY c.person
         ),
         before AS MATERIALIZED (
             SELECT DISTINCT c.person FROM authorships c
             WHERE c.landed_at < date_trunc('month', of_month::timestamp) AT TIME ZONE 'UTC'
         )
    SELECT p.person, p.name, p.commits, p.repositories, CASE WHEN EXISTS (SELECT FROM before) THEN b.person IS NULL END
    FROM people p LEFT JOIN before b ON b.person = p.person
$$;
COMMENT ON FUNCTION month_people IS
    'Who wrote the commits that landed in a month, alone or with others. is_first: nothing of theirs had landed before, anywhere in Boost, in the whole history; NULL, not known, where nothing of anybody''s had. Bots are out.';

CREATE FUNCTION month_modules(of_month date)
    RETURNS TABLE (repository text, commits bigint, people bigint, additions bigint, deletions bigint,
                   issues_opened bigint, issues_closed bigint, pulls_merged bigint, reviews bigint)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT p.name, coalesce(c.commits, 0), coalesce(c.people, 0), coalesce(c.additions, 0), coalesce(c.deletions, 0),
           w.issues_opened, w.issues_closed, w.pulls_merged, w.reviews
    FROM (SELECT r.repository_id, count(*) FILTER (WHERE r.place = 1) AS commits, count(DISTINCT r.person) AS people,
                 sum(r.additions) FILTER (WHERE r.place = 1)::bigint AS additions,
                 sum(r.deletions) FILTER (WHERE r.place = 1)::bigint AS deletions
          FROM month_contributions(of_month) r GROUP BY r.repository_id) c
    FULL JOIN (SELECT * FROM work_between(date_trunc('month', of_month::timestamp) AT TIME ZONE 'UTC',
                                          (date_trunc('month', of_month::timestamp) + interval '1 month') AT TIME ZONE 'UTC') b
               WHERE b.issues_opened + b.issues_closed + b.pulls_opened + b.pulls_merged + b.pulls_closed_unmerged
                     + b.reviews > 0) w USING (repository_id)
    JOIN repositories p ON p.id = repository_id
$$;
COMMENT ON FUNCTION month_modules IS
    'Repositories in which something happened in a month: contributions that landed (month_contributions), issues, pull requests and reviews (work_between; NULL: nothing, or not read from GitHub).';

CREATE FUNCTION month_releases(of_month date)
    RETURNS TABLE (tag text, kind text, released_on date, tagged_on date, day date, is_release boolean)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT r.tag, CASE WHEN r.is_release OR r.kind <> 'stable' THEN r.kind ELSE 'other' END, r.released_on, r.tagged_on, r.day,
           r.is_release
    FROM dated_releases r
    WHERE r.kind <> 'head' AND r.deleted_at IS NULL AND r.day >= date_trunc('month', of_month::timestamp)::date
      AND r.day < (date_trunc('month', of_month::timestamp) + interval '1 month')::date
$$;
COMMENT ON FUNCTION month_releases IS
    'Tags of a month by their day: releases (dated_releases.is_release, kind stable), betas, candidates and others. Tags that are gone are out.';

CREATE FUNCTION month_figures(of_month date)
    RETURNS TABLE (commits bigint, additions bigint, deletions bigint, repositories bigint, people bigint,
                   first_timers bigint, stable_releases bigint, other_releases bigint, issues_opened bigint, issues_closed bigint,
                   pulls_opened bigint, pulls_merged bigint, reviews bigint, issue_response_hours float,
                   pull_response_hours float)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH edges AS (
             SELECT date_trunc('month', of_month::timestamp) AT TIME ZONE 'UTC' AS from_time,
                    (date_trunc('month', of_month::timestamp) + interval '1 month') AT TIME ZONE 'UTC' AS to_time
         ),
         response AS (SELECT r.* FROM edges CROSS JOIN LATERAL response_between(edges.from_time, edges.to_time) r)
    SELECT c.commits, c.additions, c.deletions, c.repositories, p.people, p.first_timers, e.stable, e.other,
           i.issues_opened, i.issues_closed, i.pulls_opened, i.pulls_merged, i.reviews,
           (SELECT r.median_hours FROM response r WHERE r.item = 'issue'),
           (SELECT r.median_hours FROM response r WHERE r.item = 'pull_request')
    FROM (SELECT count(*) AS commits, coalesce(sum(r.additions), 0)::bigint AS additions,
                 coalesce(sum(r.deletions), 0)::bigint AS deletions, count(DISTINCT r.repository_id) AS repositories
          FROM month_contributions(of_month) r WHERE r.place = 1) c
    CROSS JOIN (SELECT count(*) AS people,
                       CASE WHEN coalesce(bool_and(r.is_first IS NOT NULL), true)
                            THEN count(*) FILTER (WHERE r.is_first) END AS first_timers FROM month_people(of_month) r) p
    CROSS JOIN (SELECT count(*) FILTER (WHERE r.is_release) AS stable,
                       count(*) FILTER (WHERE NOT r.is_release) AS other FROM month_releases(of_month) r) e
    CROSS JOIN (SELECT sum(r.issues_opened)::bigint AS issues_opened, sum(r.issues_closed)::bigint AS issues_closed,
                       sum(r.pulls_opened)::bigint AS pulls_opened, sum(r.pulls_merged)::bigint AS pulls_merged,
                       sum(r.reviews)::bigint AS reviews
                FROM edges CROSS JOIN LATERAL work_between(edges.from_time, edges.to_time) r) i
$$;
COMMENT ON FUNCTION month_figures IS
    'The numbers of a month (UTC): contributions that landed, people, first-timers (month_people), releases, issues, pull requests and reviews (work_between), and the median hours to the first answer of items opened in it (response_between). NULL: GitHub was not read, or nothing was answered.';

CREATE FUNCTION month_dependency_changes(of_month date)
    RETURNS TABLE (module text, depends_on text, change text)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH states AS (
        SELECT d.month = date_trunc('month', of_month::timestamp)::date AS is_after, d.module_id, d.depends_on_id
        FROM head_dependencies d JOIN releases r ON r.id = d.release_id AND r.tag = 'develop'
        WHERE d.month IN (date_trunc('month', of_month::timestamp)::date,
                          (date_trunc('month', of_month::timestamp) - interval '1 month')::date)
    )
    SELECT m.name, o.name, CASE WHEN bool_and(s.is_after) THEN 'added' ELSE 'removed' END
    FROM states s JOIN modules m ON m.id = s.module_id JOIN modules o ON o.id = s.depends_on_id
    WHERE (SELECT count(DISTINCT x.is_after) FROM states x) = 2
    GROUP BY m.name, o.name HAVING count(*) = 1
$$;
COMMENT ON FUNCTION month_dependency_changes IS
    'Dependencies that develop had when it was last read in a month and not when it was last read in the month before, or the other way round (head_dependencies). None where one of the two months is not on record.';

CREATE FUNCTION month_health(of_month date)
    RETURNS TABLE (what text, subject text, detail text)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN f.resolved_at IS NULL THEN 'open failure' ELSE 'failure, mended' END,
           f.asset || ' of ' || f.unit, f.error
    FROM failures f
    WHERE f.first_seen < (date_trunc('month', of_month::timestamp) + interval '1 month') AT TIME ZONE 'UTC'
      AND coalesce(f.resolved_at, f.last_seen) >= date_trunc('month', of_month::timestamp) AT TIME ZONE 'UTC'
      AND f.asset <> 'reports/monthly'
    UNION ALL
    SELECT 'list not whole', p.name || ' #' || t.number, t.connection || ': ' || t.read || ' of ' || t.total
    FROM truncated_connections t JOIN repositories p ON p.id = t.repository_id
$$;
COMMENT ON FUNCTION month_health IS
    'What failed in a month, mended or not, as far as it is on record (one row per unit: the newest failure), and the lists of GitHub that are not here whole.';

CREATE FUNCTION month_sources()
    RETURNS TABLE (source text, as_of timestamptz, units bigint)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT s.source, (SELECT min(coalesce(f.checked_at, f.changed_at)) FROM freshness f WHERE f.asset = ANY(s.assets)),
           (SELECT count(*) FROM cursors c WHERE c.asset = s.assets[1] AND c.unit <> '*')
    FROM (VALUES ('libraries', ARRAY['boost/libraries', 'boost/releases']),
                 ('dependencies', ARRAY['boost/dependencies', 'boost/releases']),
                 ('commits', ARRAY['code/commits', 'code/repositories']),
                 ('GitHub', ARRAY['github/issues', 'github/repositories', 'github/comments'])) AS s (source, assets)
$$;
COMMENT ON FUNCTION month_sources IS
    'When each source that a month''s numbers are made of was last read whole, whether there was anything new or not; and how many releases or repositories of it were ever read. NULL and 0: never.';
