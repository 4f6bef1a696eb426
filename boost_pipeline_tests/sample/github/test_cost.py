"""What queries cost, by the examples of GitHub's documentation, and which are refused before they run."""

from __future__ import annotations

import pytest
from graphql import FragmentDefinitionNode, OperationDefinitionNode, build_schema, parse

from boost_pipeline.sample.github.cost import Cost, TooMuch, measure
from boost_pipeline_tests.sample.github.conftest import Client

SHAPES = build_schema(
    """
    type Query { viewer: User nodes(ids: [ID!]!): [Issue] }
    type User { login: String repositories(first: Int, last: Int): RepositoryConnection
      followers(first: Int, last: Int): UserConnection }
    type UserConnection { totalCount: Int nodes: [User] edges: [UserEdge] }
    type UserEdge { node: User }
    type RepositoryConnection { totalCount: Int nodes: [Repository] edges: [RepositoryEdge] }
    type RepositoryEdge { node: Repository }
    type Repository { id: ID issues(first: Int, last: Int): IssueConnection
      pullRequests(first: Int, last: Int): IssueConnection }
    type IssueConnection { totalCount: Int nodes: [Issue] edges: [IssueEdge] }
    type IssueEdge { node: Issue }
    type Issue { id: ID title: String labels(first: Int, last: Int): LabelConnection
      comments(first: Int, last: Int): LabelConnection }
    type LabelConnection { totalCount: Int nodes: [Label] edges: [LabelEdge] }
    type LabelEdge { node: Label }
    type Label { id: ID }
    """
)


def price(text: str, **variables: object) -> Cost:
    document = parse(text)
    (operation,) = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    return measure(SHAPES, operation, fragments, variables)


def test_the_documented_example_of_points():
    """100 repositories, 50 issues each, 60 labels each: 1 + 100 + 5,000 requests are 51 points."""
    cost = price(
        """{ viewer { login repositories(first: 100) { edges { node { id issues(first: 50) { edges { node { id
        labels(first: 60) { edges { node { id } } } } } } } } } } }"""
    )

    assert cost == Cost(points=51, nodes=100 + 100 * 50 + 100 * 50 * 60, requests=5101)


def test_the_documented_example_of_nodes():
    """50 repositories with 20 pull requests of 10 comments and 20 issues of 10, and 10 followers: 22,060 nodes."""
    cost = price(
        """{ viewer { repositories(first: 50) { edges { node {
        pullRequests(first: 20) { edges { node { title comments(first: 10) { edges { node { id } } } } } }
        issues(first: 20) { totalCount edges { node { title comments(first: 10) { edges { node { id } } } } } } } } }
        followers(first: 10) { edges { node { login } } } } }"""
    )

    assert cost.nodes == 22_060


def test_a_query_without_connections_costs_one_point():
    assert price("{ viewer { login } }") == Cost(1, 0, 0)


@pytest.mark.parametrize(("requests", "points"), [(100, 1), (149, 1), (150, 2), (249, 2), (250, 3)])
def test_half_a_point_is_rounded_up(requests, points):
    aliases = " ".join(f"f{n}: followers(first: 1) {{ nodes {{ login }} }}" for n in range(requests))

    assert price(f"{{ viewer {{ {aliases} }} }}") == Cost(points, requests, requests)


def test_the_same_connection_in_two_fragments_counts_once():
    text = """{ viewer { ...A ...A followers(first: 3) { totalCount } } }
        fragment A on User { followers(first: 3) { nodes { login } } }"""

    assert price(text) == Cost(1, 3, 1)


def test_what_is_skipped_costs_nothing():
    text = """query($no: Boolean!) { viewer { followers(first: 9) @skip(if: $no) { nodes { login } }
        repositories(first: 5) @include(if: $no) { nodes { id } } } }"""

    assert price(text, no=True) == Cost(1, 5, 1)
    assert price(text, no=False) == Cost(1, 9, 1)


def test_a_total_alone_needs_no_page():
    assert price("{ viewer { followers { totalCount } } }") == Cost(1, 0, 1)


def test_nodes_by_id_multiply_what_is_asked_of_each():
    text = "query($ids: [ID!]!) { nodes(ids: $ids) { labels(first: 10) { nodes { id } } } }"

    assert price(text, ids=["a"] * 60) == Cost(1, 600, 60)


@pytest.mark.parametrize(
    ("query", "kind", "message"),
    [
        ("{ viewer { followers { nodes { login } } } }", "MISSING_PAGINATION_BOUNDARIES", "`followers`"),
        ("{ viewer { followers(first: 101) { nodes { login } } } }", "EXCESSIVE_PAGINATION", "101 records"),
        (
            """{ viewer { repositories(first: 100) { nodes { issues(first: 100) { nodes {
            labels(first: 100) { nodes { id } } } } } } } }""",
            "MAX_NODE_LIMIT_EXCEEDED",
            "1,010,100 possible nodes",
        ),
    ],
)
def test_what_github_refuses_to_run_is_refused(query, kind, message):
    with pytest.raises(TooMuch, match=message) as error:
        price(query)

    assert error.value.kind == kind


def test_the_budget_in_the_answer_is_that_of_the_headers(github: Client):
    query = """{ rateLimit { cost limit remaining used nodeCount resetAt } repository(owner: "boostorg", name: "config")
        { issues(first: 100) { nodes { labels(first: 10) { nodes { name } } assignees(first: 10) {
        nodes { login } } } } } }"""
    answer = github.post(query)
    rate = answer.json()["data"]["rateLimit"]

    assert (rate["cost"], rate["nodeCount"]) == (2, 100 + 100 * 10 + 100 * 10)
    assert (rate["limit"], rate["used"], rate["remaining"]) == (5000, 2, 4998)
    assert answer.headers["X-RateLimit-Remaining"] == "4998"
    assert answer.headers["X-RateLimit-Resource"] == "graphql"


def test_a_refused_query_runs_nothing_and_says_so_with_status_200(github: Client):
    answer = github.post('{ repository(owner: "boostorg", name: "config") { issues { nodes { id } } } }')

    assert answer.status_code == 200
    assert answer.json()["errors"][0]["path"] == ["query", "repository", "issues"]
    assert "data" not in answer.json()
