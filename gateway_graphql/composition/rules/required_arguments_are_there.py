"""
Spec: REQUIRES_INVALID_FIELDS. What ``@requires`` names may have other arguments where it is resolved.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway_graphql.composition.diagnostics import Diagnostic
from gateway_graphql.composition.field_sets import InvalidFieldSet, Selected, selected_fields
from gateway_graphql.composition.merge import Merging
from gateway_graphql.composition.subgraph import ReadSubgraph

__all__ = ["required_arguments_are_there"]


def required_arguments_are_there(merging: Merging) -> Iterator[Diagnostic]:
    """Read every ``@requires`` once more, on what was merged."""
    for subgraph in merging.subgraphs:
        for type_ in subgraph.schema.of_kind("object", "interface"):
            for field in type_.fields.values():
                for applied in field.all("requires"):
                    try:
                        selected = list(
                            selected_fields(merging.merged, type_.name, str(applied.get("fields")), arguments=False)
                        )
                    except InvalidFieldSet:
                        continue  # what is missing is said elsewhere
                    for one in selected:
                        for argument, problem in _problems(one):
                            yield Diagnostic(
                                "REQUIRES_INVALID_FIELDS",
                                f"{applied.text()}: {problem} in {_who(merging, subgraph, one, argument)}; "
                                "make the argument the same everywhere",
                                (subgraph.name,),
                                f"{type_.name}.{field.name}",
                            )


def _problems(selected: Selected) -> Iterator[tuple[str, str]]:
    given = {argument.name.value for argument in selected.node.arguments or ()}
    for name in sorted(given - selected.field.arguments.keys()):
        yield name, f'"{selected.coordinate}" has no argument "{name}"'
    for argument in selected.field.arguments.values():
        if argument.required and argument.name not in given:
            yield argument.name, f'"{selected.coordinate}" needs the argument "{argument.name}"'


def _who(merging: Merging, subgraph: ReadSubgraph, selected: Selected, argument: str) -> str:
    """The other subgraphs that see the argument differently."""
    others = [
        (s.name, t.fields[selected.field.name].arguments.get(argument))
        for s, t in merging.having(selected.parent.name)
        if s is not subgraph and selected.field.name in t.fields
    ]
    return ", ".join(name for name, there in others if there is None or there.required) or "the merged field"
