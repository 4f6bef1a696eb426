-- What changed between two releases, and the history of a library. Edges and headers of modules that are not whole in
-- one of the two releases are left out: what cannot be seen has not been removed.

CREATE FUNCTION cxxstd_order(cxxstd text) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN array_position(ARRAY['98', '03', '11', '14', '17', '20', '23', '26'], cxxstd);
COMMENT ON FUNCTION cxxstd_order IS
    'The place of a C++ standard among all: 98 < 03 < 11 < 14 < 17 < 20 < 23 < 26. NULL for anything else.';

CREATE FUNCTION dependency_changes_between(from_release_id bigint, to_release_id bigint)
    RETURNS TABLE (module_id bigint, depends_on_id bigint, kind text, change text, witness jsonb)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH before AS (SELECT * FROM dependencies WHERE release_id = from_release_id AND include_count > 0),
         after AS (SELECT * FROM dependencies WHERE release_id = to_release_id AND include_count > 0),
         partial AS (SELECT g.module_id FROM source_gaps g WHERE g.release_id IN (from_release_id, to_release_id))
    SELECT module_id, depends_on_id, kind, CASE WHEN b.release_id IS NULL THEN 'added' ELSE 'removed' END,
           coalesce(a.witnesses, b.witnesses) -> 0
    FROM before b FULL JOIN after a USING (module_id, depends_on_id, kind)
    WHERE (a.release_id IS NULL OR b.release_id IS NULL)
      AND module_id NOT IN (SELECT p.module_id FROM partial p)
      AND depends_on_id NOT IN (SELECT p.module_id FROM partial p)
$$;
COMMENT ON FUNCTION dependency_changes_between IS
    'Edges that one release has and another has not, each with its first witness. Modules that are not whole in one of the two are left out.';

CREATE FUNCTION header_changes_between(from_release_id bigint, to_release_id bigint)
    RETURNS TABLE (module_id bigint, include_path text, change text, other text)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH whole AS (
             SELECT f.* FROM source_files f
             WHERE f.release_id IN (from_release_id, to_release_id) AND f.kind = 'header'
               AND NOT EXISTS (SELECT FROM source_gaps g WHERE g.release_id IN (from_release_id, to_release_id)
                                                           AND g.module_id = f.module_id)
         ),
         before AS (SELECT * FROM whole WHERE release_id = from_release_id),
         after AS (SELECT * FROM whole WHERE release_id = to_release_id),
         gone AS (SELECT * FROM before b WHERE NOT EXISTS (SELECT FROM after a WHERE a.include_path = b.include_path)),
         come AS (SELECT * FROM after a WHERE NOT EXISTS (SELECT FROM before b WHERE b.include_path = a.include_path)),
         renamed AS (
             SELECT g.module_id AS old_module_id, g.include_path AS old_path, c.module_id, c.include_path
             FROM (SELECT blob_sha, min(include_path) AS path FROM gone GROUP BY blob_sha HAVING count(*) = 1) one_gone
             JOIN (SELECT blob_sha, min(include_path) AS path FROM come GROUP BY blob_sha HAVING count(*) = 1) one_come
                 USING (blob_sha)
             JOIN gone g ON g.include_path = one_gone.path JOIN come c ON c.include_path = one_come.path
         )
    SELECT c.module_id, c.include_path, 'added', NULL FROM come c
    WHERE NOT EXISTS (SELECT FROM renamed r WHERE r.include_path = c.include_path)
    UNION ALL
    SELECT g.module_id, g.include_path, 'removed', NULL FROM gone g
    WHERE NOT EXISTS (SELECT FROM renamed r WHERE r.old_path = g.include_path)
    UNION ALL
    SELECT r.module_id, r.include_path, 'renamed', r.old_path FROM renamed r
    UNION ALL
    SELECT a.module_id, a.include_path, 'moved', m.name
    FROM before b JOIN after a USING (include_path) JOIN modules m ON m.id = b.module_id
    WHERE a.module_id <> b.module_id
$$;
COMMENT ON FUNCTION header_changes_between IS
    'Headers that one release has and another has not. renamed: the content is the same and no other header has it, other is the old path. moved: the same path in another module, other is the old module.';

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
             LEFT JOIN module_graph g ON g.release_id = v.release_id AND g.module_id = v.module_id
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
    'Edges added and removed between each release and the stable one before it, where both graphs are here: dependency_changes_between(previous_id, release_id).';

CREATE VIEW header_changes AS
    SELECT r.id AS release_id, r.previous_id, c.* FROM releases r
    CROSS JOIN LATERAL header_changes_between(r.previous_id, r.id) c
    WHERE EXISTS (SELECT FROM source_files f WHERE f.release_id = r.id)
      AND EXISTS (SELECT FROM source_files f WHERE f.release_id = r.previous_id);
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
    SELECT v.library_id, l.key, v.release_id, r.tag, r.kind, r.released_on, m.name AS module, v.name, v.status,
           v.cxxstd, g.effective_cxxstd, g.level, g.direct, g.transitive, g.dependents, g.cycle,
           (SELECT string_agg(p.name, ', ' ORDER BY p.position) FROM library_people p
            WHERE p.library_version_id = v.id AND p.role = 'maintainer') AS maintainers
    FROM library_versions v
    JOIN libraries l ON l.id = v.library_id
    JOIN releases r ON r.id = v.release_id
    JOIN modules m ON m.id = v.module_id
    LEFT JOIN module_graph g ON g.release_id = v.release_id AND g.module_id = v.module_id;
COMMENT ON VIEW library_history IS
    'One row per library and release: where it was, what it needed, who maintained it. Numbers of the graph are those of its module.';
