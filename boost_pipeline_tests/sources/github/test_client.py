"""What a collector sees of the client: one answer, pages, conditional requests, and things that moved."""

import pytest

from boost_pipeline.errors import SettingsError
from boost_pipeline.sources.github import BadAnswer, Elsewhere
from boost_pipeline_tests.sources.github.scripted_host import Reply


def test_an_answer_is_parsed_and_says_where_it_came_from(host, github):
    host.plan = [Reply(body={"id": 7}, headers={"ETag": '"abc"'})]

    answer = github.get("/repos/boostorg/asio", {"a": "b c"})

    assert (answer.status, answer.object(), answer.not_modified, answer.moved_to) == (200, {"id": 7}, False, None)
    assert answer.final_url == f"{host.url}/repos/boostorg/asio?a=b+c"
    assert host.asked[0].params == {"a": "b c"}


def test_a_request_names_us_the_api_version_and_the_token(host, github):
    github.get("/user")

    sent = host.asked[0].headers
    assert sent["authorization"] == "Bearer ghp_one"
    assert sent["accept"] == "application/vnd.github+json"
    assert sent["x-github-api-version"] == "2022-11-28"
    assert sent["user-agent"].startswith("boost-pipeline/")


def test_a_compressed_answer_is_unpacked_and_counted_as_it_came(host, github):
    items = [{"id": number} for number in range(500)]
    host.plan = [Reply(body=items, gzipped=True), Reply(body=items, gzipped=True, chunked=True)]

    assert [github.get("/x").items(), github.get("/x").items()] == [items, items]
    assert github.costs().total.bytes < 2 * len(str(items)) / 3


def test_no_content_is_no_error(host, github):
    host.plan = [Reply(204)]

    answer = github.get("/repos/boostorg/empty/contributors")

    assert (answer.status, answer.body, answer.items()) == (204, None, [])


def test_pages_follow_the_links_to_the_next(host, github):
    def link(page: int) -> dict[str, str]:
        return {"Link": f'<{host.url}/x?page=1>; rel="first", <{host.url}/repositories/5/x?page={page}>; rel="next"'}

    host.plan = [Reply(body=[{"n": 1}], headers=link(2)), Reply(body=[{"n": 2}], headers=link(3)), Reply(body=[])]

    pages = list(github.pages("/x", {"per_page": 100}))

    assert [item["n"] for page in pages for item in page.items()] == [1, 2]
    assert host.paths == ["/x", "/repositories/5/x", "/repositories/5/x"]
    assert [asked.params for asked in host.asked] == [{"per_page": "100"}, {"page": "2"}, {"page": "3"}]


def test_pages_of_a_search_are_its_items(host, github):
    host.plan = [Reply(body={"total_count": 1, "incomplete_results": False, "items": [{"id": 1}]})]

    (page,) = github.pages("/search/repositories", {"q": "boost"})

    assert page.items() == [{"id": 1}]


def test_a_page_can_be_asked_for_by_its_url(host, github):
    host.plan = [Reply(body=[], headers={"Link": f'<{host.url}/x?page=2>; rel="next"'})]
    first = github.get("/x")

    github.get(first.next_url)

    assert (host.asked[1].path, host.asked[1].params) == ("/x", {"page": "2"})


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/x?page=2",
        "https://127.0.0.1/x",
        "http://127.0.0.1:1/x",
        "http://me@{host}/x",
        "//evil.example/x",
        "http://{host}.evil.example/x",
        "ftp://{host}/x",
        "http://[::1/x",
    ],
)
def test_links_to_other_hosts_are_not_followed(host, github, target):
    link = target.format(host=f"127.0.0.1:{host.server_port}")
    host.plan = [Reply(body=[], headers={"Link": f'<{link}>; rel="next"'})]

    with pytest.raises(BadAnswer, match=r"the next page is at .*, which is not asked"):
        list(github.pages("/x"))

    assert len(host.asked) == 1


def test_pages_that_lead_round_in_a_circle_end(host, github):
    host.otherwise = lambda asked: Reply(
        body=[], headers={"Link": f'<{host.url}/x?page={1 + int(asked.params.get("page", "1")) % 3}>; rel="next"'}
    )

    with pytest.raises(BadAnswer, match=r"round in a circle"):
        list(github.pages("/x"))

    assert len(host.asked) <= 4


@pytest.mark.parametrize("body", [{"message": "hello"}, [1, 2], {"items": [None]}])
def test_a_list_that_is_none_is_told_as_such(host, github, body):
    host.plan = [Reply(body=body)]

    with pytest.raises(BadAnswer, match=r"^GitHub, /x: a list of objects was expected"):
        github.get("/x").items()


def test_an_object_that_is_none_is_told_as_such(host, github):
    host.plan = [Reply(body=[])]

    with pytest.raises(BadAnswer, match=r"^GitHub, /x: an object was expected, a list came"):
        github.get("/x").object()


def test_an_unchanged_thing_is_not_sent_again_and_costs_nothing(host, github):
    host.plan = [Reply(body={"id": 7}, headers={"ETag": 'W/"abc"'}), Reply(304, headers={"ETag": 'W/"abc"'})]
    first = github.get("/x")

    second = github.get("/x", etag=first.etag)

    assert host.asked[1].headers["if-none-match"] == 'W/"abc"'
    assert (second.status, second.not_modified, second.body, second.etag) == (304, True, None, first.etag)
    assert (github.costs().total.points, github.costs().total.not_modified) == (1, 1)


