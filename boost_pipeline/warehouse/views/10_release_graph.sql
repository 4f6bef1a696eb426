-- What changed between two releases, and the history of a library. Edges and headers of modules that are not whole in
-- one of the two releases are left out: what cannot be seen has not been removed.

CREATE FUNCTION cxxstd_order(cxxstd text) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN cxxstd <> '' THEN
        coalesce(array_position(ARRAY['98', '03', '11', '14', '17', '20', '23', '26'], cxxstd), 9) END;
COMMENT ON FUNCTION cxxstd_order IS
    'The place of a C++ standard among all: 98 < 03 < 11 < 14 < 17 < 20 < 23 < 26 < any other. NULL where none is stated.';

CREATE VIEW source_files AS
    SELECT r.release_id, r.module_id, file.path, file.include_path, f.kind, file.blob_sha
    FROM release_folders r JOIN source_folders f ON f.id = r.folder_id
    CROSS JOIN LATERAL unnest(f.paths, f.include_paths, f.blob_shas) AS file (path, include_path, blob_sha);
COMMENT ON VIEW source_files IS
    'One row per header, source and test file of a module at the commit that a release pins. path: below the module''s repository; include_path: of a header what one writes between < and >; blob_sha: the content, as git names it.';

CREATE VIEW unread_modules AS
    SELECT DISTINCT release_id, module_id FROM (
        SELECT g.release_id, g.module_id FROM source_gaps g
        UNION ALL
        SELECT p.release_id, p.module_id FROM metadata_problems p
        WHERE p.kind IN ('missing_commit', 'missing_repository')
    ) u
    WHERE EXISTS (SELECT FROM release_modules m
                  WHERE m.release_id = u.release_id AND m.module_id = u.module_id AND m.path LIKE 'libs/%');
COMMENT ON VIEW unread_modules IS
    'Modules of a release, below libs/, that were not read whole: the commit that it pins, the repository, or a file is in no mirror. What a file says wrongly is no such gap.';

CREATE VIEW release_states AS
    SELECT s.id AS release_id, s.tag, m.modules, coalesce(u.unread, 0) AS unread, u.names AS unread_modules,
           EXISTS (SELECT FROM module_graph g WHERE g.release_id = s.id) AS has_graph,
           m.modules IS NOT NULL AND NOT EXISTS (
               SELECT FROM metadata_problems p JOIN unread_modules x USING (release_id, module_id)
               WHERE p.release_id = s.id AND p.kind IN ('missing_commit', 'missing_repository')) AS lists_all,
           m.modules IS NOT NULL AND u.unread IS NULL
               AND EXISTS (SELECT FROM module_graph g WHERE g.release_id = s.id) AS is_whole
    FROM releases s
    LEFT JOIN (SELECT release_id, count(*) AS modules FROM mounted_modules WHERE NOT is_tool GROUP BY release_id) m ON m.release_id = s.id
    LEFT JOIN (SELECT x.release_id, count(*) AS unread, array_agg(n.name ORDER BY n.name) AS names
               FROM unread_modules x JOIN modules n ON n.id = x.module_id GROUP BY x.release_id) u ON u.release_id = s.id;
COMMENT ON VIEW release_states IS
    'How far each release was read: its modules (NULL: not read yet), how many and which were not read whole (unread_modules), whether its graph is here, whether the libraries of all of them are known (lists_all), and whether all of it is here: is_whole. Of a release that is not whole no number that hangs on an unread module is shown.';

CREATE VIEW known_graph AS
    SELECT g.release_id, g.module_id, g.is_known, g.dependents, g.transitive_dependents, g.cycle, g.cxxstd,
           CASE WHEN g.is_known THEN g.level END AS level, CASE WHEN g.is_known THEN g.weight END AS weight,
           CASE WHEN g.is_known THEN g.direct END AS direct, CASE WHEN g.is_known THEN g.transitive END AS transitive,
           CASE WHEN g.is_known THEN g.effective_cxxstd END AS effective_cxxstd,
           CASE WHEN g.is_known THEN g.raised_by_id END AS raised_by_id
    FROM module_graph g;
COMMENT ON VIEW known_graph IS
    'module_graph without what is not known: level, weight, dependencies and minima are NULL of a module that was not read whole, and of all that need one. dependents counts the modules that were read.';

CREATE FUNCTION dependency_changes_between(from_release_id bigint, to_release_id bigint,
                                           of_kinds text[] DEFAULT ARRAY['header', 'source'])
    RETURNS TABLE (module_id bigint, depends_on_id bigint, change text, kinds text[], witness jsonb)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT d.module_id, d.depends_on_id,
           CASE WHEN bool_and(d.release_id = to_release_id) THEN 'added' ELSE 'removed' END,
           array_agg(d.kind ORDER BY d.kind), (array_agg(d.witnesses -> 0 ORDER BY d.kind))[1]
    FROM dependencies d
    WHERE d.release_id IN (from_release_id, to_release_id) AND from_release_id <> to_release_id
      AND d.kind = ANY (of_kinds) AND d.include_count > 0
      AND NOT EXISTS (SELECT FROM source_gaps g WHERE g.release_id IN (from_release_id, to_release_id)
                                                  AND g.module_id IN (d.module_id, d.depends_on_id))
    GROUP BY d.module_id, d.depends_on_id HAVING count(DISTINCT d.release_id) = 1
