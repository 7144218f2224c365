"""Operations drawn for any schema, simple enough for every planner: fragments and aliases, no variables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random

from graphql import (
    REMOVE,
    DirectiveNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    VisitorAction,
    get_named_type,
    is_required_argument,
    is_required_input_field,
    parse,
    print_ast,
    validate,
    visit,
)

from tests.peers.composition.mutate.nodes import walk

__all__ = ["draw_operations", "unconditional"]

MOST_FIELDS = 30
Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType


def draw_operations(schema: GraphQLSchema, chance: Random, count: int) -> Iterator[str]:
    """About so many valid queries and mutations; those whose aliases clash are left out."""
    roots = [("query", schema.query_type), ("mutation", schema.mutation_type)]
    for _ in range(count):
        kind, root = roots[0] if roots[1][1] is None or chance.random() < 0.85 else roots[1]
        assert root
        text = f"{kind} {_Writer(schema, chance).selection(root, chance.randint(2, 6))}"
        if not validate(schema, parse(text)):
            yield text


def unconditional(text: str) -> str:
    """The operation without ``@skip`` and ``@include``, whose plan is the same whatever the variables are."""
    document = visit(parse(text), _Conditions())
    uses = Counter(one.name.value for one, _ in walk(document) if isinstance(one, VariableNode))
    return print_ast(visit(document, _Unused({name for name, count in uses.items() if count == 1})))


class _Conditions(Visitor):
    def enter_directive(self, node: DirectiveNode, *_: object) -> VisitorAction:
        return REMOVE if node.name.value in ("skip", "include") else None


class _Unused(Visitor):
    def __init__(self, names: set[str]) -> None:
        super().__init__()
        self.names = names

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: object) -> VisitorAction:
        return REMOVE if node.variable.name.value in self.names else None


class _Writer:
    def __init__(self, schema: GraphQLSchema, chance: Random) -> None:
        self.schema = schema
        self.chance = chance
        self.left = MOST_FIELDS

    def selection(self, type_: Composite, depth: int) -> str:
        """A selection set of an object, an interface or a union."""
        parts = [self._part(type_, depth) for _ in range(self.chance.randint(1, 5)) if self.left > 0]
        return f"{{ {' '.join(parts) or '__typename'} }}"

    def _part(self, type_: Composite, depth: int) -> str:
        self.left -= 1
        chance = self.chance
        within = [
            one
            for one in self.schema.type_map.values()
            if isinstance(one, Composite) and one is not type_ and self._meet(one, type_)
        ]
        if depth > 0 and within and chance.random() < 0.35:
            return f"... on {(on := chance.choice(within)).name} {self.selection(on, depth - 1)}"
        fields = list(type_.fields.items()) if not isinstance(type_, GraphQLUnionType) else []
        usable = [
            (name, one) for name, one in fields if depth > 0 or not isinstance(get_named_type(one.type), Composite)
        ]
        if not usable or chance.random() < 0.05:
            return "__typename"
        name, field = chance.choice(usable)
        given = ", ".join(
            f"{key}: {self._value(one.type)}"
            for key, one in field.args.items()
            if is_required_argument(one) or chance.random() < 0.3
        )
        alias = f"{chance.choice('xyz')}: " if chance.random() < 0.15 else ""
        of = get_named_type(field.type)
        below = f" {self.selection(of, depth - 1)}" if isinstance(of, Composite) else ""
        return f"{alias}{name}{f'({given})' if given else ''}{below}"

    def _meet(self, one: Composite, other: Composite) -> bool:
        return bool(self._possible(one) & self._possible(other))

    def _possible(self, type_: Composite) -> set[str]:
        if isinstance(type_, GraphQLObjectType):
            return {type_.name}
        return {one.name for one in self.schema.get_possible_types(type_)}

    def _value(self, type_: GraphQLInputType) -> str:
        if isinstance(type_, GraphQLNonNull):
            return self._value(type_.of_type)
        if isinstance(type_, GraphQLList):
            return f"[{self._value(type_.of_type)}]"
        if isinstance(type_, GraphQLEnumType):
            return self.chance.choice(list(type_.values))
        if isinstance(type_, GraphQLInputObjectType):
            fields = type_.fields.items()
            given = (f"{key}: {self._value(one.type)}" for key, one in fields if is_required_input_field(one))
            return f"{{{', '.join(given)}}}"
        return {"Int": "1", "Float": "1.5", "Boolean": "true"}.get(type_.name, '"a"')
