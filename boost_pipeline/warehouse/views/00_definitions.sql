-- One meaning for each word: what every page, report and command counts by.

CREATE VIEW dated_releases AS
    SELECT r.*, (coalesce(r.tagged_at, r.committed_at) AT TIME ZONE 'UTC')::date AS tagged_on,
           coalesce(r.released_on, (coalesce(r.tagged_at, r.committed_at) AT TIME ZONE 'UTC')::date) AS day,
           r.kind = 'stable' AND (r.major, r.minor, r.patch) >= (1, 16, 1) AND r.deleted_at IS NULL AS is_release
    FROM releases r;
COMMENT ON VIEW dated_releases IS
    'Releases with the day that they count by: day is released_on, or where no source knows that, tagged_on, the UTC day of the annotated tag or of the commit, which is days earlier; pages then say "tagged". is_release: it counts as a release of Boost, which is a stable tag from boost-1.16.1 on that is still there; the tags boost-0.x are of a repository that was merged in.';

CREATE VIEW changed_tags AS
    SELECT r.tag, 'was deleted at the host' AS what, r.deleted_at AS seen_at,
           'nothing counts it any more, its rows are kept; it counts again if the host has the tag again' AS mend
    FROM releases r WHERE r.deleted_at IS NOT NULL
    UNION ALL
    SELECT r.tag, 'moved from ' || left(r.moved_from, 10) || ' to ' || left(r.commit_sha, 10), r.moved_at,
           CASE WHEN r.kind = 'stable'
                THEN 'the next run of run_boost_library_tracker reads it again; make its dossier anew with '
                     || 'boost-pipeline collect run_on_release_sync --boost-version ' || r.tag
                ELSE 'nothing to do' END
    FROM releases r WHERE r.moved_at IS NOT NULL AND r.deleted_at IS NULL;
COMMENT ON VIEW changed_tags IS
    'Tags of the superproject that are gone, or name another commit than when they were first seen: what became of them, when that was seen, and what to do.';
