"""Ask for entities whose fields take arguments from above: once for each set of values, all in one request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gateway_graphql.execution.representations import Collected, collect, collect_by_context
from gateway_graphql.planning.conditions import holds
from gateway_graphql.planning.documents import document_of, entities_of, with_other_contexts
from gateway_graphql.planning.plan import EntityCall, Fetch

__all__ = ["with_contexts"]


def with_contexts(
    fetch: Fetch, store: dict[str, Any], coerced: Mapping[str, Any]
) -> tuple[Fetch, list[Collected], dict[str, Any]]:
    """The request as it has to be made this time, what each of its calls is about, and the values from above."""
    calls: list[EntityCall] = []
    found: list[Collected] = []
    values: dict[str, Any] = {}
    for call in fetch.calls:
        if not call.contexts:
            calls.append(call)
            found.append(collect(store, call.targets) if holds(call.condition, coerced) else Collected())
            continue
        groups = collect_by_context(store, call.targets, coerced) if holds(call.condition, coerced) else []
        for number, (said, collected) in enumerate(groups or [({}, Collected())]):
            one = call if number == 0 else _numbered(call, number)
            values.update((new, said.get(name)) for name, new in zip(call.contexts, one.contexts, strict=True))
            calls.append(one)
            found.append(collected)
    if len(calls) == len(fetch.calls):
        return fetch, found, values
    selection = entities_of(calls)
    document = document_of(fetch.kind, calls, selection, fetch.declared, fetch.directives)
    return replace(fetch, calls=tuple(calls), document=document, selection=selection), found, values


def _numbered(call: EntityCall, number: int) -> EntityCall:
    """The same call once more, for other values."""
    one = with_other_contexts(call, f"_{number}")
    return replace(one, response_key=f"{call.response_key}_{number}", variable=f"{call.variable}_{number}")
