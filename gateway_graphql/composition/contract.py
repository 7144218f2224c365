"""
A contract: the part of the graph that one group of clients may see, chosen by ``@tag``.

It marks everything else ``@inaccessible``; the subgraphs, and how fields are reached, stay the same. So the checks
for hidden elements and satisfiability hold for a contract as they do for the whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gateway_graphql.composition.merge import Merging
from gateway_graphql.composition.model import Applied, Directives, SchemaModel, TypeModel, named_type

__all__ = ["Contract", "apply_contract"]

ROOTS = ("Query", "Mutation", "Subscription")


@dataclass(frozen=True)
class Contract:
    """Which tags to show, and which to hide."""

    include: frozenset[str] = frozenset()
    """if there are any, only fields with one of these tags, or of a type that has one, are shown"""
    exclude: frozenset[str] = frozenset()
    """whatever has one of these is hidden, included or not"""
    hide_unreachable: bool = True
    """whether types that no visible field leads to are hidden as well"""


def apply_contract(merging: Merging, contract: Contract) -> None:
    """Mark what the contract does not show."""
    schema = merging.merged
    for _, element in schema.elements():
        if contract.exclude & _tags(element):
            _hide(merging, element)
    if contract.include:
        _hide_what_is_not_included(merging, contract)
    _hide_empty(merging)
    if contract.hide_unreachable:
        _hide_unreachable(merging)


def _tags(element: Directives) -> set[str]:
    return {applied.get("name") for applied in element.all("tag")}


def _hidden(element: Directives) -> bool:
    return element.has("inaccessible")


def _hide(merging: Merging, element: Directives) -> None:
    if not _hidden(element):
        element.directives.append(Applied("inaccessible"))
        merging.features.add("inaccessible")


def _hide_what_is_not_included(merging: Merging, contract: Contract) -> None:
    """Only objects and interfaces choose their fields by tag; whatever these need comes along."""
    for type_ in merging.merged.of_kind("object", "interface"):
        if contract.include & _tags(type_):
            continue
        for field in type_.fields.values():
            if not contract.include & _tags(field):
                _hide(merging, field)


def _hide_empty(merging: Merging) -> None:
    """A type of which nothing is shown is not shown; what has such a type is not either. Until nothing changes."""
    schema = merging.merged
    changed = True
    while changed:
        changed = False
        for type_ in schema.types.values():
            if not _hidden(type_) and type_.name != "Query" and _is_empty(schema, type_):
                _hide(merging, type_)
                changed = True
        for type_ in schema.types.values():
            for field in type_.fields.values():
                target = schema.types.get(named_type(field.type))
                if target is not None and _hidden(target) and not _hidden(field):
                    _hide(merging, field)
                    changed = True


def _is_empty(schema: SchemaModel, type_: TypeModel) -> bool:
    children: list[Directives] = [*type_.fields.values(), *type_.values.values()]
    children += [schema.types[member] for member in type_.members if member in schema.types]
    return bool(children) and all(_hidden(child) for child in children)


def _hide_unreachable(merging: Merging) -> None:
    schema = merging.merged
    reachable: set[str] = set()
    waiting = [name for name in ROOTS if name in schema.types]
    while waiting:
        name = waiting.pop()
        type_ = schema.types.get(name)
        if type_ is None or name in reachable or _hidden(type_):
            continue
        reachable.add(name)
        waiting += _leads_to(schema, type_)
    for type_ in schema.types.values():
        if type_.name not in reachable:
            _hide(merging, type_)


def _leads_to(schema: SchemaModel, type_: TypeModel) -> Iterator[str]:
    yield from type_.interfaces
    yield from type_.members
    if type_.kind == "interface":
        yield from (t.name for t in schema.implementations(type_.name))
    for field in type_.fields.values():
        if _hidden(field):
            continue
        yield named_type(field.type)
        yield from (named_type(a.type) for a in field.arguments.values() if not _hidden(a))
