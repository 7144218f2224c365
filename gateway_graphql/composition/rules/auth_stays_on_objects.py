"""Spec: AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE. What is asked of a caller is asked where something is resolved."""

from __future__ import annotations

from collections.abc import Iterator

from gateway_graphql.composition.diagnostics import Diagnostic
from gateway_graphql.composition.merge.propagate_auth import AUTH
from gateway_graphql.composition.model import Directives
from gateway_graphql.composition.subgraph import ReadSubgraph

__all__ = ["auth_stays_on_objects"]


def auth_stays_on_objects(subgraph: ReadSubgraph) -> Iterator[Diagnostic]:
    """Interfaces get the requirements of their implementations; they have none of their own."""
    for type_ in subgraph.schema.of_kind("interface", "object"):
        if type_.kind == "object" and not type_.interface_object:
            continue
        places: list[tuple[str, Directives]] = [(type_.name, type_)]
        if type_.kind == "interface":
            places += [(f"{type_.name}.{name}", field) for name, field in type_.fields.items()]
        for coordinate, element in places:
            for name in AUTH:
                if element.has(name):
                    yield Diagnostic(
                        "AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE",
                        f"@{name} cannot be used on interfaces; put it on the implementations",
                        (subgraph.name,),
                        coordinate,
                    )
