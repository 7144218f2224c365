"""
What a supergraph says without marking it.

Some composers mark the fields of a key only in the subgraph that owns them. But whoever has the key has its fields.
Some do not mark as external what the subgraph of an interface object requires. But whoever requires a field has it from
others, or composition would have refused it (REQUIRES_FIELDS_MISSING_EXTERNAL).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from graphql import FieldNode, SelectionSetNode

from gateway_graphql.supergraph.model import Field, FieldSource, Type

__all__ = ["with_key_fields", "with_required_externals"]


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


def with_required_externals(types: Mapping[str, Type]) -> dict[str, Type]:
    """The types, with every leaf that a subgraph requires of an object external to it, unless it is in a key there."""
    return {name: replace(type_, fields=_with_externals(types, name)) for name, type_ in types.items()}


def _with_externals(types: Mapping[str, Type], type_name: str) -> dict[str, Field]:
    type_ = types[type_name]
    fields = dict(type_.fields)
    required = {
        (graph, selection.name.value)
        for field in type_.fields.values()
        for graph, source in field.sources.items()
        if source.requires is not None
        for selection in source.requires.selections.selections
        if isinstance(selection, FieldNode) and selection.selection_set is None
    }
    for graph, name in required:
        source = fields[name].sources.get(graph) if name in fields else None
        if source is None or source.external:
            continue
        keys = (key.fields.selections for key in type_.graphs[graph].keys)
        if all(field.name != name for key in keys for _, field in _fields_of(types, type_name, key)):
            sources = {**fields[name].sources, graph: replace(source, external=True)}
            fields[name] = replace(fields[name], sources=sources)
    return fields


def _fields_of(types: Mapping[str, Type], type_name: str, selections: SelectionSetNode) -> Iterator[tuple[str, Field]]:
    for selection in selections.selections:
        field = types[type_name].fields.get(selection.name.value) if isinstance(selection, FieldNode) else None
        if field is None:  # __typename, or a mistake of whoever composed it
            continue
        yield type_name, field
        if isinstance(selection, FieldNode) and selection.selection_set and field.type_name in types:
            yield from _fields_of(types, field.type_name, selection.selection_set)
