"""Put a subgraph's answer where it belongs in the merged one."""

from __future__ import annotations

from typing import Any

from gateway_graphql.planning.plan import MergeTree

__all__ = ["copied", "merge"]

TYPENAME = "__typename"


def merge(target: dict[str, Any], answer: dict[str, Any], tree: MergeTree) -> None:
    """
    Merge an object into one that is there already.

    Only slots in ``tree`` are looked at, and only its branches are entered: a scalar may be any JSON.
    A null never takes the place of an object.
    """
    if TYPENAME in answer:
        target[TYPENAME] = answer[TYPENAME]
    for slot, below in tree.items():
        if slot in answer:
            value = answer[slot]
            if below is None or target.get(slot) is None:
                target[slot] = value
            elif value is not None:
                _merge_value(target[slot], value, below)


def _merge_value(there: Any, value: Any, tree: MergeTree) -> None:
    if isinstance(there, dict) and isinstance(value, dict):
        if there is not value:
            merge(there, value, tree)
    elif isinstance(there, list) and isinstance(value, list):
        for index, item in enumerate(value[: len(there)]):
            if there[index] is None:
                there[index] = item
            elif item is not None:
                _merge_value(there[index], item, tree)


def copied(answer: Any, tree: MergeTree) -> Any:
    """A copy that can be merged elsewhere; scalars are shared, because nobody changes them."""
    if isinstance(answer, list):
        return [copied(item, tree) for item in answer]
    if not isinstance(answer, dict):
        return answer
    return {
        slot: value if (below := tree.get(slot)) is None else copied(value, below) for slot, value in answer.items()
    }
