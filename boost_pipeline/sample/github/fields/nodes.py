"""Things by their node id, and what is left of the budget."""

from __future__ import annotations

from typing import Any, Final

from boost_pipeline.sample.github.fields import attributes, field
from boost_pipeline.sample.github.fields.timeline import PREFIXES, event_node_id
from boost_pipeline.sample.github.ids import NodeId, read_node_id
from boost_pipeline.sample.github.model import ReviewThread

attributes(
    "RateLimit",
    cost="cost",
    limit="limit",
    nodeCount="nodes",
    remaining="remaining",
    resetAt="reset_at",
    used="used",
)
field("Query", "rateLimit")(lambda _, info: info.context.rate)

_MOST_IDS: Final = 100
_EVENTS: Final = frozenset(PREFIXES.values())


@field("Query", "node", "id")
def _node(_: Any, info: Any, id: str) -> Any:  # noqa: A002 - GitHub's word
    found = _find(info.context.world, read_node_id(id))
    if found is None or getattr(found, "node_id", id) != id:
        raise info.context.not_found(f"Could not resolve to a node with the global id of '{id}'")
    return found


@field("Query", "nodes", "ids")
def _nodes(root: Any, info: Any, ids: list[str]) -> list[Any]:
    if len(ids) > _MOST_IDS:
        raise info.context.refused(
            "ARGUMENT_LIMIT", f"You may not provide more than {_MOST_IDS} node ids; you provided {len(ids)}."
        )
    found = []
    for key in ids:
        try:
            found.append(_node(root, info, key))
        except info.context.refusal as error:
            info.context.note(error, info, len(found))
            found.append(None)
    return found


def _find(world: Any, node: NodeId | None) -> Any:
    """Return what a node id names, in whatever repository; None where it is gone."""
    if node is None or not node.parts:
        return None
    first = node.parts[0]
    if node.prefix in ("U", "BOT", "O", "M"):
        return world.account(first)
    state = world.repositories.get(first)
    if state is None or node.prefix == "R":
        return state
    key = node.parts[-1]
    if node.prefix in ("I", "PR"):
        wanted = "pull_id" if node.prefix == "PR" else "id"
        items = state.pulls() if node.prefix == "PR" else state.issues()
        return next((item for item in items if getattr(item, wanted) == key), None)
    if node.prefix == "D":
        return next((told for told in state.discussions.values() if told.id == key), None)
    threads = {"IC": state.comments, "PRR": state.reviews, "PRRC": state.review_comments}
    if node.prefix in threads:
        return threads[node.prefix].find(key)
    if node.prefix == "PRRT":
        comment = state.review_comments.find(key)
        return comment and ReviewThread(comment)
    if node.prefix in _EVENTS:
        event = state.events.find(key)
        return event if event and read_node_id(event_node_id(event)) == node else None
    return {"C": state.commits, "LA": state.labels, "MI": state.milestones}.get(node.prefix, {}).get(key)
