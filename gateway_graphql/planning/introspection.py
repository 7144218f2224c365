"""The part of an operation that the gateway answers itself."""

from __future__ import annotations

from typing import cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    print_ast,
)

from gateway_graphql.planning.variables import variables_in

__all__ = ["introspection_part"]


def introspection_part(document: DocumentNode, operation: OperationDefinitionNode) -> DocumentNode | None:
    """The document with only ``__schema`` and ``__type`` left of the operation; ``None`` if it asks for neither."""
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    kept = _kept(operation.selection_set, fragments)
    if not kept:
        return None
    alone = OperationDefinitionNode(
        operation=operation.operation,
        name=operation.name,
        variable_definitions=(),
        directives=(),
        selection_set=SelectionSetNode(selections=kept),
    )
    used = variables_in(print_ast(DocumentNode(definitions=(alone, *fragments.values()))))
    alone = OperationDefinitionNode(
        operation=operation.operation,
        name=operation.name,
        variable_definitions=tuple(
            one for one in operation.variable_definitions or () if one.variable.name.value in used
        ),
        directives=(),
        selection_set=SelectionSetNode(selections=kept),
    )
    return DocumentNode(definitions=(alone, *fragments.values()))


def _kept(selections: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode]) -> tuple[SelectionNode, ...]:
    kept: list[SelectionNode] = []
    for selection in selections.selections:
        if isinstance(selection, FieldNode):
            if selection.name.value in ("__schema", "__type"):
                kept.append(selection)
            continue
        within: InlineFragmentNode | FragmentDefinitionNode
        if isinstance(selection, InlineFragmentNode):
            within = selection
        else:
            within = fragments[cast(FragmentSpreadNode, selection).name.value]
        if below := _kept(within.selection_set, fragments):
            kept.append(
                InlineFragmentNode(
                    type_condition=None,
                    directives=tuple(one for one in selection.directives or () if one.name.value != "defer"),
                    selection_set=SelectionSetNode(selections=below),
                )
            )
    return tuple(kept)
