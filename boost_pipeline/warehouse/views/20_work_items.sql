-- Work on issues and pull requests: CHAOSS metrics, each with its formula and its bot policy. Bots are those of function
-- is_bot; ghosts are authors whose account is gone. Items that are marked as deleted are out.

CREATE VIEW work_items AS
    SELECT i.repository_id, i.number, 'issue' AS item, i.title, i.author_id, b.account_id IS NOT NULL AS by_bot, i.state,
           i.created_at, i.updated_at, i.closed_at, NULL::timestamptz AS merged_at, false AS is_draft
    FROM issues i LEFT JOIN bot_accounts b ON b.account_id = i.author_id WHERE i.deleted_at IS NULL
    UNION ALL
    SELECT p.repository_id, p.number, 'pull_request', p.title, p.author_id, b.account_id IS NOT NULL, p.state,
           p.created_at, p.updated_at, p.closed_at, p.merged_at, p.is_draft
    FROM pull_requests p LEFT JOIN bot_accounts b ON b.account_id = p.author_id WHERE p.deleted_at IS NULL;
COMMENT ON VIEW work_items IS
    'Issues and pull requests in one list, without those that are marked as deleted. by_bot: the author is a bot. Bots are in.';

CREATE VIEW answers AS
    SELECT w.repository_id, w.number, w.item, w.created_at, said.author_id, said.at, said.what
    FROM (
        SELECT repository_id, number, author_id, created_at AS at, 'comment' AS what FROM comments
        WHERE deleted_at IS NULL
        UNION ALL
        SELECT repository_id, number, author_id, submitted_at, 'review' FROM reviews
    ) said
    JOIN work_items w USING (repository_id, number)
    LEFT JOIN bot_accounts b ON b.account_id = said.author_id
    WHERE NOT w.by_bot AND said.author_id IS NOT NULL AND b.account_id IS NULL
      AND said.author_id IS DISTINCT FROM w.author_id;
COMMENT ON VIEW answers IS
    'What people other than the author said on an item: comments, inline comments and reviews. Bots are out, as authors of items and of answers; ghosts are out as authors of answers, since they may be the item''s author. Reactions, labels, assignments, closing and merging are no answers; deleted comments are none any more.';

CREATE VIEW first_responses AS
    SELECT w.repository_id, w.number, w.item, w.author_id, w.created_at, w.closed_at, f.at AS responded_at,
           f.author_id AS responder_id, f.what,
           extract(epoch FROM f.at - w.created_at) / 3600 AS hours
    FROM work_items w
    LEFT JOIN LATERAL (
        SELECT a.at, a.author_id, a.what FROM answers a
        WHERE a.repository_id = w.repository_id AND a.number = w.number ORDER BY a.at, a.author_id LIMIT 1
    ) f ON true
    WHERE NOT w.by_bot;
COMMENT ON VIEW first_responses IS
    'Per item the first answer (view answers) and the hours until it: t_first - created_at. NULL: nobody answered yet. Items of bots are out.';

CREATE VIEW time_to_first_response AS
    SELECT f.repository_id, f.item, count(*) AS items, count(f.responded_at) AS answered,
           count(*) FILTER (WHERE f.responded_at IS NULL AND f.closed_at IS NULL) AS waiting,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY f.hours) AS median_hours_of_answered
    FROM first_responses f GROUP BY f.repository_id, f.item;
COMMENT ON VIEW time_to_first_response IS
    'Time to First Response (CHAOSS) per repository, of issues and of pull requests: median of t_first - created_at over the answered ones. Those that still wait are not in that median, which flatters; duration_estimates has the one that counts them. Bots are out.';

CREATE VIEW response_by_release AS
    SELECT r.id AS release_id, f.repository_id, f.item, count(*) AS items, count(f.responded_at) AS answered,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY f.hours) AS median_hours_of_answered
    FROM dated_releases r
    JOIN dated_releases p ON p.id = r.previous_id
    JOIN first_responses f ON f.created_at >= p.day AND f.created_at < r.day
    WHERE r.is_release
    GROUP BY r.id, f.repository_id, f.item;
COMMENT ON VIEW response_by_release IS
    'Time to First Response of the items opened between the stable release before (its day included) and this one (its day excluded), per repository. A library''s repository is in release_modules. Bots are out.';

CREATE VIEW responders AS
    SELECT a.repository_id, a.author_id AS account_id, c.login, count(*) AS answers,
           count(DISTINCT a.number) AS items,
           count(DISTINCT a.number) FILTER (WHERE f.responder_id = a.author_id) AS first_answers,
           count(*) FILTER (WHERE a.what = 'review') AS reviews, max(a.at) AS last_answer_at
    FROM answers a
    JOIN accounts c ON c.id = a.author_id
    JOIN first_responses f ON f.repository_id = a.repository_id AND f.number = a.number
    GROUP BY a.repository_id, a.author_id, c.login;
COMMENT ON VIEW responders IS
    'Who answers, per repository: answers (view answers), the items they are on, how often the answer was the first, reviews among them. Bots are out.';

