"""
Validates an operation by the rules of graphql-core, in one walk that calls only the rules that have a say at a place.

The library asks every rule at every node whether it wants to hear of it, and leaves behind hundreds of objects that only the
garbage collector can free. Rules, messages and their order are the library's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graphql import (
    ASTValidationRule,
    DeferStreamDirectiveLabel,
    DeferStreamDirectiveOnRootField,
    DeferStreamDirectiveOnValidOperationsRule,
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    KnownDirectivesRule,
    Node,
    NoFragmentCyclesRule,
    NoUndefinedVariablesRule,
    NoUnusedFragmentsRule,
    NoUnusedVariablesRule,
    OperationDefinitionNode,
    StreamDirectiveOnListField,
    TypeInfo,
    UniqueDirectivesPerLocationRule,
    UniqueFragmentNamesRule,
    ValidationContext,
    VariablesInAllowedPositionRule,
    Visitor,
    assert_valid_schema,
)
from graphql.language.ast import QUERY_DOCUMENT_KEYS
from graphql.language.visitor import SKIP
from graphql.validation.validation_context import VariableUsage, VariableUsageVisitor

__all__ = ["Validator"]

NEEDS: dict[str, set[type[ASTValidationRule]]] = {
    "$": {NoUndefinedVariablesRule, NoUnusedVariablesRule, VariablesInAllowedPositionRule},
    "@": {
        KnownDirectivesRule,
        UniqueDirectivesPerLocationRule,
        DeferStreamDirectiveLabel,
        DeferStreamDirectiveOnRootField,
        DeferStreamDirectiveOnValidOperationsRule,
        StreamDirectiveOnListField,
    },
    "fragment": {UniqueFragmentNamesRule, NoUnusedFragmentsRule, NoFragmentCyclesRule},
}
"""what must stand in a document for rules to have a say; many of them begin with a walk of their own, or are asked everywhere"""
MOST_ERRORS = 100
Call = Callable[..., Any]
Calls = tuple[tuple[int, Call], ...]


class Validator:
    """The rules for the documents of one schema."""

    def __init__(
        self, schema: GraphQLSchema, rules: Sequence[type[ASTValidationRule]], *, suggestions: bool = True
    ) -> None:
        """``suggestions``: whether a mistake with a name is told with names that are there."""
        assert_valid_schema(schema)
        self._schema = schema
        self._hide_suggestions = not suggestions
        self._rules = list(rules)
        self._chosen: dict[tuple[str, ...], _Rules] = {}

    def errors(self, document: DocumentNode) -> list[GraphQLError]:
        """What is wrong with it; no more than a hundred mistakes. A ``RecursionError`` says that it is nested too deeply."""
        found: list[GraphQLError] = []

        def tell(error: GraphQLError) -> None:
            if len(found) >= MOST_ERRORS:
                raise _Enough
            found.append(error)

        chosen = self._with_a_say(document)
        type_info = TypeInfo(self._schema)
        context = _Context(self._schema, document, type_info, tell, self._hide_suggestions)
        rules = [rule(context) for rule in chosen.rules]
        walk = _Walk(rules, chosen, type_info)
        try:
            walk.through(document, None, None)
        except _Enough:
            found.append(GraphQLError("Too many validation errors, error limit reached. Validation aborted."))
        finally:
            # They know one another in circles: apart, they are gone at once.
            for one in (*rules, context, type_info, walk):
                vars(one).clear()
        return found

    def _with_a_say(self, document: DocumentNode) -> _Rules:
        """The rules that may find something in the document, by what stands in its text."""
        absent = tuple(mark for mark in NEEDS if mark not in document.loc.source.body) if document.loc else ()
        chosen = self._chosen.get(absent)
        if chosen is None:
            silent = {rule for mark in absent for rule in NEEDS[mark]}
            chosen = self._chosen[absent] = _Rules([one for one in self._rules if one not in silent])
        return chosen


class _Enough(Exception):
    pass


class _Context(ValidationContext):
    """What the rules ask. Variables, too, are looked for without leaving circles behind."""

    def get_variable_usages(self, node: OperationDefinitionNode | FragmentDefinitionNode) -> list[VariableUsage]:
        """Where this operation or fragment uses variables."""
        usages = self._variable_usages.get(node)
        if usages is None:
            visitor = VariableUsageVisitor(self._type_info, node if isinstance(node, FragmentDefinitionNode) else None)
            walk = _Walk([visitor], _USAGES, self._type_info)
            walk.through(node, None, None)
            usages = self._variable_usages[node] = visitor.usages
            vars(visitor).clear()
            vars(walk).clear()
        return usages


class _Rules:
    """Rules, and which of them have a method for nodes of a kind, with its names for entering and leaving."""

    def __init__(self, rules: Sequence[type[Any]]) -> None:
        self.rules = rules
        self._with_a_say: dict[str, tuple[tuple[int, str | None, str | None], ...]] = {}

    def with_a_say(self, kind: str) -> tuple[tuple[int, str | None, str | None], ...]:
        """The number of each rule, and the names of its methods."""
        found = self._with_a_say.get(kind)
        if found is None:
            every = (
                (at, _method(one, "enter", kind), _method(one, "leave", kind)) for at, one in enumerate(self.rules)
            )
            found = self._with_a_say[kind] = tuple(one for one in every if one[1] or one[2])
        return found


def _method(rule: type[Visitor], when: str, kind: str) -> str | None:
    return next((name for name in (f"{when}_{kind}", when) if getattr(rule, name, None)), None)


_USAGES = _Rules([VariableUsageVisitor])


class _Walk:
    """One walk through a document."""

    def __init__(
        self,
        rules: Sequence[Visitor],
        chosen: _Rules,
        type_info: TypeInfo,
    ) -> None:
        self._rules = rules
        self._chosen = chosen
        self._type_info = type_info
        self._calls: dict[str, tuple[Call | None, Calls, Calls, Call | None, tuple[str, ...]]] = {}
        self._passed_over: list[Node | None] = [None] * len(rules)
        """for each rule, the node below which it wants to hear of nothing"""
        self._ancestors: list[Any] = []

    def through(self, node: Node, key: str | int | None, parent: Any) -> None:
        """Tell the rules of this node and of all that is below it."""
        kind = node.kind
        calls = self._calls.get(kind)
        if calls is None:
            calls = self._calls[kind] = self._calls_for(kind)
        note_entering, enter, leave, note_leaving, below = calls
        passed_over, ancestors = self._passed_over, self._ancestors
        if note_entering is not None:
            note_entering(node)
        for number, call in enter:
            if passed_over[number] is None:
                said = call(node, key, parent, (), ancestors)
                if said is SKIP or said is False:
                    passed_over[number] = node
        if below:
            self._below(node, parent, below)
        for number, call in leave:
            if passed_over[number] is None:
                call(node, key, parent, (), ancestors)
        for number, _ in enter:
            if passed_over[number] is node:
                passed_over[number] = None
        if note_leaving is not None:
            note_leaving()

    def _below(self, node: Node, parent: Any, names: tuple[str, ...]) -> None:
        ancestors = self._ancestors
        if parent is not None:
            ancestors.append(parent)
        for name in names:
            child = getattr(node, name)
            if not child:
                continue
            if isinstance(child, Node):
                self.through(child, name, node)
                continue
            ancestors.append(node)
            for index, one in enumerate(child):
                self.through(one, index, child)
            ancestors.pop()
        if parent is not None:
            ancestors.pop()

    def _calls_for(self, kind: str) -> tuple[Call | None, Calls, Calls, Call | None, tuple[str, ...]]:
        said = self._chosen.with_a_say(kind)
        rules = self._rules
        return (
            getattr(self._type_info, f"enter_{kind}", None),
            tuple((number, getattr(rules[number], enter)) for number, enter, _ in said if enter),
            tuple((number, getattr(rules[number], leave)) for number, _, leave in said if leave),
            getattr(self._type_info, f"leave_{kind}", None),
            tuple(name for name in QUERY_DOCUMENT_KEYS.get(kind, ()) if name != "description"),
        )
