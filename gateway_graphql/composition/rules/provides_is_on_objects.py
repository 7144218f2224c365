"""
Spec: PROVIDES_ON_NON_OBJECT_FIELD, EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE.

``@provides`` says what else comes with a field: the field needs fields of its own, and somebody here to resolve it.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway_graphql.composition.diagnostics import Diagnostic
from gateway_graphql.composition.model import named_type
from gateway_graphql.composition.subgraph import ReadSubgraph

__all__ = ["provides_is_on_objects"]


def provides_is_on_objects(subgraph: ReadSubgraph) -> Iterator[Diagnostic]:
    """Look at where ``@provides`` is, before anybody looks into it."""
    for type_ in subgraph.schema.of_kind("object", "interface"):
        for field in type_.fields.values():
            if not field.has("provides"):
                continue
            coordinate = f"{type_.name}.{field.name}"
            target = subgraph.schema.types.get(named_type(field.type))
            if subgraph.externals.is_external(type_.name, field.name):
                yield Diagnostic(
                    "EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE",
                    "the field is @external, so nothing can come with it from here; remove @provides or @external",
                    (subgraph.name,),
                    coordinate,
                )
            elif target is None or not target.composite:
                yield Diagnostic(
                    "PROVIDES_ON_NON_OBJECT_FIELD",
                    f'@provides needs a field with fields of its own, and this one is a "{field.type}"; '
                    "remove @provides",
                    (subgraph.name,),
                    coordinate,
                )