CREATE VIEW pushes AS
    SELECT e.repository_id, e.number, e.created_at AS at FROM item_events e
    WHERE e.kind IN ('committed', 'head_ref_force_pushed');
COMMENT ON VIEW pushes IS
    'When commits came to a pull request: commits by their committer date, as GitHub tells no time of a push, and forced pushes.';

CREATE VIEW people_reviews AS
    SELECT r.* FROM reviews r
    WHERE r.author_id IS NOT NULL AND NOT EXISTS (SELECT FROM bot_accounts b WHERE b.account_id = r.author_id);
COMMENT ON VIEW people_reviews IS 'Reviews by people: without those of bots, and of ghosts, who may be the author.';

CREATE VIEW review_rounds AS
    SELECT p.repository_id, p.number, count(DISTINCT round.review_id) AS rounds
    FROM work_items p
    LEFT JOIN LATERAL (
        SELECT (SELECT r.id FROM people_reviews r
                WHERE r.repository_id = p.repository_id AND r.number = p.number AND r.submitted_at > s.at
                  AND r.author_id IS DISTINCT FROM p.author_id
                ORDER BY r.submitted_at, r.id LIMIT 1) AS review_id
        FROM pushes s
        WHERE s.repository_id = p.repository_id AND s.number = p.number
          AND (SELECT r.state FROM people_reviews r
               WHERE r.repository_id = p.repository_id AND r.number = p.number AND r.submitted_at < s.at
                 AND r.state IN ('approved', 'changes_requested') AND r.author_id IS DISTINCT FROM p.author_id
               ORDER BY r.submitted_at DESC, r.id DESC LIMIT 1) = 'changes_requested'
    ) round ON true
    WHERE p.item = 'pull_request' AND NOT p.by_bot
    GROUP BY p.repository_id, p.number;
COMMENT ON VIEW review_rounds IS
    'Review rounds (CHAOSS) per pull request: how often changes were requested, then something was pushed, then somebody other than the author reviewed again. The verdict before a push is the newest approval or request for changes; a dismissed one counts no more. Bots are out.';

CREATE VIEW change_request_reviews AS
    SELECT p.repository_id, count(*) AS closed, count(*) FILTER (WHERE v.any_review) AS reviewed,
           count(*) FILTER (WHERE v.approved) AS approved, count(*) FILTER (WHERE v.changes) AS changes_requested,
           count(*) FILTER (WHERE v.any_review)::float / count(*) AS reviewed_ratio
    FROM work_items p
    CROSS JOIN LATERAL (
        SELECT count(r.id) > 0 AS any_review, coalesce(bool_or(r.state = 'approved'), false) AS approved,
               coalesce(bool_or(r.state = 'changes_requested'), false) AS changes
        FROM people_reviews r
        WHERE r.repository_id = p.repository_id AND r.number = p.number AND r.author_id IS DISTINCT FROM p.author_id
    ) v
    WHERE p.item = 'pull_request' AND p.closed_at IS NOT NULL AND NOT p.by_bot
    GROUP BY p.repository_id;
COMMENT ON VIEW change_request_reviews IS
    'Change Request Reviews (CHAOSS) per repository: of the closed pull requests, merged or not, those with at least one review by somebody other than the author, also by verdict. Bots are out, as authors and as reviewers.';

CREATE VIEW change_request_durations AS
    SELECT p.repository_id, count(*) AS pull_requests, count(p.merged_at) AS merged,
           count(*) FILTER (WHERE p.closed_at IS NULL) AS open,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM p.merged_at - p.created_at) / 3600)
               AS median_hours_of_merged,
           max(e.median_hours) AS median_hours_censored
    FROM work_items p
    LEFT JOIN duration_estimates e ON e.metric = 'change_request_duration' AND e.repository_id = p.repository_id
    WHERE p.item = 'pull_request' AND NOT p.by_bot
    GROUP BY p.repository_id;
COMMENT ON VIEW change_request_durations IS
    'Change Request Duration (CHAOSS) per repository: median of merged_at - created_at. median_hours_of_merged leaves out what is not merged (survivors only); median_hours_censored is the Kaplan-Meier median of duration_estimates, in which open ones count as still waiting and those closed unmerged as waiting until they were closed. Bots are out.';

CREATE FUNCTION change_request_ratios_between(from_time timestamptz, to_time timestamptz)
    RETURNS TABLE (repository_id bigint, opened bigint, closed bigint, merged bigint, closed_unmerged bigint,
                   closure_ratio float, acceptance_ratio float, merged_share float)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT c.*, c.closed::float / nullif(c.opened, 0), c.merged::float / nullif(c.closed_unmerged, 0),
           c.merged::float / nullif(c.closed, 0)
    FROM (
        SELECT p.repository_id,
               count(*) FILTER (WHERE p.created_at >= from_time AND p.created_at < to_time) AS opened,
               count(*) FILTER (WHERE p.closed_at >= from_time AND p.closed_at < to_time) AS closed,
               count(*) FILTER (WHERE p.merged_at >= from_time AND p.merged_at < to_time) AS merged,
               count(*) FILTER (WHERE p.closed_at >= from_time AND p.closed_at < to_time AND p.merged_at IS NULL)
                   AS closed_unmerged
        FROM work_items p WHERE p.item = 'pull_request' AND NOT p.by_bot GROUP BY p.repository_id
    ) c WHERE c.opened > 0 OR c.closed > 0
