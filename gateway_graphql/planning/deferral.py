"""
What may come later: ``@defer`` in an operation.

Every fragment with an active ``@defer`` is a block. Planning is for the whole operation; each need knows the blocks
that want it (``INITIAL`` is the answer itself), and a request that only blocks want is theirs. The answer is cut by
shapes: one without the blocks, and one for each place where a block stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    VariableNode,
    Visitor,
    visit,
)

from gateway_graphql.planning.conditions import ALWAYS, NEVER, Condition, both, condition_of
from gateway_graphql.planning.normalize import Normalizer, arguments_of
from gateway_graphql.planning.operation import INITIAL, Need
from gateway_graphql.planning.plan import Deferred, Step
from gateway_graphql.planning.shape import shape_of
from gateway_graphql.planning.slots import Scope

__all__ = ["blocks_of", "with_active_defers"]


def with_active_defers(
    document: DocumentNode, operation: OperationDefinitionNode, given: Mapping[str, bool] | None
) -> DocumentNode:
    """
    The document with only those ``@defer`` that count, all of them unconditional now.

    ``given``: the values of boolean variables; ``None``: the client does not want anything later.
    """
    values = dict(given or {})
    for one in operation.variable_definitions or ():
        if isinstance(one.default_value, BooleanValueNode):
            values.setdefault(one.variable.name.value, one.default_value.value)

    class Strip(Visitor):
        def enter_directive(self, node: DirectiveNode, *_: Any) -> Any:
            if node.name.value != "defer":
                return None
            condition = next((one.value for one in node.arguments or () if one.name.value == "if"), None)
            active = given is not None
            if isinstance(condition, BooleanValueNode):
                active = active and condition.value
            elif isinstance(condition, VariableNode):
                active = active and values.get(condition.name.value, True)
            if not active:
                return self.REMOVE
            kept = tuple(one for one in node.arguments or () if one.name.value != "if")
            return DirectiveNode(name=node.name, arguments=kept)

    return cast(DocumentNode, visit(document, Strip()))


def blocks_of(
    normalizer: Normalizer, scope: Scope, schema: GraphQLSchema, type_name: str, selections: SelectionSetNode
) -> tuple[Deferred, ...]:
    """Every place where a block stands, in the order of the operation."""
    finder = _Finder(normalizer, schema)
    finder.walk(selections, type_name, finder.visible(type_name), scope, (), INITIAL, ALWAYS)
    return tuple(finder.found)


class _Finder:
    def __init__(self, normalizer: Normalizer, schema: GraphQLSchema) -> None:
        self.normalizer = normalizer
        self.graph = normalizer.supergraph
        self.schema = schema
        self.found: list[Deferred] = []

    def visible(self, type_name: str) -> frozenset[str]:
        return frozenset(
            name for name in self.graph.possible_types(type_name) if not self.graph.types[name].inaccessible
        )

    def walk(
        self,
        selections: SelectionSetNode,
        type_name: str,
        types: frozenset[str],
        scope: Scope,
        path: tuple[Step, ...],
        block: int,
        condition: Condition,
    ) -> None:
        for selection in selections.selections:
            wanted = both(condition, condition_of(selection.directives))
            if wanted == NEVER:
                continue
            if isinstance(selection, FieldNode):
                if selection.selection_set and not selection.name.value.startswith("__"):
                    self._field(selection, selection.selection_set, type_name, types, scope, path, block, wanted)
                continue
            within: InlineFragmentNode | FragmentDefinitionNode
            if isinstance(selection, InlineFragmentNode):
                within = selection
            else:
                within = self.normalizer.fragments[cast(FragmentSpreadNode, selection).name.value]
            narrowed = types
            if within.type_condition:
                narrowed = types & frozenset(self.graph.possible_types(within.type_condition.name.value))
            if not narrowed:
                continue
            here = self.normalizer.block_of(selection, block)
            if here != block:
                position = self.normalizer.deferred(type_name, narrowed, within.selection_set, wanted)
                shape = shape_of(position, scope, self.graph, self.schema)
                self.found.append(Deferred(here, block, _label(selection), path, wanted, shape))
            self.walk(within.selection_set, type_name, narrowed, scope, path, here, wanted)

    def _field(
        self,
        node: FieldNode,
        below_it: SelectionSetNode,
        type_name: str,
        types: frozenset[str],
        scope: Scope,
        path: tuple[Step, ...],
        block: int,
        condition: Condition,
    ) -> None:
        key = node.alias.value if node.alias else node.name.value
        arguments, text = arguments_of(node)
        need = Need(key, node.name.value, arguments, text, condition, None)
        below: dict[tuple[str, str], set[str]] = {}
        for name in sorted(types):
            field = self.graph.types[name].fields[node.name.value]
            below.setdefault((scope.slot_below(name, need), field.type_name), set()).add(name)
        everyone = types == self.visible(type_name) and len(below) == 1
        for (slot, child), names in below.items():
            step = Step(slot, None if everyone else frozenset(names))
            self.walk(
                below_it,
                child,
                self.visible(child),
                scope.child(slot, key),
                (*path, step),
                block,
                condition,
            )


def _label(selection: Any) -> str | None:
    for directive in selection.directives or ():
        if directive.name.value == "defer":
            for argument in directive.arguments or ():
                if argument.name.value == "label" and isinstance(argument.value, StringValueNode):
                    return argument.value.value
    return None
