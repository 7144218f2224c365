"""
Spec: INTERFACE_KEY_NOT_ON_IMPLEMENTATION, INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE.

A key on an interface is a promise: whoever has the key can be told which implementation it is.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphql import print_ast

from ..diagnostics import Diagnostic
from ..field_sets import InvalidFieldSet, parse_field_set
from ..merge import Merging
from ..model import Applied
from ..subgraph import ReadSubgraph

__all__ = ["interface_keys_are_complete", "interface_keys_are_on_implementations"]


def interface_keys_are_on_implementations(subgraph: ReadSubgraph) -> Iterator[Diagnostic]:
    """Every implementation in the subgraph has the interface's keys as well."""
    for interface in subgraph.schema.of_kind("interface"):
        for key in interface.keys():
            for type_ in subgraph.schema.implementations(interface.name):
                equal = [k for k in type_.keys() if _same(k, key)]
                resolvable = key.get("resolvable") is not False
                if not equal or (resolvable and all(k.get("resolvable") is False for k in equal)):
                    yield Diagnostic(
                        "INTERFACE_KEY_NOT_ON_IMPLEMENTATION",
                        f'the interface "{interface.name}" has {key.text()}, and this implementation has not; add it',
                        (subgraph.name,),
                        type_.name,
                    )


def interface_keys_are_complete(merging: Merging) -> Iterator[Diagnostic]:
    """Where an interface has a key, all implementations of all subgraphs must be known."""
    for interface in merging.merged.of_kind("interface"):
        having = merging.having(interface.name)
        # Without an interface object nobody asks for the interface by its key.
        if not any(t.interface_object for _, t in having):
            continue
        all_of_them = {t.name for t in merging.merged.implementations(interface.name)}
        for subgraph, type_ in having:
            if type_.kind != "interface" or not any(k.get("resolvable") is not False for k in type_.keys()):
                continue
            missing = sorted(all_of_them - subgraph.schema.possible(interface.name))
            if missing:
                yield Diagnostic(
                    "INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE",
                    f"it has a key here, so all its implementations must be here; add {', '.join(missing)}",
                    (subgraph.name,),
                    interface.name,
                )


def _same(one: Applied, other: Applied) -> bool:
    try:
        return _normal(one) == _normal(other)
    except InvalidFieldSet:
        return True  # another rule says that it cannot be read


def _normal(key: Applied) -> object:
    def of(selections: object) -> frozenset[tuple[str, object]]:
        return frozenset(
            (node.name.value, of(node.selection_set) if node.selection_set else None)
            if hasattr(node, "name")
            else (print_ast(node), None)
            for node in selections.selections  # type: ignore[attr-defined]
        )

    return of(parse_field_set(str(key.get("fields"))))