$$;
COMMENT ON FUNCTION change_request_ratios_between IS
    'Per repository, in [from_time, to_time): Change Request Closure Ratio (CHAOSS) closed / opened, over 1 means that the backlog shrinks; Change Request Acceptance Ratio merged / closed unmerged; and merged_share merged / all closed, from 0 to 1. NULL, not infinity, where the divisor is 0. Pull requests of bots are out.';

CREATE VIEW change_request_ratios AS
    SELECT date_trunc('year', y)::date AS year, r.*
    FROM generate_series((SELECT date_trunc('year', min(created_at) AT TIME ZONE 'UTC') FROM pull_requests),
                         (SELECT max(updated_at) AT TIME ZONE 'UTC' FROM pull_requests), interval '1 year') AS y
    CROSS JOIN LATERAL change_request_ratios_between(y AT TIME ZONE 'UTC', (y + interval '1 year') AT TIME ZONE 'UTC') r;
COMMENT ON VIEW change_request_ratios IS
    'Closure and acceptance ratio per repository and calendar year (UTC): change_request_ratios_between. Bots are out.';

CREATE FUNCTION issue_age_at(at_time timestamptz)
    RETURNS TABLE (repository_id bigint, open_issues bigint, median_days float, oldest_days float)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT i.repository_id, count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY age.days), max(age.days)
    FROM issues i
    LEFT JOIN bot_accounts b ON b.account_id = i.author_id
    CROSS JOIN LATERAL (SELECT extract(epoch FROM at_time - i.created_at)::float / 86400 AS days) age
    LEFT JOIN LATERAL (
        SELECT e.kind FROM item_events e
        WHERE e.repository_id = i.repository_id AND e.number = i.number AND e.kind IN ('closed', 'reopened')
          AND e.created_at <= at_time
        ORDER BY e.created_at DESC, e.id DESC LIMIT 1
    ) last ON true
    WHERE i.created_at <= at_time AND (i.deleted_at IS NULL OR i.deleted_at > at_time) AND b.account_id IS NULL
      AND coalesce(last.kind, CASE WHEN i.closed_at <= at_time THEN 'closed' ELSE 'reopened' END) = 'reopened'
    GROUP BY i.repository_id
$$;
COMMENT ON FUNCTION issue_age_at IS
    'Issue Age (CHAOSS) per repository at a moment: median and maximum of at_time - created_at over the issues that were open then, by their last closing or reopening before it, not by today''s state. Issues of bots are out.';

CREATE FUNCTION absence_factor(contributions bigint[]) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT count(*) FILTER (WHERE before <= total / 2.0 AND total > 0)
    FROM (
        SELECT coalesce(sum(c) OVER (ORDER BY c DESC, n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before,
               sum(c) OVER () AS total
        FROM unnest(contributions) WITH ORDINALITY AS u (c, n)
    ) s
$$;
COMMENT ON FUNCTION absence_factor IS
    'Contributor Absence Factor (CHAOSS): the smallest number of contributors who made more than half of all contributions. 0 for none. CHAOSS''s own example 1000, 202, 90, 33, 332, 343, 42, 433 gives 2.';

CREATE VIEW waiting_items AS
    SELECT f.repository_id, f.number, f.item, w.title, f.author_id, f.created_at AS waiting_since
    FROM first_responses f JOIN work_items w USING (repository_id, number)
    WHERE f.responded_at IS NULL AND w.closed_at IS NULL AND NOT w.is_draft;
COMMENT ON VIEW waiting_items IS
    'Open items that nobody but their author and bots has answered (view answers); order by waiting_since for the longest waiting. Drafts and items of bots are out.';

CREATE VIEW waiting_reviews AS
    SELECT p.repository_id, p.number, p.title, p.author_id,
           greatest(p.created_at, (SELECT max(s.at) FROM pushes s
                                   WHERE s.repository_id = p.repository_id AND s.number = p.number AND s.at <= p.updated_at))
               AS waiting_since
    FROM work_items p
    WHERE p.item = 'pull_request' AND p.closed_at IS NULL AND NOT p.is_draft AND NOT p.by_bot
      AND NOT EXISTS (
          SELECT FROM answers a
          WHERE a.repository_id = p.repository_id AND a.number = p.number AND a.what = 'review'
            AND a.at >= greatest(p.created_at, (SELECT max(s.at) FROM pushes s
                                                WHERE s.repository_id = p.repository_id AND s.number = p.number
                                                  AND s.at <= p.updated_at))
      );
COMMENT ON VIEW waiting_reviews IS
    'Open pull requests without a review by somebody other than the author since their last push, or since they were opened. Commits that claim to be later than the pull request''s last change are not believed. Drafts and bots are out.';
