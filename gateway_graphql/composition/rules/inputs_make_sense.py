"""
Spec: INVALID_GRAPHQL. Merged, an input can be stricter than its author knew.

A field that some subgraphs lack is left out of an input object, and what one of them requires is required: a default
value may not fit any more, or what one subgraph calls deprecated may have to be given.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway_graphql.composition.diagnostics import Diagnostic
from gateway_graphql.composition.merge import Merging
from gateway_graphql.composition.model import ArgumentModel, FieldModel, SchemaModel
from gateway_graphql.composition.values import misfit

__all__ = ["inputs_make_sense"]


def inputs_make_sense(merging: Merging) -> Iterator[Diagnostic]:
    """Look at the default value and the deprecation of every argument and every field of an input object."""
    for coordinate, element in merging.merged.elements():
        match element:
            case ArgumentModel():
                yield from _problems(merging.merged, coordinate, element)
            case FieldModel() if merging.merged.types[coordinate.partition(".")[0]].kind == "input":
                yield from _problems(merging.merged, coordinate, element)


def _problems(schema: SchemaModel, coordinate: str, taken: ArgumentModel | FieldModel) -> Iterator[Diagnostic]:
    if taken.required and taken.has("deprecated"):
        yield _problem(
            coordinate, f'merged, it must be given ("{taken.type}") and is @deprecated; make it optional everywhere'
        )
    # That a default lacks what must be given is overlooked in a subgraph as well.
    found = misfit(schema, taken.type, taken.default, complete=False) if taken.default is not None else ""
    if found:
        yield _problem(coordinate, f"merged, its default value does not fit: {found}; correct the value or the type")


def _problem(coordinate: str, message: str) -> Diagnostic:
    return Diagnostic("INVALID_GRAPHQL", message, (), coordinate)