$$;
COMMENT ON FUNCTION dependency_changes_between IS
    'A changed dependency: a pair of modules of which files of one include headers of the other in one of two releases and not in the other, whatever the kind of the files; kinds: in which they do, and the first include. Headers and sources count, tests only where asked for. Modules that are not whole in one of the two releases are left out on both sides.';

CREATE FUNCTION header_changes_between(from_release_id bigint, to_release_id bigint)
    RETURNS TABLE (module_id bigint, include_path text, change text, other text)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH one_sided AS (  -- the folders that only one of the two has, as a header in another one did not change
             SELECT r.module_id, r.folder_id, bool_and(r.release_id <> to_release_id) AS is_before
             FROM release_folders r
             WHERE r.release_id IN (from_release_id, to_release_id)
               AND NOT EXISTS (SELECT FROM source_gaps g WHERE g.release_id IN (from_release_id, to_release_id)
                                                           AND g.module_id = r.module_id)
             GROUP BY r.module_id, r.folder_id HAVING count(*) = 1 AND from_release_id IS DISTINCT FROM to_release_id
         ),
         headers AS MATERIALIZED (
             SELECT o.module_id, o.is_before, header.include_path, header.blob_sha
             FROM one_sided o JOIN source_folders f ON f.id = o.folder_id AND f.kind = 'header'
             CROSS JOIN LATERAL unnest(f.include_paths, f.blob_shas) AS header (include_path, blob_sha)
         ),
         differing AS MATERIALIZED (
             SELECT * FROM headers h
             WHERE NOT EXISTS (SELECT FROM headers o WHERE o.module_id = h.module_id
                                                       AND o.include_path = h.include_path
                                                       AND o.is_before <> h.is_before)
         ),
         moved AS (
             SELECT c.module_id, c.include_path, g.module_id AS old_module_id
             FROM differing g JOIN differing c USING (include_path) WHERE g.is_before AND NOT c.is_before
         ),
         rest AS MATERIALIZED (
             SELECT * FROM differing d WHERE NOT EXISTS (SELECT FROM moved m WHERE m.include_path = d.include_path)
         ),
         renamed AS (
             SELECT g.module_id AS old_module_id, g.path AS old_path, c.module_id, c.path
             FROM (SELECT blob_sha, min(module_id) AS module_id, min(include_path) AS path FROM rest
                   WHERE is_before GROUP BY blob_sha HAVING count(*) = 1) g
             JOIN (SELECT blob_sha, min(module_id) AS module_id, min(include_path) AS path FROM rest
                   WHERE NOT is_before GROUP BY blob_sha HAVING count(*) = 1) c USING (blob_sha)
         )
    SELECT r.module_id, r.include_path, CASE WHEN r.is_before THEN 'removed' ELSE 'added' END, NULL FROM rest r
    WHERE NOT EXISTS (SELECT FROM renamed n WHERE CASE WHEN r.is_before
        THEN n.old_module_id = r.module_id AND n.old_path = r.include_path
        ELSE n.module_id = r.module_id AND n.path = r.include_path END)
    UNION ALL
    SELECT n.module_id, n.path, 'renamed', n.old_path FROM renamed n
    UNION ALL
    SELECT m.module_id, m.include_path, 'moved', o.name FROM moved m JOIN modules o ON o.id = m.old_module_id
$$;
COMMENT ON FUNCTION header_changes_between IS
    'Headers that a module has in one release and not in another. moved: another module has had the path and lost it, other is that module. renamed: of the rest, the content is the same and no other of them has it, other is the old path.';

