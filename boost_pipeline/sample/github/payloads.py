"""How REST shows things: the JSON of API version 2022-11-28, with the fields that its OpenAPI description requires.

A ghost is account 10137 where GitHub says so (issues, comments, events) and null in reviews and review comments.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from boost_pipeline.sample.github.model import (
    GHOST_ID,
    Account,
    Issue,
    Label,
    Milestone,
    Published,
    PullRequest,
    Repository,
)
from boost_pipeline.sample.github.repository import RepositoryState
from boost_pipeline.sample.github.world import World

Json = dict[str, Any]

_GHOST: Final = Account(GHOST_ID, "ghost", "User", datetime(2008, 5, 13, tzinfo=UTC), "Deleted user")
_USER_LINKS: Final = {
    "url": "",
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}
_REPOSITORY_LINKS: Final = {
    "url": "",
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}


def time(when: datetime | None) -> str | None:
    """Return a time as REST writes it."""
    return when.isoformat(timespec="seconds").replace("+00:00", "Z") if when else None


class Payloads:
    """The JSON of things of a world, with links below `base`."""

    def __init__(self, world: World, base: str) -> None:
        self._world = world
        self._base = base

    # ---- accounts ----

    def user(self, account: Account | None) -> Json:
        """Return an account in short; the ghost for none."""
        account = account or _GHOST
        base = f"{self._base}/users/{account.login}"
        page = f"/apps/{account.login.removesuffix('[bot]')}" if account.kind == "Bot" else f"/{account.login}"
        return {
            "login": account.login,
            "id": account.id,
            "node_id": account.node_id,
            "avatar_url": f"https://avatars.githubusercontent.com/u/{account.id}?v=4",
            "gravatar_id": "",
            "html_url": f"https://github.com{page}",
            "type": account.kind,
            "user_view_type": "public",
            "site_admin": False,
            **{name: base + tail for name, tail in _USER_LINKS.items()},
        }

    def whole_user(self, account: Account) -> Json:
        """Return an account with its profile."""
        nothing: Json = dict.fromkeys(("company", "blog", "location", "email", "hireable", "bio", "twitter_username"))
        counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
        dates = {"created_at": time(account.created_at), "updated_at": time(account.created_at)}
        return self.user(account) | {"name": account.name} | nothing | counts | dates

    def by(self, key: int | None) -> Json:
        """Return the account with an id, or the ghost."""
        return self.user(self._world.account(key))

    def by_or_null(self, key: int | None) -> Json | None:
        """Return the account with an id, or None."""
        account = self._world.account(key)
        return self.user(account) if account else None

    # ---- repositories ----

    def repository(self, state: RepositoryState) -> Json:
        """Return a repository as lists show it."""
        facts, page = state.facts, f"https://github.com/{state.facts.full_name}"
        open_items = sum(item.state == "open" for item in state.items.values())
        return {
            "id": facts.id,
            "node_id": facts.node_id,
            "name": facts.name,
            "full_name": facts.full_name,
            "owner": self.user(self._world.login(facts.owner)),
            "private": False,
            "visibility": "public",
            "html_url": page,
            "description": facts.description,
            "fork": facts.is_fork,
            "homepage": None,
            "language": next((name for name, _ in facts.languages), None),
            "forks_count": facts.forks,
            "forks": facts.forks,
            "stargazers_count": facts.stars,
            "watchers_count": facts.stars,
            "watchers": facts.stars,
            "size": sum(size for _, size in facts.languages) // 1000,
            "default_branch": facts.default_branch,
            "open_issues_count": open_items,
            "open_issues": open_items,
            "topics": list(facts.topics),
            "has_issues": True,
            "has_projects": True,
            "has_wiki": True,
            "has_pages": False,
            "has_downloads": True,
            "has_discussions": True,
            "archived": facts.is_archived,
            "disabled": False,
            "is_template": False,
            "allow_forking": True,
            "web_commit_signoff_required": False,
            "created_at": time(facts.created_at),
            "updated_at": time(facts.updated_at),
            "pushed_at": time(facts.pushed_at),
            "license": _license(facts),
            "git_url": f"git://github.com/{facts.full_name}.git",
            "ssh_url": f"git@github.com:{facts.full_name}.git",
            "clone_url": f"{page}.git",
            "svn_url": page,
            "mirror_url": None,
            **{name: self.at(facts) + tail for name, tail in _REPOSITORY_LINKS.items()},
        }

    def whole_repository(self, state: RepositoryState) -> Json:
        """Return a repository as it is shown alone."""
        return self.repository(state) | {"network_count": state.facts.forks, "subscribers_count": 0}

    def at(self, facts: Repository) -> str:
        """Return the URL of a repository."""
        return f"{self._base}/repos/{facts.full_name}"

    def release(self, state: RepositoryState, release: Published) -> Json:
        """Return a release."""
        url = f"{self.at(state.facts)}/releases/{release.id}"
        page = f"https://github.com/{state.facts.full_name}"
        return {
            "id": release.id,
            "node_id": release.node_id,
            "url": url,
            "assets_url": f"{url}/assets",
            "upload_url": f"{url}/assets{{?name,label}}",
            "html_url": f"{page}/releases/tag/{release.tag}",
            "tarball_url": f"{self.at(state.facts)}/tarball/{release.tag}",
            "zipball_url": f"{self.at(state.facts)}/zipball/{release.tag}",
            "tag_name": release.tag,
            "target_commitish": "master",
            "name": release.tag.replace("boost-", "Boost "),
            "body": "",
            "draft": release.published_at is None,
            "prerelease": release.is_prerelease,
            "created_at": time(release.created_at),
            "published_at": time(release.published_at),
            "author": self.by(release.author),
            "assets": [],
        }

    # ---- items ----

    def label(self, state: RepositoryState, label: Label) -> Json:
        """Return a label."""
        return {
            "id": label.id,
            "node_id": label.node_id,
            "url": f"{self.at(state.facts)}/labels/{label.name}",
            "name": label.name,
            "color": label.color,
            "default": False,
            "description": label.description,
        }

    def milestone(self, state: RepositoryState, milestone: Milestone | None) -> Json | None:
        """Return a milestone."""
        if milestone is None:
            return None
        url = f"{self.at(state.facts)}/milestones/{milestone.number}"
        held = [item for item in state.items.values() if item.milestone == milestone.id]
        return {
            "url": url,
            "html_url": f"https://github.com/{state.facts.full_name}/milestone/{milestone.number}",
            "labels_url": f"{url}/labels",
            "id": milestone.id,
            "node_id": milestone.node_id,
            "number": milestone.number,
            "title": milestone.title,
            "description": None,
            "creator": self.by_or_null(milestone.creator),
            "open_issues": sum(item.state == "open" for item in held),
            "closed_issues": sum(item.state == "closed" for item in held),
            "state": "open",
            "created_at": time(milestone.created_at),
            "updated_at": time(milestone.created_at),
            "closed_at": None,
            "due_on": None,
        }

    def _item(self, state: RepositoryState, item: Issue) -> Json:
        """Return what an issue and a pull request have in common."""
        assignees = [self.user(account) for key in item.assignees if (account := self._world.account(key))]
        return {
            "number": item.number,
            "title": item.title,
            "body": item.body or None,
            "user": self.by(item.author),
            "labels": [self.label(state, state.labels[key]) for key in item.labels],
            "state": item.state,
            "locked": item.locked,
            "active_lock_reason": item.lock_reason,
            "assignee": next(iter(assignees), None),
            "assignees": assignees,
            "milestone": self.milestone(state, state.milestones.get(item.milestone or 0)),
            "created_at": time(item.created_at),
            "updated_at": time(item.updated_at),
            "closed_at": time(item.closed_at),
            "author_association": item.association,
            "node_id": item.node_id,
        }

    def issue(self, state: RepositoryState, item: Issue) -> Json:
        """Return an item as an issue; one that is a pull request says so with `pull_request`."""
        url, facts = f"{self.at(state.facts)}/issues/{item.number}", state.facts
        kind = "pull" if isinstance(item, PullRequest) else "issues"
        page = f"https://github.com/{facts.full_name}/{kind}/{item.number}"
        told = self._item(state, item) | {
            "id": item.id,
            "url": url,
            "repository_url": self.at(facts),
            "labels_url": f"{url}/labels{{/name}}",
            "comments_url": f"{url}/comments",
            "events_url": f"{url}/events",
            "timeline_url": f"{url}/timeline",
            "html_url": page,
            "comments": state.comments.count(item.number),
            "reactions": self.reactions(url),
            "performed_via_github_app": None,
            "state_reason": item.state_reason,
        }
        if isinstance(item, PullRequest):
            told["draft"] = item.is_draft
            told["pull_request"] = {
                "url": f"{self.at(facts)}/pulls/{item.number}",
                "html_url": page,
                "diff_url": f"{page}.diff",
                "patch_url": f"{page}.patch",
                "merged_at": time(item.merged_at),
            }
        return told

    def whole_issue(self, state: RepositoryState, item: Issue) -> Json:
        """Return an item as it is shown alone."""
        closed_by = None if item.closed_at is None else self.by(item.closed_by)
        return self.issue(state, item) | {"closed_by": closed_by}

    def pull(self, state: RepositoryState, pull: PullRequest) -> Json:
        """Return a pull request as lists show it."""
        at, page = self.at(state.facts), f"https://github.com/{state.facts.full_name}/pull/{pull.number}"
        links = {
            "self": f"{at}/pulls/{pull.number}",
            "html": page,
            "issue": f"{at}/issues/{pull.number}",
            "comments": f"{at}/issues/{pull.number}/comments",
            "review_comments": f"{at}/pulls/{pull.number}/comments",
            "review_comment": f"{at}/pulls/comments{{/number}}",
            "commits": f"{at}/pulls/{pull.number}/commits",
            "statuses": f"{at}/statuses/{pull.head_sha}",
        }
        names = ("issue", "comments", "review_comments", "review_comment", "commits", "statuses")
        asked = [self.user(account) for key in pull.reviewers if (account := self._world.account(key))]
        return self._item(state, pull) | {
            "id": pull.pull_id,
            "url": links["self"],
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            **{f"{name}_url": links[name] for name in names},
            "merged_at": time(pull.merged_at),
            "merge_commit_sha": pull.merge_commit_sha,
            "requested_reviewers": asked,
            "requested_teams": [],
            "head": self._head(pull),
            "base": self._branch(state, pull),
            "_links": {name: {"href": href} for name, href in links.items()},
            "auto_merge": None,
            "draft": pull.is_draft,
        }

    def whole_pull(self, state: RepositoryState, pull: PullRequest) -> Json:
        """Return a pull request as it is shown alone."""
        return self.pull(state, pull) | {
            "merged": pull.merged_at is not None,
            "mergeable": None,
            "rebaseable": None,
            "mergeable_state": "unknown",
            "merged_by": None if pull.merged_at is None else self.by(pull.merged_by),
            "comments": state.comments.count(pull.number),
            "review_comments": state.review_comments.count(pull.number),
            "maintainer_can_modify": False,
            "commits": pull.commits,
            "additions": pull.additions,
            "deletions": pull.deletions,
            "changed_files": pull.changed_files,
        }

    def _head(self, pull: PullRequest) -> Json:
        owner = self._world.login(pull.head_owner or "")
        return {
            "label": f"{pull.head_owner}:{pull.head_ref}" if pull.head_owner else None,
            "ref": pull.head_ref,
            "sha": pull.head_sha,
            "user": owner and self.user(owner),
            "repo": None,
        }

    def _branch(self, state: RepositoryState, pull: PullRequest) -> Json:
        return {
            "label": f"{state.facts.owner}:{pull.base_ref}",
            "ref": pull.base_ref,
            "sha": pull.base_sha,
            "user": self.user(self._world.login(state.facts.owner)),
            "repo": self.repository(state),
        }

    def reactions(self, url: str) -> Json:
        """Return that nobody reacted."""
        kinds = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")
        return {"url": f"{url}/reactions", "total_count": 0, **dict.fromkeys(kinds, 0)}


def _license(facts: Repository) -> Json | None:
    licence = facts.license
    if licence is None:
        return None
    return {
        "key": licence.key,
        "name": licence.name,
        "spdx_id": licence.spdx_id,
        "url": licence.url and f"https://api.github.com/licenses/{licence.key}",
        "node_id": f"MDc6TGljZW5zZ{licence.key}",
    }
