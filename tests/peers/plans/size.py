"""How large a plan is, whoever made it: the requests that go out, and how many wait for one another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from gateway_graphql.planning.conditions import holds
from gateway_graphql.planning.plan import Plan

__all__ = ["Size", "size_of_ours", "size_of_theirs"]


class Size(NamedTuple):
    """Fewer requests count more than fewer stages."""

    requests: int
    stages: int

    def __str__(self) -> str:
        return f"{self.requests} requests in {self.stages} stages"


def size_of_ours(plan: Plan, variables: Mapping[str, Any]) -> Size:
    """The requests that are wanted with these variables."""
    stages: dict[int, int] = {}
    for one in plan.fetches:
        if holds(one.condition, variables):
            stages[one.id] = 1 + max((stages.get(other, 0) for other in one.depends_on), default=0)
    return Size(len(stages), max(stages.values(), default=0))


def size_of_theirs(node: Mapping[str, Any] | None, variables: Mapping[str, Any]) -> Size:
    """The same of the JSON that Apollo's and Hive's planners make."""
    if node is None:
        return Size(0, 0)
    kind = node.get("kind", "Fetch")
    if kind in ("Fetch", "BatchFetch"):
        return Size(1, 1)
    if kind == "Condition":
        branch = "ifClause" if variables[node["condition"]] else "elseClause"
        return size_of_theirs(node.get(branch), variables)
    if kind in ("QueryPlan", "Flatten"):
        return size_of_theirs(node.get("node"), variables)
    if kind == "Subscription":
        first = size_of_theirs(node["primary"], variables)
        rest = size_of_theirs(node.get("rest"), variables)
        return Size(first.requests + rest.requests, first.stages + rest.stages)
    parts = [size_of_theirs(one, variables) for one in node["nodes"]]
    stages = [one.stages for one in parts]
    return Size(sum(one.requests for one in parts), sum(stages) if kind == "Sequence" else max(stages, default=0))
