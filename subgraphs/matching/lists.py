"""Pages of documents, also of many parents at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import ASCENDING
from pymongo.collection import Collection

Document = dict[str, Any]
Order = Sequence[tuple[str, int]]
Position = tuple[Any, ...]
"""the values a document is sorted by"""

_PARENTS_OF_A_COMMAND = 200
"""each is a stage of one aggregation, and MongoDB allows a thousand"""
_LARGEST_ANSWER = 10_000


def at_once(documents: int) -> int:
    """A batch size that brings so many documents in one answer; by default MongoDB sends 101 and waits."""
    return min(max(documents, 1), _LARGEST_ANSWER) + 1


def beyond(order: Order, after: Position | None) -> Document:
    """A filter for what comes behind a position in this order."""
    if after is None:
        return {}
    choices = []
    for index, (field, direction) in enumerate(order):
        same = {name: value for (name, _), value in zip(order[:index], after[:index], strict=True)}
        choices.append({**same, field: {"$gt" if direction == ASCENDING else "$lt": after[index]}})
    return {"$or": choices}


def first_of_each(
    collection: Collection[Document],
    field: str,
    parents: Sequence[str],
    size: int,
    order: Order,
    wanted: Mapping[str, Any],
) -> dict[str, list[Document]]:
    """
    The first documents of each parent, with one command for all of them.

    Every parent has a branch of its own, so that an index on (field, order) ends each after ``size`` documents.
    """
    found: dict[str, list[Document]] = {parent: [] for parent in parents}
    unique = list(found)
    for begin in range(0, len(unique), _PARENTS_OF_A_COMMAND):
        branches: list[list[Document]] = [
            [{"$match": {field: parent, **wanted}}, {"$sort": dict(order)}, {"$limit": size}]
            for parent in unique[begin : begin + _PARENTS_OF_A_COMMAND]
        ]
        others = [{"$unionWith": {"coll": collection.name, "pipeline": branch}} for branch in branches[1:]]
        for document in collection.aggregate([*branches[0], *others], batchSize=at_once(size * len(branches))):
            found[document[field]].append(document)
    return found


def count_of_each(collection: Collection[Document], field: str, parents: Sequence[str]) -> dict[str, int]:
    """How many documents each parent has, with one command for all of them."""
    counts = collection.aggregate(
        [{"$match": {field: {"$in": list(set(parents))}}}, {"$group": {"_id": f"${field}", "count": {"$sum": 1}}}],
        batchSize=at_once(len(parents)),
    )
    found = {entry["_id"]: entry["count"] for entry in counts}
    return {parent: found.get(parent, 0) for parent in parents}
