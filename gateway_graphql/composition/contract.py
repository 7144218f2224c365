"""
A contract: the part of the graph that one group of clients may see, chosen by ``@tag``.

It marks everything else ``@inaccessible``; the subgraphs, and how fields are reached, stay the same. So the checks
for hidden elements and satisfiability hold for a contract as they do for the whole: a contract that hides what visible
fields need is an error.

* *Exclude*: whatever has one of the tags is hidden: a type, a field, an argument, an enum value, an input field.
* *Include*: of objects and interfaces only fields with one of the tags are shown; a tag on the type counts for all of
  its fields. Unions are shown only with one. Inputs, enums and scalars come along with the fields that use them.
* Excluded is hidden, included or not.
* A type of which nothing is left is hidden. What refers to it is not hidden with it: that somebody has to decide.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from gateway_graphql.composition.diagnostics import Diagnostic
from gateway_graphql.composition.merge import Merging
from gateway_graphql.composition.model import Applied, Directives, SchemaModel, TypeModel, named_type

__all__ = ["Contract", "apply_contract"]

ROOTS = ("Query", "Mutation", "Subscription")


@dataclass(frozen=True)
class Contract:
    """Which tags to show, and which to hide."""

    include: frozenset[str] = frozenset()
    """if there are any, only what has one of these tags is shown"""
    exclude: frozenset[str] = frozenset()
    """whatever has one of these is hidden, included or not"""
    hide_unreachable: bool = True
    """whether types that no visible field leads to are hidden as well"""

    def __str__(self) -> str:
        parts = [
            f"{verb} {', '.join(sorted(tags))}"
            for verb, tags in (("include", self.include), ("exclude", self.exclude))
            if tags
        ]
        return "; ".join(parts) or "everything"

    def in_it(self, problem: Diagnostic) -> Diagnostic:
        """A problem of the graph that the contract leaves, so that nobody looks for the directive in a subgraph."""
        return replace(problem, message=f"{problem.message} (in the contract: {self})")


def apply_contract(merging: Merging, contract: Contract) -> None:
    """Mark what the contract does not show."""
    schema = merging.merged
    elements = [element for coordinate, element in schema.elements() if coordinate != "schema"]
    known = {tag for element in elements for tag in _tags(element)}
    for tag in sorted((contract.include | contract.exclude) - known):
        merging.findings.hint(
            "CONTRACT_TAG_UNUSED", "", f'nothing has the tag "{tag}"; correct the contract, or tag it'
        )
    for element in elements:
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
    for type_ in merging.merged.of_kind("object", "interface", "union"):
        if contract.include & _tags(type_):
            continue
        if type_.kind == "union":
            _hide(merging, type_)
        for field in type_.fields.values():
            if not contract.include & _tags(field):
                _hide(merging, field)


def _hide_empty(merging: Merging) -> None:
    """Hide types of which nothing is shown; a union may be empty only because a member is."""
    schema = merging.merged
    changed = True
    while changed:
        changed = False
        for type_ in schema.types.values():
            if not _hidden(type_) and type_.name != "Query" and _is_empty(schema, type_):
                _hide(merging, type_)
                changed = True


def _is_empty(schema: SchemaModel, type_: TypeModel) -> bool:
    children: list[Directives] = [*type_.fields.values(), *type_.values.values()]
    children += [schema.types[member] for member in type_.members if member in schema.types]
    return bool(children) and all(_hidden(child) for child in children)


def _hide_unreachable(merging: Merging) -> None:
    schema = merging.merged
    reachable: set[str] = set()
    waiting = [name for name in ROOTS if name in schema.types]
    # What a client can write in an operation has arguments as well.
    waiting += [named_type(a.type) for d in schema.definitions.values() for a in d.arguments.values()]
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
