"""
Spec: INVALID_GRAPHQL. A directive of the subgraphs' own is applied as its one definition in the supergraph allows.

Subgraphs may define it differently. The supergraph has the definition of the newest version, the last one by the name
of its subgraph, and what the others wrote has to make sense by that one, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gateway_graphql.composition.diagnostics import Diagnostic
from gateway_graphql.composition.merge import Merging
from gateway_graphql.composition.model import (
    Applied,
    ArgumentModel,
    DirectiveModel,
    Directives,
    EnumValueModel,
    FieldModel,
    SchemaModel,
    TypeModel,
)
from gateway_graphql.composition.values import misfit

__all__ = ["composed_directives_fit"]


def composed_directives_fit(merging: Merging) -> Iterator[Diagnostic]:
    """Look at every application of a directive that ``@composeDirective`` asked to keep."""
    merged = merging.merged
    for coordinate, element in merged.elements():
        own = [applied for applied in element.directives if not applied.known and applied.name in merging.composed]
        for applied in own:
            definition = merged.definitions[applied.name]
            for problem in _problems(merged, definition, applied):
                yield _problem(merging, coordinate, applied, problem)
            location = _location(merged, coordinate, element)
            if location not in definition.locations:
                yield _problem(merging, coordinate, applied, f"it may not be used on {location}")
        for name, number in Counter(applied.name for applied in own).items():
            if number > 1 and not merged.definitions[name].repeatable:
                yield _problem(merging, coordinate, Applied(name), "it is not repeatable")


def _problems(merged: SchemaModel, definition: DirectiveModel, applied: Applied) -> Iterator[str]:
    for name, value in applied.arguments.items():
        if name not in definition.arguments:
            yield f'it has no argument "{name}"'
        elif found := misfit(merged, definition.arguments[name].type, value):
            yield f"{name}: {found}"
    for name, argument in definition.arguments.items():
        if argument.required and name not in applied.arguments:
            yield f'the argument "{name}" is missing'


def _location(merged: SchemaModel, coordinate: str, element: Directives) -> str:
    match element:
        case TypeModel(kind="input"):
            return "INPUT_OBJECT"
        case TypeModel(kind=kind):
            return kind.upper()
        case FieldModel():
            of_input = merged.types[coordinate.partition(".")[0]].kind == "input"
            return "INPUT_FIELD_DEFINITION" if of_input else "FIELD_DEFINITION"
        case ArgumentModel():
            return "ARGUMENT_DEFINITION"
        case EnumValueModel():
            return "ENUM_VALUE"
        case _:
            return "SCHEMA"


def _problem(merging: Merging, coordinate: str, applied: Applied, problem: str) -> Diagnostic:
    return Diagnostic(
        "INVALID_GRAPHQL",
        f"{applied.text()} does not fit the definition that was composed: {problem}; define it alike everywhere",
        tuple(sorted(merging.composed[applied.name])),
        coordinate,
    )
