"""How REST shows what happened: issue events, and timelines with comments, reviews and commits among them."""

from __future__ import annotations

from typing import Any, Final

from boost_pipeline.sample.github.fields.items import unknown_commit
from boost_pipeline.sample.github.fields.timeline import event_node_id
from boost_pipeline.sample.github.model import Comment, Event, Issue, Review
from boost_pipeline.sample.github.payloads import Json, Payloads, time
from boost_pipeline.sample.github.remark_payloads import RemarkPayloads
from boost_pipeline.sample.github.repository import RepositoryState
from boost_pipeline.sample.github.world import World

TIMELINE_ONLY: Final = frozenset({"committed", "cross-referenced"})
"""Kinds that timelines tell and lists of events do not."""


class EventPayloads:
    """The JSON of events of a world."""

    def __init__(self, world: World, payloads: Payloads, remarks: RemarkPayloads, base: str) -> None:
        self._world = world
        self._payloads = payloads
        self._remarks = remarks
        self._base = base

    def listed(self, state: RepositoryState, event: Event) -> Json:
        """Return an event as lists of a whole repository show it: with its issue."""
        item = state.items[event.number]
        return self.event(state, event) | {"issue": self._payloads.issue(state, item)}

    def event(self, state: RepositoryState, event: Event) -> Json:
        """Return an event as the list of one item shows it."""
        at = f"{self._base}/repos/{state.facts.full_name}"
        told: Json = {
            "id": event.id,
            "node_id": event_node_id(event),
            "url": f"{at}/issues/events/{event.id}",
            "actor": self._payloads.user(self._world.account(event.actor)),
            "event": event.kind,
            "commit_id": event.commit,
            "commit_url": event.commit and f"{at}/commits/{event.commit}",
            "created_at": time(event.at),
            "performed_via_github_app": None,
        }
        return told | self._more(state, event)

    def _more(self, state: RepositoryState, event: Event) -> Json:
        """Return what only this kind of event has."""
        match event.kind:
            case "labeled" | "unlabeled":
                label = state.labels[event.label or 0]
                return {"label": {"name": label.name, "color": label.color}}
            case "assigned" | "unassigned":
                assignee = self._payloads.user(self._world.account(event.account))
                return {"assignee": assignee, "assigner": self._payloads.user(self._world.account(event.actor))}
            case "review_requested" | "review_request_removed":
                asked = self._payloads.user(self._world.account(event.account))
                return {
                    "requested_reviewer": asked,
                    "review_requester": self._payloads.user(self._world.account(event.actor)),
                }
            case "milestoned" | "demilestoned":
                return {"milestone": {"title": event.text}}
            case "renamed":
                return {"rename": {"from": event.before, "to": event.after}}
            case "locked":
                return {"lock_reason": event.text}
            case "closed" | "reopened":
                return {"state_reason": event.text}
            case "review_dismissed":
                dismissed = {
                    "state": (event.before or "").lower(),
                    "review_id": event.review,
                    "dismissal_message": event.text,
                }
                return {"dismissed_review": dismissed}
            case _:
                return {}

    def timeline(self, state: RepositoryState, thing: Event | Comment | Review) -> Json:
        """Return a thing of a timeline."""
        if isinstance(thing, Comment):
            told = self._remarks.comment(state, thing)
            return told | {"event": "commented", "actor": told["user"]}
        if isinstance(thing, Review):
            told = self._remarks.review(state, thing)
            return told | {"event": "reviewed", "state": thing.state.lower()}
        if thing.kind == "committed":
            return self._committed(state, thing)
        if thing.kind == "cross-referenced":
            return self._cross_referenced(state, thing)
        return self.event(state, thing)

    def _committed(self, state: RepositoryState, event: Event) -> Json:
        sha = event.commit or ""
        commit = state.commits.get(sha) or unknown_commit(state.facts.id, sha)
        page = f"https://github.com/{state.facts.full_name}"
        told = self._remarks.git_commit(state, commit)
        parents = self._remarks.parents(state, commit)
        return told | {
            "event": "committed",
            "sha": sha,
            "node_id": commit.node_id,
            "html_url": f"{page}/commit/{sha}",
            "parents": parents,
        }

    def _cross_referenced(self, state: RepositoryState, event: Event) -> Json:
        source: Json = {"type": "issue"}
        if found := self._source(event):
            there, item = found
            source["issue"] = self._payloads.issue(there, item) | {"repository": self._payloads.repository(there)}
        else:
            source["issue"] = self._payloads.issue(state, state.items[event.number])
        return {
            "event": "cross-referenced",
            "actor": self._payloads.user(self._world.account(event.actor)),
            "created_at": time(event.at),
            "updated_at": time(event.at),
            "source": source,
        }

    def _source(self, event: Event) -> tuple[RepositoryState, Issue] | None:
        if event.other is None:
            return None
        there: Any = self._world.repositories.get(event.other[0])
        item = there and there.items.get(event.other[1])
        return (there, item) if item else None
