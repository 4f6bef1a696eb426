"""A client that is generated from GitHub's OpenAPI description reads every payload, for the whole sample."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from boost_pipeline.sample.github.cast import FULANO_ID
from boost_pipeline.sample.github.model import PullRequest
from boost_pipeline.sample.github.script import OWNER
from boost_pipeline.sample.github.server import SAMPLE_TOKEN, GitHubEmulator
from boost_pipeline_tests.sample.github.conftest import Client

VERSION = "2022-11-28"


@pytest.fixture(scope="module")
def kit(sample_github: GitHubEmulator) -> Iterator[Any]:
    """The REST methods of githubkit, whose `parsed_data` raises if a payload does not fit its model."""
    githubkit = pytest.importorskip("githubkit", reason="No githubkit: `make setup` installs it")
    client = githubkit.GitHub(SAMPLE_TOKEN, base_url=sample_github.url, http_cache=False, auto_retry=False)
    with client:
        yield client.rest(VERSION)


def every(method: Any, **arguments: Any) -> list[Any]:
    """Read all pages of a list."""
    found: list[Any] = []
    page = 1
    while items := method(owner=OWNER, per_page=100, page=page, **arguments).parsed_data:
        found += items
        page += 1
    return found


def test_accounts_fit_their_models(kit):
    assert kit.users.get_authenticated().parsed_data.login
    assert kit.users.get_by_username("fulano-sample").parsed_data.id == FULANO_ID
    assert kit.users.get_by_id(FULANO_ID).parsed_data.login == "fulano-sample"
    assert kit.users.get_by_username("dependabot[bot]").parsed_data.type == "Bot"


def test_repositories_fit_their_models(kit, sample_github):
    listed = kit.repos.list_for_org(OWNER, per_page=100).parsed_data

    assert {repo.name for repo in listed} == {s.facts.name for s in sample_github.world.repositories.values()}
    for repo in listed:
        whole = kit.repos.get(OWNER, repo.name).parsed_data
        assert (whole.id, whole.stargazers_count) == (repo.id, repo.stargazers_count)
        assert kit.repos.get_all_topics(OWNER, repo.name).parsed_data.names == repo.topics
        assert kit.repos.list_languages(OWNER, repo.name).parsed_data is not None


def test_issues_and_pull_requests_fit_their_models(kit, sample_github):
    for state in sample_github.world.repositories.values():
        repo = state.facts.name
        issues = every(kit.issues.list_for_repo, repo=repo, state="all")
        pulls = every(kit.pulls.list, repo=repo, state="all")

        assert {issue.number for issue in issues} == set(state.items)
        assert {pull.number for pull in pulls} == {pull.number for pull in state.pulls()}


@pytest.mark.parametrize("repo", ["config", "smart_ptr", "geometry"])
def test_each_item_with_all_that_hangs_on_it_fits_its_models(kit, sample_github, repo):
    state = sample_github.world.repository(repo)
    for number, item in state.items.items():
        assert kit.issues.get(OWNER, repo, number).parsed_data.id == item.id
        comments = every(kit.issues.list_comments, repo=repo, issue_number=number)
        assert len(comments) == state.comments.count(number)
        timeline = every(kit.issues.list_events_for_timeline, repo=repo, issue_number=number)
        assert len(timeline) == len(state.timeline(number))
        if isinstance(item, PullRequest):
            assert kit.pulls.get(OWNER, repo, number).parsed_data.id == item.pull_id
            every(kit.pulls.list_reviews, repo=repo, pull_number=number)
            every(kit.pulls.list_review_comments, repo=repo, pull_number=number)


def test_the_events_of_an_item_fit_their_models(kit, client):
    """The description of this list forgets kinds that it holds (closed, merged, …); those fit the general model."""
    models = pytest.importorskip(
        "githubkit_schemas.v2022_11_28.models", reason="No githubkit: `make setup` installs it"
    )
    named = {"assigned": models.AssignedIssueEvent, "renamed": models.RenamedIssueEvent}
    seen = set()
    for repo in ("config", "smart_ptr"):
        for event in client.pages(f"/repos/{OWNER}/{repo}/issues/7/events?per_page=100"):
            named.get(event["event"], models.IssueEvent).model_validate(event)
            seen.add(event["event"])

    assert seen >= {"assigned", "renamed", "closed", "reopened", "milestoned", "labeled", "unlabeled"}


def test_lists_over_a_whole_repository_fit_their_models(kit, sample_github):
    for state in sample_github.world.repositories.values():
        repo = state.facts.name
        comments = every(kit.issues.list_comments_for_repo, repo=repo)
        inline = every(kit.pulls.list_review_comments_for_repo, repo=repo)
        events = every(kit.issues.list_events_for_repo, repo=repo)

        assert {comment.id for comment in comments} == {comment.id for comment in state.comments}
        assert {comment.id for comment in inline} <= {comment.id for comment in state.review_comments}
        assert len({event.id for event in events}) == len(events)


def test_a_commit_fits_its_model_and_names_the_account_behind_its_address(kit, sample_github):
    state = sample_github.world.repository("smart_ptr")
    pull = next(pull for pull in state.pulls() if pull.title == "Mind the clock")

    commit = kit.repos.get_commit(OWNER, "smart_ptr", pull.head_sha).parsed_data

    assert (commit.author.id, commit.commit.author.date.year) == (FULANO_ID, 2031)


def test_the_budget_fits_its_model(kit):
    assert kit.rate_limit.get().parsed_data.resources.graphql.limit == 5000


def test_errors_have_a_message(client: Client):
    for path in ("/nowhere", f"/repos/{OWNER}/config/issues/5", f"/repos/{OWNER}/config/commits/0000"):
        assert client.get(path).json()["message"]
