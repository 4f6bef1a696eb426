"""GraphQL answers as GitHub does: types, ghosts, bots, ids, orders, cursors, errors."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boost_pipeline.sample.github.cast import CI_BOT, DEPENDABOT_ID
from boost_pipeline.sample.github.connections import BadCursor, Listing, Paging, page, read_cursor, write_cursor
from boost_pipeline.sample.github.fields.repositories import _by_update
from boost_pipeline.sample.github.incidents import HOSTILE_BODY, HOSTILE_TITLE, MANY_COMMENTS, MANY_PUSHES
from boost_pipeline.sample.github.model import ReviewThread
from boost_pipeline.sample.github.schema import type_name
from boost_pipeline.sample.github.world import World
from boost_pipeline_tests.sample.github.conftest import Client

PAGES = """query($name: String!, $after: String, $direction: OrderDirection!) {
  repository(owner: "boostorg", name: $name) {
    issues(first: 10, after: $after, orderBy: {field: UPDATED_AT, direction: $direction}) {
      totalCount pageInfo { hasNextPage endCursor } nodes { number updatedAt } } } }"""

ITEM = """query($name: String!, $number: Int!) { repository(owner: "boostorg", name: $name) {
  issueOrPullRequest(number: $number) { __typename ... on %s } } }"""


def walk(client: Client, name: str, direction: str = "ASC") -> list[int]:
    """Return the numbers of all issues of a repository, by pages of ten."""
    found: list[int] = []
    after = None
    while True:
        listed = client.ask(PAGES, name=name, after=after, direction=direction)["repository"]["issues"]
        found += [node["number"] for node in listed["nodes"]]
        if not listed["pageInfo"]["hasNextPage"]:
            assert len(found) == listed["totalCount"]
            return found
        after = listed["pageInfo"]["endCursor"]


def item(client: Client, name: str, number: int, fields: str) -> dict:
    return client.ask(ITEM % fields, name=name, number=number)["repository"]["issueOrPullRequest"]


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
def test_pages_give_every_issue_once_in_order(client: Client, direction):
    state = client.emulator.world.repository("geometry")
    expected = [issue.number for issue in sorted(state.issues(), key=_by_update, reverse=direction == "DESC")]

    assert walk(client, "geometry", direction) == expected


def test_an_issue_that_changes_while_pages_are_read_comes_again_and_hides_no_other(github: Client, world: World):
    first = github.ask(PAGES, name="config", after=None, direction="ASC")["repository"]["issues"]
    world.now += timedelta(days=1)
    changed = first["nodes"][0]["number"]
    world.comment("config", changed, "janedoe", "meanwhile")

    rest, after = [], first["pageInfo"]["endCursor"]
    while after:
        listed = github.ask(PAGES, name="config", after=after, direction="ASC")["repository"]["issues"]
        rest += [node["number"] for node in listed["nodes"]]
        after = listed["pageInfo"]["endCursor"] if listed["pageInfo"]["hasNextPage"] else None

    assert {node["number"] for node in first["nodes"]} | set(rest) == {
        i.number for i in world.repository("config").issues()
    }
    assert rest[-1] == changed


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 9), max_size=30),
    st.integers(1, 7),
    st.booleans(),
    st.booleans(),
)
def test_any_listing_is_walked_from_either_end_without_loss(keys, size, descending, backwards):
    things = sorted(enumerate(keys), key=lambda thing: (thing[1], thing[0]))
    listing = Listing(things, lambda thing: (thing[1], thing[0]), descending)
    found, cursor, more = [], None, True
    while more:
        paging = Paging(last=size, before=cursor) if backwards else Paging(first=size, after=cursor)
        cut = page(listing, paging)
        found = [*cut.nodes, *found] if backwards else [*found, *cut.nodes]
        more = cut.has_previous if backwards else cut.has_next
        if cut.nodes:
            cursor = cut.cursor(cut.nodes[0] if backwards else cut.nodes[-1])

    assert found == (things[::-1] if descending else things)


@settings(deadline=None)
@given(st.text())
def test_a_text_that_is_no_cursor_is_refused(text):
    with pytest.raises(BadCursor, match="does not appear to be a valid cursor"):
        read_cursor(text)


def test_a_cursor_says_where_it_was_made():
    assert read_cursor(write_cursor((1571097600, 7))) == (1571097600, 7)


def test_a_wrong_cursor_is_an_error_of_its_field(client: Client):
    error = client.refused(PAGES, name="config", after="nonsense", direction="ASC")

    assert (error["type"], error["path"]) == ("INVALID_CURSOR_ARGUMENTS", ["repository", "issues"])


def test_a_ghost_is_null(client: Client):
    found = item(client, "config", 3, "Issue { author { login } comments(first: 5) { nodes { author { login } } } }")

    assert found["author"] is None
    assert [node["author"] for node in found["comments"]["nodes"]] == [None, {"login": "janedoe"}]


def test_a_bot_has_no_suffix_and_is_no_user(client: Client):
    found = item(
        client,
        "smart_ptr",
        8,
        """PullRequest { author { __typename login ... on Bot { databaseId } ... on User { name } }
        comments(first: 9) { nodes { author { __typename login } } } }""",
    )

    assert found["author"] == {"__typename": "Bot", "login": "dependabot", "databaseId": DEPENDABOT_ID}
    assert {"__typename": "Bot", "login": CI_BOT.removesuffix("[bot]")} in [
        node["author"] for node in found["comments"]["nodes"]
    ]


def test_a_renamed_login_keeps_its_id_and_the_old_login_is_somebody_else(client: Client):
    fields = "Issue { author { login ... on User { databaseId } } }"
    renamed = item(client, "smart_ptr", 4, fields)["author"]
    other = client.ask('{ user(login: "ola-n") { databaseId name } }')["user"]

    assert renamed["login"] == "ola-placeholder"
    assert other["name"] == "Another Ola"
    assert other["databaseId"] != renamed["databaseId"]


def test_an_id_beyond_int_is_null_as_database_id_and_whole_as_full_database_id(client: Client):
    state = client.emulator.world.repository("config")
    small, large = min(state.items.values(), key=lambda i: i.id), max(state.issues(), key=lambda i: i.id)
    fields = "Issue { databaseId fullDatabaseId }"

    assert large.id > 2**31 > small.id
    assert item(client, "config", large.number, fields)["databaseId"] is None
    assert item(client, "config", large.number, fields)["fullDatabaseId"] == str(large.id)
    assert item(client, "config", small.number, fields)["databaseId"] == small.id


def test_hostile_text_arrives_as_it_is(client: Client):
    found = item(client, "config", 1, "Issue { title body }")

    assert (found["title"], found["body"]) == (HOSTILE_TITLE, HOSTILE_BODY)


def test_comments_beyond_a_page_are_found_behind_the_cursor(client: Client):
    fields = "Issue { comments(first: 100%s) { totalCount pageInfo { hasNextPage endCursor } nodes { body } } }"
    first = item(client, "config", 2, fields % "")["comments"]
    second = item(client, "config", 2, fields % f', after: "{first["pageInfo"]["endCursor"]}"')["comments"]

    bodies = [node["body"] for node in first["nodes"] + second["nodes"]]
    assert bodies == [f"Opinion {place + 1}" for place in range(MANY_COMMENTS)]
    assert first["totalCount"] == MANY_COMMENTS
    assert not second["pageInfo"]["hasNextPage"]


def test_the_timeline_of_a_reviewed_pull_request_tells_every_round(client: Client):
    fields = """PullRequest { timelineItems(first: 100%s) { totalCount filteredCount pageCount
        pageInfo { hasNextPage endCursor } nodes { __typename } } }"""
    kinds, after = [], ""
    while after is not None:
        cut = item(client, "smart_ptr", 1, fields % after)["timelineItems"]
        kinds += [node["__typename"] for node in cut["nodes"]]
        assert cut["pageCount"] == len(cut["nodes"])
        after = f', after: "{cut["pageInfo"]["endCursor"]}"' if cut["pageInfo"]["hasNextPage"] else None

    assert len(kinds) == cut["totalCount"] > 100
    assert kinds.count("PullRequestCommit") == MANY_PUSHES + 1
    assert [kind for kind in kinds if kind != "PullRequestCommit"] == [
        "ReadyForReviewEvent",
        "ReviewRequestedEvent",
        "PullRequestReview",
        "PullRequestReview",
        "HeadRefForcePushedEvent",
        "ReviewDismissedEvent",
        "PullRequestReview",
        "PullRequestReview",
        "MergedEvent",
        "ClosedEvent",
    ]


def test_item_types_and_since_choose_from_a_timeline(client: Client):
    fields = """Issue { timelineItems(first: 50, itemTypes: [CLOSED_EVENT, ISSUE_COMMENT]) { totalCount filteredCount
        nodes { __typename ... on ClosedEvent { createdAt stateReason } } }
        late: timelineItems(first: 50, since: "2018-01-01T00:00:00Z") { filteredCount } }"""
    found = item(client, "smart_ptr", 7, fields)

    assert [node["__typename"] for node in found["timelineItems"]["nodes"]] == [
        "IssueComment",
        "ClosedEvent",
        "ClosedEvent",
    ]
    assert found["timelineItems"]["filteredCount"] == 3 < found["timelineItems"]["totalCount"]
    assert found["late"]["filteredCount"] == 0


def test_an_issue_that_a_merge_closed_names_the_pull_request(client: Client):
    state = client.emulator.world.repository("config")
    closing = next(event for event in state.events if event.kind == "closed" and event.other)
    fields = """Issue { timelineItems(first: 9, itemTypes: [CLOSED_EVENT]) { nodes { ... on ClosedEvent {
        closer { ... on PullRequest { number merged } } } } } }"""
    found = item(client, "config", closing.number, fields)

    assert found["timelineItems"]["nodes"] == [{"closer": {"number": closing.number - 1, "merged": True}}]


def test_reviews_have_their_verdicts_and_pending_ones_are_hidden(client: Client):
    found = item(
        client,
        "smart_ptr",
        1,
        """PullRequest { reviewDecision reviews(first: 20) { nodes { state comments(first: 5) { nodes { path line
        replyTo { databaseId fullDatabaseId } } } } } reviewThreads(first: 5) { nodes { isOutdated
        comments(first: 5) { totalCount } } } }""",
    )

    states = [node["state"] for node in found["reviews"]["nodes"]]
    assert states == ["DISMISSED", "COMMENTED", "CHANGES_REQUESTED", "APPROVED"]
    assert found["reviewDecision"] == "APPROVED"
    assert [thread["comments"]["totalCount"] for thread in found["reviewThreads"]["nodes"]] == [2, 1, 1]
    assert found["reviews"]["nodes"][1]["comments"]["nodes"][0]["replyTo"]["fullDatabaseId"]


def test_since_chooses_issues_by_their_update(client: Client):
    query = """{ repository(owner: "boostorg", name: "config") { issues(first: 100, filterBy:
        {since: "2019-01-01T00:00:00Z"}) { nodes { updatedAt } totalCount } } }"""
    listed = client.ask(query)["repository"]["issues"]

    assert all(node["updatedAt"] >= "2019-01-01" for node in listed["nodes"])
    assert 0 < listed["totalCount"] < len(client.emulator.world.repository("config").issues())


def test_states_choose_merged_apart_from_closed(client: Client):
    query = """{ repository(owner: "boostorg", name: "smart_ptr") {
        merged: pullRequests(states: [MERGED]) { totalCount }
        closed: pullRequests(states: [CLOSED]) { totalCount } } }"""
    found = client.ask(query)["repository"]
    pulls = client.emulator.world.repository("smart_ptr").pulls()

    assert found["merged"]["totalCount"] == sum(pull.merged_at is not None for pull in pulls)
    assert found["closed"]["totalCount"] == 1


@pytest.mark.parametrize(
    ("query", "path", "message"),
    [
        (
            '{ repository(owner: "boostorg", name: "x") { id } }',
            ["repository"],
            "Repository with the name 'boostorg/x'",
        ),
        ('{ user(login: "boostorg") { id } }', ["user"], "User with the login of 'boostorg'"),
        ('{ organization(login: "janedoe") { id } }', ["organization"], "Organization with the login of 'janedoe'"),
        ('{ node(id: "I_nonsense") { id } }', ["node"], "global id of 'I_nonsense'"),
        (
            '{ repository(owner: "boostorg", name: "config") { issue(number: 4) { id } } }',
            ["repository", "issue"],
            "an Issue with the number of 4",
        ),
        (
            '{ repository(owner: "boostorg", name: "config") { issueOrPullRequest(number: 5) { id: __typename } } }',
            ["repository", "issueOrPullRequest"],
            "an issue or pull request with the number of 5",
        ),
    ],
)
def test_what_is_not_there_is_null_beside_an_error_that_names_it(client: Client, query, path, message):
    answer = client.post(query).json()
    (error,) = answer["errors"]

    assert (error["type"], error["path"]) == ("NOT_FOUND", path)
    assert message in error["message"]
    assert "data" in answer


def test_a_number_that_became_a_discussion_is_one(client: Client):
    query = """{ repository(owner: "boostorg", name: "config") { discussion(number: 6) { title category { name } }
        issue(number: 6) { id } } }"""
    answer = client.post(query).json()

    assert answer["data"]["repository"]["discussion"]["title"] == "How do I …?"
    assert answer["data"]["repository"]["issue"] is None


def test_every_thing_is_found_by_its_node_id(client: Client):
    world = client.emulator.world
    state = world.repository("smart_ptr")
    things = [state.facts, world.login("janedoe"), world.login("dependabot[bot]"), *state.items.values()]
    things += [*state.comments, *state.reviews, *state.review_comments, *state.labels.values()]
    things += [ReviewThread(comment) for comment in state.review_comments if comment.in_reply_to is None]
    things += [*state.discussions.values(), *list(state.commits.values())[:20]]
    ids = [thing.node_id for thing in things]
    found = []
    for start in range(0, len(ids), 100):
        query = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
        found += client.ask(query, ids=ids[start : start + 100])["nodes"]

    assert [node["id"] for node in found] == ids
    assert [node["__typename"] for node in found[1:]] == [type_name(thing) for thing in things[1:]]


def test_unknown_ids_among_known_ones_are_null_with_an_error_each(client: Client):
    known = client.emulator.world.repository("config").facts.node_id
    answer = client.post("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=[known, "R_x", known]).json()

    assert answer["data"]["nodes"] == [{"id": known}, None, {"id": known}]
    assert [error["path"] for error in answer["errors"]] == [["nodes", 1]]


def test_a_commit_names_the_account_of_its_author_and_its_co_authors(client: Client):
    state = client.emulator.world.repository("smart_ptr")
    commit = next(commit for commit in state.commits.values() if commit.co_authors)
    query = """query($oid: GitObjectID!) { repository(owner: "boostorg", name: "smart_ptr") { object(oid: $oid) {
        ... on Commit { oid author { name email user { login databaseId } }
        authors(first: 5) { nodes { email user { login } } } } } } }"""
    found = client.ask(query, oid=commit.sha)["repository"]["object"]

    assert found["author"]["user"]["login"] == "tarosample"
    assert [node["email"] for node in found["authors"]["nodes"]] == ["taro@example.com", "ola@example.org"]
    assert found["authors"]["nodes"][1]["user"]["login"] == "ola-placeholder"


def test_an_organization_lists_its_repositories_with_their_newest_issue(client: Client):
    query = """{ organization(login: "boostorg") { repositories(first: 100, orderBy: {field: NAME, direction: ASC}) {
        totalCount nodes { name databaseId stargazerCount licenseInfo { spdxId } languages(first: 5) { totalSize
        edges { size node { name } } } repositoryTopics(first: 5) { nodes { topic { name } } }
        issues(first: 1, orderBy: {field: UPDATED_AT, direction: DESC}) { totalCount nodes { updatedAt } } } } } }"""
    found = client.ask(query)["organization"]["repositories"]
    names = [node["name"] for node in found["nodes"]]

    assert names == sorted(names)
    assert len(names) == found["totalCount"] == len(client.emulator.world.repositories)
    licences = {node["name"]: node["licenseInfo"] and node["licenseInfo"]["spdxId"] for node in found["nodes"]}
    assert (licences["config"], licences["boostdep"], licences["headers"]) == ("BSL-1.0", "NOASSERTION", None)
    for node in found["nodes"]:
        assert node["languages"]["totalSize"] == sum(edge["size"] for edge in node["languages"]["edges"])


def test_an_old_name_leads_to_the_repository_unless_that_is_not_wanted(client: Client):
    query = 'query($follow: Boolean) { repository(owner: "BoostOrg", name: "HASH", followRenames: $follow) { name } }'

    assert client.ask(query)["repository"]["name"] == "container_hash"
    assert client.refused(query, follow=False)["type"] == "NOT_FOUND"


def test_queries_that_cannot_be_read_are_told_so(client: Client):
    session, url = client.session, client.emulator.graphql_url

    assert session.post(url, data=b"{").status_code == 400
    assert session.post(url, json={"variables": {}}).status_code == 400
    assert "Syntax Error" in client.refused("{ viewer {")["message"]
    assert "nonsense" in client.refused("{ viewer { nonsense } }")["message"]
    assert "$number" in client.refused("query($number: Int!) { viewer { id } }")["message"]
    two = "query A { viewer { login } } query B { viewer { id } }"
    assert client.refused(two)["message"] == "An operation name is required"
    named = session.post(url, json={"query": two, "operationName": "A"}).json()
    assert list(named["data"]["viewer"]) == ["login"]