def test_an_unchanged_thing_keeps_its_etag_where_the_host_does_not_repeat_it(host, github):
    host.plan = [Reply(headers={"ETag": '"abc"'}), Reply(304)]
    first = github.get("/x")

    assert github.get("/x", etag=first.etag).etag == first.etag


def test_an_etag_is_sent_with_the_token_that_it_holds_for(world, host):
    host.otherwise = lambda asked: Reply(headers={"ETag": f'"of {asked.token}"'.replace(" ", "-")} | world.budget(5))
    github = world.client("ghp_one", "ghp_two")
    kept = {github.get("/x").etag: token for token in ("ghp_one", "ghp_two")}

    for etag, token in kept.items():
        github.get("/x", etag=etag)

        assert (host.asked[-1].token, host.asked[-1].headers["if-none-match"]) == (token, f'"of-{token}"')


@pytest.mark.parametrize("etag", ["", "abc", 'ghost "a\r\nX-Evil: 1"', '"' + "x" * 300 + '"'])
def test_what_is_no_etag_is_not_sent(host, github, etag):
    host.plan = [Reply(headers={"ETag": '"' + "x" * 300 + '"'})]

    answer = github.get("/x", etag=etag)

    assert "if-none-match" not in host.asked[0].headers
    assert answer.etag is None


def test_a_304_that_nobody_asked_for_is_a_bad_answer(world, host):
    github = world.client("ghp_one", limits={"attempts": 1})
    host.plan = [Reply(304)]

    with pytest.raises(BadAnswer, match=r"an answer with status 304"):
        github.get("/x")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_renamed_repository_is_followed_and_told(host, github, status):
    host.plan = [Reply(status, headers={"Location": f"{host.url}/repositories/7?per_page=5"}), Reply(body={"id": 7})]

    answer = github.get("/repos/boostorg/old", {"per_page": 5})

    assert (answer.object(), answer.path, answer.moved_to) == ({"id": 7}, "/repos/boostorg/old", "/repositories/7")
    assert [(asked.path, asked.params, asked.token) for asked in host.asked] == [
        ("/repos/boostorg/old", {"per_page": "5"}, "ghp_one"),
        ("/repositories/7", {"per_page": "5"}, "ghp_one"),
    ]


def test_redirects_end_after_five(host, github):
    host.otherwise = lambda asked: Reply(301, headers={"Location": f"{asked.path}x"})

    with pytest.raises(Elsewhere, match=r"more than 5 redirects"):
        github.get("/x")

    assert len(host.asked) == 6


@pytest.mark.parametrize("location", ["https://evil.example/x", "http://127.0.0.1:1/", "//evil.example", "http://[/"])
def test_no_other_host_is_asked_and_none_gets_the_token(host, github, location):
    host.plan = [Reply(301, headers={"Location": location})]

    with pytest.raises(Elsewhere, match=r"^GitHub, /x: it moved to .*, which is not asked"):
        github.get("/x")


def test_the_addresses_of_an_enterprise_host_stay_below_its_api(world, host):
    github = world.client("ghp_one", api_url=f"{host.url}/api/v3/")
    host.plan = [
        Reply(301, headers={"Location": f"{host.url}/api/v3/repositories/7"}),
        Reply(body={"id": 7}),
        Reply(body={"data": {"a": 1}}),
        Reply(302, headers={"Location": f"{host.url}/login"}),
    ]

    assert github.get("/repos/a/b").moved_to == "/repositories/7"
    assert github.graphql("query Q { a }", {}, label="q").data == {"a": 1}
    with pytest.raises(Elsewhere):
        github.get("/x")

    assert host.paths == ["/api/v3/repos/a/b", "/api/v3/repositories/7", "/api/graphql", "/api/v3/x"]


@pytest.mark.parametrize("path", ["https://evil.example/x", "/repos/../../x", "/repos/%2E%2e/x", "/a\nb"])
def test_a_path_that_leads_elsewhere_is_not_asked(host, github, path):
    with pytest.raises(Elsewhere, match=r"no address of the API"):
        github.get(path)

    assert host.asked == []


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://github.example.org/api/v3", "not encrypted"),
        ("https://me:secret@github.example.org", "holds a user name"),
        ("ftp://github.example.org", "no http"),
        ("https://", "no http"),
        ("https://[::1", "no URL"),
        ("https://host/?token=x", "no http"),
    ],
)
def test_no_token_is_sent_to_an_address_that_others_can_read(world, url, said):
    with pytest.raises(SettingsError, match=rf"^GITHUB_API_URL .*{said}") as raised:
        world.client("ghp_one", api_url=url)

    assert "secret" not in str(raised.value)


def test_parameters_survive_unless_no_url_can_hold_them(host, github):
    github.get("/x", {"q": "a&b=c #é\0\u202e"})

    with pytest.raises(Elsewhere, match="cannot be written as a URL"):
        github.get("/x", {"q": "\ud800"})

    assert [asked.params for asked in host.asked] == [{"q": "a&b=c #é\0\u202e"}]


def test_a_password_of_the_users_netrc_does_not_take_the_tokens_place(host, github, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password other\n")
    monkeypatch.setenv("NETRC", str(netrc))

    github.get("/x")

    assert host.tokens == ["ghp_one"]


def test_cookies_are_not_kept(host, github):
    host.plan = [Reply(headers={"Set-Cookie": "session=1; Path=/"})]
    github.get("/x")

    github.get("/x")

    assert "cookie" not in host.asked[1].headers