CREATE FUNCTION library_changes_between(from_release_id bigint, to_release_id bigint)
    RETURNS TABLE (library_id bigint, module_id bigint, change text, before text, after text)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH unread AS (
             SELECT p.release_id, p.module_id FROM metadata_problems p
             WHERE p.release_id IN (from_release_id, to_release_id)
               AND p.kind IN ('missing_commit', 'missing_repository', 'invalid_json', 'unknown_shape')
         ),
         versions AS (
             SELECT v.*, m.name AS module, g.effective_cxxstd, g.cxxstd AS module_cxxstd,
                    (SELECT string_agg(p.name, ', ' ORDER BY p.name) FROM library_people p
                     WHERE p.library_version_id = v.id AND p.role = 'maintainer') AS maintainers
             FROM library_versions v JOIN modules m ON m.id = v.module_id
             LEFT JOIN known_graph g ON g.release_id = v.release_id AND g.module_id = v.module_id
             WHERE v.release_id IN (from_release_id, to_release_id)
         ),
         b AS (SELECT * FROM versions WHERE release_id = from_release_id),
         a AS (SELECT * FROM versions WHERE release_id = to_release_id)
    SELECT a.library_id, a.module_id, 'added', NULL, a.key FROM a
    WHERE NOT EXISTS (SELECT FROM b WHERE b.library_id = a.library_id)
      AND NOT EXISTS (SELECT FROM unread u WHERE u.release_id = from_release_id AND u.module_id = a.module_id)
    UNION ALL
    SELECT b.library_id, b.module_id, 'removed', b.key, NULL FROM b
    WHERE NOT EXISTS (SELECT FROM a WHERE a.library_id = b.library_id)
      AND NOT EXISTS (SELECT FROM unread u WHERE u.release_id = to_release_id AND u.module_id = b.module_id)
    UNION ALL
    SELECT a.library_id, a.module_id, c.change, c.before, c.after
    FROM a JOIN b USING (library_id) CROSS JOIN LATERAL (
        VALUES ('renamed', b.key, a.key, a.key <> b.key),
               ('moved', b.module, a.module, a.module <> b.module),
               ('cxxstd_raised', b.cxxstd, a.cxxstd, cxxstd_order(a.cxxstd) > cxxstd_order(b.cxxstd)),
               ('cxxstd_lowered', b.cxxstd, a.cxxstd, cxxstd_order(a.cxxstd) < cxxstd_order(b.cxxstd)),
               ('effective_cxxstd_raised', b.effective_cxxstd, a.effective_cxxstd,
                cxxstd_order(a.effective_cxxstd) > cxxstd_order(b.effective_cxxstd)
                AND cxxstd_order(a.effective_cxxstd) > coalesce(cxxstd_order(a.module_cxxstd), 0)),
               ('maintainers_changed', b.maintainers, a.maintainers, a.maintainers IS DISTINCT FROM b.maintainers)
    ) AS c (change, before, after, holds)
    WHERE c.holds
$$;
COMMENT ON FUNCTION library_changes_between IS
    'What became of each library between two releases: added, removed, renamed (its key), moved (between modules), cxxstd_raised, cxxstd_lowered, effective_cxxstd_raised (by a dependency), maintainers_changed. A library whose module could not be read in the other release is neither added nor removed.';

CREATE VIEW dependency_changes AS
    SELECT r.id AS release_id, r.previous_id, c.* FROM releases r
    CROSS JOIN LATERAL dependency_changes_between(r.previous_id, r.id) c
    WHERE EXISTS (SELECT FROM module_graph g WHERE g.release_id = r.id)
      AND EXISTS (SELECT FROM module_graph g WHERE g.release_id = r.previous_id);
COMMENT ON VIEW dependency_changes IS
    'Dependencies added and removed between each release and the stable one before it, where both graphs are here: dependency_changes_between(previous_id, release_id).';

CREATE VIEW header_changes AS
    SELECT r.id AS release_id, r.previous_id, c.* FROM releases r
    CROSS JOIN LATERAL header_changes_between(r.previous_id, r.id) c
    WHERE EXISTS (SELECT FROM release_folders f WHERE f.release_id = r.id)
      AND EXISTS (SELECT FROM release_folders f WHERE f.release_id = r.previous_id);
COMMENT ON VIEW header_changes IS
    'Headers added, removed, renamed and moved between each release and the stable one before it, where both are here: header_changes_between(previous_id, release_id).';

CREATE VIEW library_changes AS
    SELECT r.id AS release_id, r.previous_id, c.* FROM releases r
    CROSS JOIN LATERAL library_changes_between(r.previous_id, r.id) c
    WHERE EXISTS (SELECT FROM library_versions v WHERE v.release_id = r.id)
      AND EXISTS (SELECT FROM library_versions v WHERE v.release_id = r.previous_id);
COMMENT ON VIEW library_changes IS
    'What became of each library between each release and the stable one before it, where both are here: library_changes_between(previous_id, release_id).';

CREATE VIEW library_history AS
    SELECT v.library_id, l.key, v.release_id, r.tag, r.kind, r.released_on, r.tagged_on, r.day, m.name AS module, v.name, v.status,
           v.cxxstd, g.effective_cxxstd, g.level, g.direct, g.transitive, g.dependents, g.cycle,
           (SELECT string_agg(p.name, ', ' ORDER BY p.position) FROM library_people p
            WHERE p.library_version_id = v.id AND p.role = 'maintainer') AS maintainers
    FROM library_versions v
    JOIN libraries l ON l.id = v.library_id
    JOIN dated_releases r ON r.id = v.release_id
    JOIN modules m ON m.id = v.module_id
    LEFT JOIN known_graph g ON g.release_id = v.release_id AND g.module_id = v.module_id;
COMMENT ON VIEW library_history IS
    'One row per library and release: where it was, what it needed, who maintained it. Numbers of the graph are those of its module.';
