-- Who is a person, who a bot, who wrote a commit, and which commits a release brought: one meaning for all that counts.

CREATE FUNCTION is_bot_name(name text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    -- The published list, in one expression, as it is asked of each item and commit. Given names (Claude, Devin, Jules)
    -- are bots only with what their vendor adds to them.
    RETURN name ~* ('\[bot\]|^('
            '(github|gitlab|gitea)?[ -]?actions?([ -](user|bot|runner))?'
            '|(allcontributors|appveyor|azure[ -]pipelines?|circle[ -]?ci|codecov(-io|[ -]commenter)?|codefactor|coveralls'
            '|cppalliance-bot|dependabot(-preview)?|drone|gitguardian|gitter-badger|greenkeeper|imgbot|jenkins|lgtm-com'
            '|mergify|netlify|pre-commit(-ci)?|pyup|renovate|restyled-io|scancode|sider|sonarcloud|stale|tagbot|travis'
            '|travis-ci|web-flow)([ -]?(bot|app|user))?'
            '|boost-?commitbot'
            '|(github[ -])?copilot([ -].*)?'
            '|claude[ -]?(\(.*\)|ai|agent|bot|code|fable|haiku|mythos|opus|sonnet|[0-9]).*'
            '|cursor([ -]?(agent|ai|bot))?'
            '|devin[ -]?ai( integration)?'
            '|aider([ -]?\(.*\)|[ -]chat|[ -]bot)?'
            '|((openai|chatgpt)[ -])?codex([ -](agent|bot|cli))?'
            '|amazon q( developer)?|amp code|chatgpt|codegen-sh|coderabbitai|gemini[ -](cli|code|code assist|bot)'
            '|google[ -]labs[ -]jules|opencode|openhands|sourcery([ -]ai)?|sweep[ -]ai|windsurf'
            ')$|^(automated|automatic|auto)[ -](commit|build|update|deploy|release)'
            '|(^|[ -])(automation|build|ci|commit|deploy|deployment|docs?|documentation|formatting|github|jenkins|lint|merge'
            '|publish|release|renovate|snyk|sync|tag|test|travis|update)[ -]?bot($|[ -])')
        -- Accounts that build, such as Jenkins nedprod CI and Travis CI User.
        OR strpos(name, 'CI') > 0 AND name ~ '(^|[^[:alnum:]])CI($|[^[:alnum:]])';
COMMENT ON FUNCTION is_bot_name IS
    'Whether a name or login is that of a bot: it has [bot] in it, the word CI in capitals, a word like commit, build, docs or deploy before "bot", or it is on the list of this function: GitHub Actions, actions-user, Dependabot, Renovate, TagBot, Travis, AppVeyor and other services, Automated Commit and boost-commitbot, and coding assistants (Copilot, Claude, Cursor Agent, Devin AI, aider, Codex). NULL for NULL.';

CREATE FUNCTION is_bot(kind text, login text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce(kind = 'bot' OR is_bot_name(login) OR lower(login) IN ('claude', 'devin-ai', 'cursoragent'), false);
COMMENT ON FUNCTION is_bot IS
    'Whether an account is a bot: its kind is bot, or its login is one of is_bot_name. False for NULL, the ghost.';

CREATE VIEW bot_accounts AS
    SELECT a.id AS account_id FROM accounts a WHERE is_bot(a.kind, a.login);
COMMENT ON VIEW bot_accounts IS 'The accounts that are bots: function is_bot.';

CREATE FUNCTION is_bot_author(name text, email text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN is_bot_name(name) OR email ILIKE '%[bot]%'
        OR email ~* '^(no-?reply@(anthropic|openai|cursor)\.com|.*@(aider\.chat|devin\.ai|travis-ci\.(org|com))|cursoragent@cursor\.com|travis@example\.org|travis@testing-.*|boost-commitbot@.*|action(s-user)?@github\.com|automated@calamity\.org\.uk|([0-9]+\+)?(copilot|claude|actions-user|boost-commitbot)@users\.noreply\.github\.com)$'
        OR name = 'nobody' AND email = 'nobody@localhost';
COMMENT ON FUNCTION is_bot_author IS
    'Whether the author of a commit is a bot by what git tells: the name is one of is_bot_name, or the address has [bot] in it or is one that bots and coding assistants write by. nobody@localhost too: cvs2svn made those commits.';

CREATE FUNCTION shown_name(name text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN name !~* '@|\mat\M' THEN coalesce(nullif(btrim(name), ''), 'unnamed') ELSE coalesce(
        nullif(btrim(regexp_replace(regexp_replace(told,
            $re$[<({["']*[^\s<>(){}"',;]+@[^\s<>(){}"',;]+[])}>"']*|<[^<>]*\sat\s[^<>]*>$re$, '', 'g'), '\s+', ' ', 'g'),
            ' ,;<>(){}"'''), ''),
        nullif(btrim(split_part(btrim(told, ' <>(){}"'''), '@', 1)), ''), 'unnamed') END
    FROM (SELECT regexp_replace(regexp_replace(regexp_replace(name,
              '\s*([[({<]\s*at\s*[])}>]|-\s?at\s?-)\s*', '@', 'gi'),
              '\s*([[({<]\s*dot\s*[])}>]|-\s?dot\s?-)\s*', '.', 'gi'),
              '\s*([[({<]\s*underscore\s*[])}>]|-\s?underscore\s?-)\s*', '_', 'gi') AS told) n
$$;
COMMENT ON FUNCTION shown_name IS
    'A name without the addresses in it, also those written with (at), [at], {at} or -at-; of a name that is nothing but an address what stands before the @.';

CREATE VIEW co_authors AS
    SELECT t.commit_id, t.position, btrim(regexp_replace(t.value, '\s*<.*$', '')) AS name,
           coalesce(btrim(substring(t.value FROM '<([^<>]*)>')), '') AS email
    FROM commit_trailers t WHERE lower(t.token) = 'co-authored-by';
COMMENT ON VIEW co_authors IS
    'Whom the Co-authored-by trailers of a commit name, in their order, bots among them.';

CREATE VIEW boost_commits AS
    SELECT c.id AS commit_id, c.repository_id, p.name AS repository, c.first_release_id, c.on_default_branch, c.landed_at,
           c.committed_at,
           CASE WHEN c.authored_at >= '1998-01-01 UTC'
                 AND c.authored_at <= (SELECT coalesce(max(greatest(f.checked_at, f.changed_at)), 'infinity') FROM freshness f
                                   WHERE f.asset LIKE 'code/%') + interval '1 day'
                THEN c.authored_at END AS authored_at,
           c.additions, c.deletions, c.is_merge,
           coalesce(i.person, md5(lower(btrim(c.author_email)))) AS person,
           CASE WHEN i.person IS NULL THEN shown_name(c.author_name) ELSE i.shown_name END AS name,
           CASE WHEN i.person IS NULL THEN is_bot_author(c.author_name, c.author_email) ELSE i.is_bot END AS by_bot
    FROM commits c
    JOIN repositories p ON p.id = c.repository_id AND p.kind IN ('boost', 'tool')
    LEFT JOIN author_identities i ON i.email = c.author_email AND i.name = c.author_name
    WHERE c.is_reachable AND (c.on_default_branch OR c.first_release_id IS NOT NULL);
COMMENT ON VIEW boost_commits IS
    'The commits of Boost: in a module or tool, on its default branch or in a release. person: whose author_identities says the author is, else one of its own; name: shown_name; authored_at: NULL unless written between 1998, when Boost began, and a day after commits were last read. Out are the superproject, whose commits are made by a script, and what only other branches hold.';

CREATE VIEW authorships AS
    SELECT b.commit_id, b.repository_id, b.repository, b.first_release_id, b.on_default_branch, b.landed_at, b.committed_at,
           b.authored_at, extract(year FROM b.authored_at AT TIME ZONE 'UTC')::int AS year, b.additions, b.deletions,
           b.person, b.name, 1::bigint AS place
    FROM boost_commits b WHERE NOT b.is_merge AND NOT b.by_bot
    UNION ALL
    SELECT b.commit_id, b.repository_id, b.repository, b.first_release_id, b.on_default_branch, b.landed_at, b.committed_at,
           b.authored_at, extract(year FROM b.authored_at AT TIME ZONE 'UTC')::int, b.additions, b.deletions,
           o.person, o.name, o.place + CASE WHEN b.by_bot THEN 0 ELSE 1 END
    FROM (
        SELECT n.commit_id, n.person, (array_agg(n.name ORDER BY n.position))[1] AS name,
               row_number() OVER (PARTITION BY n.commit_id ORDER BY min(n.position)) AS place
        FROM (SELECT t.commit_id, t.position, coalesce(i.person, md5(lower(t.email))) AS person,
                     coalesce(i.shown_name, shown_name(t.name)) AS name
              FROM co_authors t LEFT JOIN author_identities i ON i.email = t.email AND i.name = t.name
              WHERE NOT coalesce(i.is_bot, is_bot_author(t.name, t.email))) n
        GROUP BY n.commit_id, n.person
    ) o
    JOIN boost_commits b ON b.commit_id = o.commit_id
    WHERE NOT b.is_merge AND (b.by_bot OR o.person <> b.person);
COMMENT ON VIEW authorships IS
    'Who wrote boost_commits: one row per commit and person, the author and whom Co-authored-by trailers name. Commits by people are the rows of place 1: their lines count once, there; the commits of a person are all rows of theirs. Merges and bots are out; a commit of a bot with a person beside it is the person''s.';

CREATE VIEW repository_arrivals AS
    SELECT DISTINCT ON (m.repository_id) m.repository_id, m.release_id,
           EXISTS (SELECT FROM release_modules b WHERE b.release_id = r.previous_id) AS joined
    FROM release_modules m JOIN dated_releases r ON r.id = m.release_id AND r.is_release
    ORDER BY m.repository_id, r.major, r.minor, r.patch;
COMMENT ON VIEW repository_arrivals IS
    'The first release that has each repository. joined: the release before it is here and has it not, so that its history came with this one; else it may have been in Boost before.';

CREATE VIEW released_work AS
    SELECT a.*, j.repository_id IS NOT NULL AS is_brought
    FROM authorships a
    JOIN dated_releases r ON r.id = a.first_release_id AND r.is_release
    LEFT JOIN repository_arrivals j
        ON j.repository_id = a.repository_id AND j.release_id = a.first_release_id AND j.joined;
COMMENT ON VIEW released_work IS
    'authorships that a release was the first to contain (commits.first_release_id). is_brought: the repository joined Boost with that release (repository_arrivals), which brought its history; that is no work on the release, and counts apart.';

CREATE VIEW mounted_modules AS
    SELECT m.*, m.path NOT LIKE 'libs/%' AS is_tool FROM release_modules m;
COMMENT ON VIEW mounted_modules IS
    'What a release mounts: modules, which are below libs/, and tools, which are not.';
