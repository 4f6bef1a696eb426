"""The numbers of dossiers and months over the sample organisation equal its truth, which git was never asked for."""

from collections import Counter
from datetime import UTC, date

import pytest

from boost_pipeline.reports.dossier.month import month_report
from boost_pipeline.reports.dossier.reading import snapshot
from boost_pipeline_tests.reports.dossier.conftest import dossier, figures, table

STABLE = ["boost-1.61.0", "boost-1.69.0", "boost-1.70.0", "boost-1.71.0"]


@pytest.fixture(scope="module")
def truth(collected):
    return collected.sample.truth


def written(truth, collected):
    """Repository, id and commit of all that people wrote in modules and tools: no merge, no bot, no superproject."""
    kinds = dict(collected.rows("SELECT name, kind FROM repositories"))
    return [
        (repository, sha, commit)
        for repository, commits in truth.commits.items()
        if kinds.get(repository) in ("boost", "tool")
        for sha, commit in commits.items()
        if len(commit.parents) < 2 and "[bot]" not in commit.author.name
    ]


def joined(truth, tag):
    """Return the repositories that a release has and no earlier one had; none of the first."""
    names = [release.tag for release in truth.stable]
    mounted = {
        release.tag: {module.repository for module in release.modules}
        for release in truth.releases
        if release.tag in names
    }
    before = names[: names.index(tag)]
    return mounted[tag].difference(*(mounted[name] for name in before)) if before and mounted[before[-1]] else set()


@pytest.mark.parametrize("tag", STABLE)
def test_a_release_has_the_commits_that_it_contains_and_no_earlier_one_does(collected, truth, tag):
    all_of_it = [(r, c) for r, sha, c in written(truth, collected) if truth.first_release[r][sha] == tag]
    new = joined(truth, tag)
    mine = [(repository, commit) for repository, commit in all_of_it if repository not in new]

    report = dossier(collected.warehouse, tag)

    assert figures(report)["commits"] == len(mine) > 0
    assert figures(report).get("commits that new modules brought", 0) == len(all_of_it) - len(mine)
    assert figures(report)["people who wrote them"] == len({commit.author.email.lower() for _, commit in mine})
    by_module = {row[0]: row[2] for row in table(report, "updated", "Modules")}
    assert Counter(by_module.values()) == Counter(Counter(repository for repository, _ in mine).values())


@pytest.mark.parametrize("tag", STABLE)
def test_a_first_timer_has_no_commit_in_any_earlier_release(collected, truth, tag):
    places = {release.tag: place for place, release in enumerate(truth.stable)}
    first: dict[str, int] = {}
    here = set()
    for repository, sha, commit in written(truth, collected):
        if (release := truth.first_release[repository][sha]) is not None:
            person = commit.author.email.lower()
            first[person] = min(places[release], first.get(person, len(places)))
            if release == tag and repository not in joined(truth, tag):
                here.add(person)

    expected = None if places[tag] == min(first.values()) else sum(first[person] == places[tag] for person in here)
    assert figures(dossier(collected.warehouse, tag))["first-timers"] == expected


@pytest.mark.parametrize("tag", STABLE)
def test_libraries_added_and_removed_are_those_of_the_metadata(collected, tag):
    before, after = ({row[:2] for row in libraries(collected, name)} for name in (previous(collected, tag), tag))
    unread_before, unread_after = (unread(collected, name) for name in (previous(collected, tag), tag))
    added = {library for library, module in after if module not in unread_before} - {library for library, _ in before}
    removed = {library for library, module in before if module not in unread_after} - {library for library, _ in after}

    found = figures(dossier(collected.warehouse, tag))

    assert found["libraries"] == len(after)
    assert found["libraries added"] == (len(added) if before else None)
    assert found["libraries removed"] == (len(removed) if before else None)


def libraries(collected, tag):
    return collected.rows(
        "SELECT library_id, module_id FROM library_versions v JOIN releases r ON r.id = v.release_id WHERE r.tag = %s",
        tag,
    )


def unread(collected, tag):
    rows = collected.rows(
        "SELECT module_id FROM metadata_problems p JOIN releases r ON r.id = p.release_id WHERE r.tag = %s "
        "AND p.kind IN ('missing_commit', 'missing_repository', 'invalid_json', 'unknown_shape')",
        tag,
    )
    return {module for (module,) in rows}


def previous(collected, tag):
    ((found,),) = collected.rows(
        "SELECT p.tag FROM releases r JOIN releases p ON p.id = r.previous_id WHERE r.tag = %s", tag
    )
    return found


@pytest.mark.parametrize("month", [date(2016, 3, 1), date(2018, 11, 1), date(2019, 3, 1), date(2016, 2, 1)])
def test_a_month_has_the_commits_that_landed_in_it(collected, truth, month):
    landed = [
        commit
        for repository, sha, commit in written(truth, collected)
        if (when := truth.landed_at[repository].get(sha)) and when.astimezone(UTC).date().replace(day=1) == month
    ]
    with snapshot(collected.warehouse) as transaction:
        rows = {row[0]: row[1] for row in table(month_report(transaction, month), "numbers", "Counts")}

    assert rows["Commits that landed"] == len(landed)
    assert bool(landed) is (month.month != 2)  # the leap month of 2016 is without anything
    assert rows["People who wrote them"] == len({commit.author.email.lower() for commit in landed})


def test_a_release_without_one_before_it_compares_nothing(collected):
    report = dossier(collected.warehouse, "boost-1.52.0")

    assert "nothing is compared" in report.lead
    assert figures(report)["libraries removed"] is None
    assert figures(report)["dependencies added"] is None


def test_what_is_on_develop_alone_is_the_dossier_of_develop(collected, truth):
    mine = [
        sha
        for repository, sha, _ in written(truth, collected)
        if truth.first_release[repository][sha] is None and sha in truth.landed_at[repository]
    ]
    kept = collected.rows(
        "SELECT count(*) FROM commits c WHERE c.sha = ANY(%s) AND c.repository_id IN (SELECT m.repository_id "
        "FROM release_modules m JOIN releases r ON r.id = m.release_id WHERE r.tag = 'develop')",
        mine,
    )

    assert figures(dossier(collected.warehouse, "develop"))["commits"] == kept[0][0] > 0


def test_no_page_holds_an_address_of_the_sample(collected):
    from boost_pipeline.reports.dossier.pages import data, html, markdown

    addresses = {
        address for (address,) in collected.rows("SELECT DISTINCT author_email FROM commits") if "@" in address
    }
    report = dossier(collected.warehouse, "boost-1.71.0")

    for text in (html(report), markdown(report), data(report)):
        assert not [address for address in addresses if address in text]
