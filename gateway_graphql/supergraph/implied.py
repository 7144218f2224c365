"""
What a supergraph says without marking it.

Some composers mark the fields of a key only in the subgraph that owns them. But whoever has the key has its fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from graphql import FieldNode, SelectionSetNode

from gateway_graphql.supergraph.model import Field, FieldSource, Type

__all__ = ["with_key_fields"]


def with_key_fields(types: Mapping[str, Type]) -> dict[str, Type]:
    """The types, with every field of a key in each subgraph that has the key."""
    fields = {name: dict(type_.fields) for name, type_ in types.items()}
    for name, type_ in types.items():
        for graph, here in type_.graphs.items():
            for key in here.keys:
                for owner, field in _fields_of(types, name, key.fields.selections):
                    known = fields[owner][field.name]
                    # Without any source the field comes through an interface object, as all that it selects.
                    if known.sources and graph not in known.sources and graph in types[owner].graphs:
                        source = FieldSource(graph, field.type, field.type_name)
                        fields[owner][field.name] = replace(known, sources={**known.sources, graph: source})
    return {
        name: type_ if fields[name] == type_.fields else replace(type_, fields=fields[name])
        for name, type_ in types.items()
    }


def _fields_of(types: Mapping[str, Type], type_name: str, selections: SelectionSetNode) -> Iterator[tuple[str, Field]]:
    for selection in selections.selections:
        field = types[type_name].fields.get(selection.name.value) if isinstance(selection, FieldNode) else None
        if field is None:  # __typename, or a mistake of whoever composed it
            continue
        yield type_name, field
        if isinstance(selection, FieldNode) and selection.selection_set and field.type_name in types:
            yield from _fields_of(types, field.type_name, selection.selection_set)
