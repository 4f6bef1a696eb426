"""REST answers as GitHub does: lists, pages, what moved, what is gone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from boost_pipeline.sample.github.model import GHOST_ID
from boost_pipeline.sample.github.world import World
from boost_pipeline_tests.sample.github.conftest import Client

CONFIG = "/repos/boostorg/config"


def test_issues_and_pull_requests_come_in_one_list(client: Client):
    listed = client.pages(f"{CONFIG}/issues?state=all&per_page=7")
    state = client.emulator.world.repository("config")

    assert [item["number"] for item in listed] == sorted(state.items, reverse=True)
    assert {item["number"] for item in listed if "pull_request" in item} == {pull.number for pull in state.pulls()}


def test_a_list_shows_open_items_and_thirty_of_them_by_default(client: Client):
    listed = client.get(f"{CONFIG}/issues").json()

    assert {item["state"] for item in listed} == {"open"}
    assert len(client.get(f"{CONFIG}/issues?state=all").json()) == 30


def test_since_and_sort_by_update_find_what_changed(client: Client):
    listed = client.pages(f"{CONFIG}/issues?state=all&sort=updated&direction=asc&since=2019-01-01T00:00:00Z")
    updates = [item["updated_at"] for item in listed]

    assert updates == sorted(updates)
    assert updates[0] >= "2019-01-01"
    assert 0 < len(listed) < len(client.emulator.world.repository("config").items)


def test_a_list_by_page_numbers_shifts_when_something_comes_in_between(github: Client, world: World):
    """That is what page numbers do on github.com; whoever relies on them loses or doubles items."""
    first = github.get(f"{CONFIG}/issues?state=all&per_page=10")
    world.add_issue("config", "Now", "janedoe")
    second = github.get(first.links["next"]["url"])

    assert first.json()[-1]["number"] == second.json()[0]["number"]


def test_links_name_the_repository_by_its_number_and_keep_the_query(client: Client):
    links = client.get(f"{CONFIG}/issues?state=all&per_page=20&page=2").links

    number = client.emulator.world.repository("config").facts.id
    assert set(links) == {"prev", "next", "last", "first"}
    assert links["next"]["url"] == f"{client.emulator.url}/repositories/{number}/issues?state=all&per_page=20&page=3"
    assert "next" not in client.get(links["last"]["url"]).links


def test_a_page_beyond_the_end_is_empty_and_one_far_beyond_is_refused(client: Client):
    assert client.get(f"{CONFIG}/issues?page=99").json() == []
    assert client.get(f"{CONFIG}/issues?per_page=100&page=401").status_code == 422


def test_a_since_that_is_no_date_is_refused(client: Client):
    assert client.get(f"{CONFIG}/issues?since=yesterday").status_code == 422


def test_comments_of_a_repository_are_listed_by_update_for_those_who_sort(client: Client):
    state = client.emulator.world.repository("config")
    edited = next(comment for comment in state.comments if comment.edited_at)
    newest = client.get(f"{CONFIG}/issues/comments?sort=updated&direction=desc&per_page=1").json()
    plain = client.get(f"{CONFIG}/issues/comments?direction=desc&per_page=1").json()

    assert newest[0]["id"] == edited.id
    assert plain[0]["created_at"] == min(f"{comment.created_at:%FT%TZ}" for comment in state.comments)


def test_a_transferred_issue_leads_to_where_it_is(client: Client):
    moved = client.get(f"{CONFIG}/issues/4/comments?per_page=5")
    target = client.get(moved.headers["Location"])

    assert moved.status_code == 301
    assert target.json()[0]["body"] == "That is core's."
    assert target.json()[0]["issue_url"].startswith(f"{client.emulator.url}/repos/boostorg/core/issues/")


def test_a_deleted_issue_is_gone(client: Client):
    assert client.get(f"{CONFIG}/issues/5").status_code == 410


def test_a_discussion_is_no_issue(client: Client):
    assert client.get(f"{CONFIG}/issues/6").status_code == 404


def test_an_old_name_of_a_repository_leads_to_it(client: Client):
    moved = client.get("/repos/boostorg/hash/issues?state=closed")

    assert moved.status_code == 301
    assert moved.json()["message"] == "Moved Permanently"
    assert client.get(moved.headers["Location"]).json()[0]["repository_url"].endswith("/container_hash")


def test_a_blocked_repository_says_why(github: Client, world: World):
    world.edit_repository("signals", blocked=True)
    answer = github.get("/repos/boostorg/signals/issues")

    assert (answer.status_code, answer.json()["block"]["reason"]) == (451, "dmca")
    assert "signals" not in [repository["name"] for repository in github.pages("/orgs/boostorg/repos")]


def test_a_ghost_is_an_account_in_issues_and_nobody_in_reviews(github: Client, world: World):
    number = world.add_pull_request("config", "By one", "mustermann").number
    world.review("config", number, "mustermann", "COMMENTED", lines=[("a.hpp", 1, "x")])
    world.delete_account("mustermann")

    assert github.get(f"{CONFIG}/issues/{number}").json()["user"]["id"] == GHOST_ID
    assert github.get(f"{CONFIG}/pulls/{number}/reviews").json()[0]["user"] is None
    assert github.get(f"{CONFIG}/pulls/{number}/comments").json()[0]["user"] is None


def test_a_bot_has_its_suffix(client: Client):
    assert client.get("/repos/boostorg/smart_ptr/pulls/8").json()["user"]["login"] == "dependabot[bot]"


def test_an_issue_and_a_pull_request_of_one_number_have_ids_of_their_own(client: Client):
    issue = client.get("/repos/boostorg/smart_ptr/issues/1").json()
    pull = client.get("/repos/boostorg/smart_ptr/pulls/1").json()

    assert issue["id"] != pull["id"]
    assert issue["node_id"] == pull["node_id"]


@pytest.mark.parametrize("prefix", ["", "/api/v3"])
def test_links_stay_in_the_layout_that_was_asked_for(client: Client, prefix):
    base = client.emulator.url + prefix
    answer = client.get(f"{base}{CONFIG}/issues?state=all")

    assert answer.links["next"]["url"].startswith(f"{base}/repositories/")
    assert answer.json()[0]["url"].startswith(f"{base}/repos/boostorg/config/issues/")


def test_graphql_is_where_enterprise_has_it_too(client: Client):
    answer = client.session.post(
        f"{client.emulator.url}/api/graphql", json={"query": "{ viewer { login } }"}, timeout=9
    )

    assert answer.json()["data"]["viewer"]


def test_one_connection_serves_many_requests(client: Client):
    client.get(CONFIG)
    (pool,) = client.session.get_adapter("http://").poolmanager.pools._container.values()
    for _ in range(3):
        client.get(CONFIG)

    assert pool.num_connections == 1


def test_dates_of_the_answer_are_the_clocks_and_dates_of_the_content_are_the_worlds(github: Client, world: World):
    world.now += timedelta(days=3650)
    issue = world.add_issue("config", "From 2029", "janedoe")

    assert github.get(f"{CONFIG}/issues/{issue.number}").json()["created_at"].startswith("2029")
    assert "2029" not in github.get(CONFIG).headers["Date"]


def test_rest_and_graphql_tell_the_same(client: Client):
    query = """query($name: String!) { repository(owner: "boostorg", name: $name) {
        issues(first: 100) { nodes { ...I } } pullRequests(first: 100) { nodes { ...P } } } }
        fragment I on Issue { id number title body updatedAt closedAt locked labels(first: 9) { nodes { name } }
            comments(first: 1) { totalCount } }
        fragment P on PullRequest { id number title body updatedAt closedAt locked labels(first: 9) { nodes { name } }
            comments(first: 1) { totalCount } }"""
    for name in ("config", "smart_ptr", "geometry"):
        found = client.ask(query, name=name)["repository"]
        nodes = {node["number"]: node for node in found["issues"]["nodes"] + found["pullRequests"]["nodes"]}
        listed = {item["number"]: item for item in client.pages(f"/repos/boostorg/{name}/issues?state=all")}

        assert nodes.keys() == listed.keys()
        for number, item in listed.items():
            assert nodes[number] == {
                "id": item["node_id"],
                "number": number,
                "title": item["title"],
                "body": item["body"] or "",
                "updatedAt": item["updated_at"],
                "closedAt": item["closed_at"],
                "locked": item["locked"],
                "labels": {"nodes": [{"name": label["name"]} for label in item["labels"]]},
                "comments": {"totalCount": item["comments"]},
            }
