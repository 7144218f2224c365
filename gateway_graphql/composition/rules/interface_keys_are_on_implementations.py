"""
Spec: INTERFACE_KEY_NOT_ON_IMPLEMENTATION.

A key on an interface is a promise: whoever has the key can be told which implementation it is.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphql import print_ast

from gateway_graphql.composition.diagnostics import Diagnostic
from gateway_graphql.composition.field_sets import InvalidFieldSet, LacksBraces, parse_field_set, selected_fields
from gateway_graphql.composition.model import Applied, TypeModel
from gateway_graphql.composition.rules.field_sets_are_valid import field_set_is_valid
from gateway_graphql.composition.subgraph import ReadSubgraph

__all__ = ["interface_keys_are_on_implementations", "interface_keys_are_readable"]


def interface_keys_are_on_implementations(subgraph: ReadSubgraph) -> Iterator[Diagnostic]:
    """Every implementation in the subgraph has the interface's keys as well."""
    for interface in subgraph.schema.of_kind("interface"):
        for key in interface.entity_keys():
            if not _readable(subgraph, interface, key):
                continue  # another rule says so
            for type_ in subgraph.schema.implementations(interface.name):
                if not all(_readable(subgraph, type_, own) for own in type_.entity_keys()):
                    continue
                equal = [k for k in type_.entity_keys() if _same(k, key)]
                resolvable = key.get("resolvable") is not False
                if not equal or (resolvable and all(k.get("resolvable") is False for k in equal)):
                    yield Diagnostic(
                        "INTERFACE_KEY_NOT_ON_IMPLEMENTATION",
                        f'the interface "{interface.name}" has {key.text()}, and this implementation has not; add it',
                        (subgraph.name,),
                        type_.name,
                    )


def interface_keys_are_readable(subgraph: ReadSubgraph) -> Iterator[Diagnostic]:
    """The first key that no comparison is possible with, if there is one."""
    for interface in subgraph.schema.of_kind("interface"):
        for key in interface.entity_keys():
            if not _readable(subgraph, interface, key):
                yield from list(field_set_is_valid(subgraph, key, interface.name, interface.name))[:1]
                return
            for type_ in subgraph.schema.implementations(interface.name):
                for own in type_.entity_keys():
                    if not _readable(subgraph, type_, own):
                        yield from list(field_set_is_valid(subgraph, own, type_.name, type_.name))[:1]
                        return
                    if _same(own, key):
                        break


def _readable(subgraph: ReadSubgraph, type_: TypeModel, key: Applied) -> bool:
    try:
        return bool(list(selected_fields(subgraph.schema, type_.name, str(key.get("fields")))))
    except LacksBraces:
        return True  # it can be compared nevertheless
    except InvalidFieldSet:
        return False


def _same(one: Applied, other: Applied) -> bool:
    try:
        return _normal(one) == _normal(other)
    except InvalidFieldSet:
        return True  # another rule says that it cannot be read


def _normal(key: Applied) -> object:
    def of(selections: object) -> frozenset[tuple[str, str, object]]:
        return frozenset(
            (
                print_ast(node.alias or node.name),
                node.name.value,
                of(node.selection_set) if node.selection_set else None,
            )
            if hasattr(node, "name")
            else ("", print_ast(node), None)
            for node in selections.selections  # type: ignore[attr-defined]
        )

    return of(parse_field_set(str(key.get("fields"))))
