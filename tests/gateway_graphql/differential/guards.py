"""Fields that the caller may not see: to the monolith, they fail."""

from __future__ import annotations

from graphql import (
    ConstDirectiveNode,
    FieldDefinitionNode,
    NameNode,
    ObjectTypeDefinitionNode,
    Visitor,
    parse,
    print_ast,
    visit,
)

from tests.gateway_graphql.differential.drawing import Draw
from tests.gateway_graphql.differential.monolith import Monolith

__all__ = ["draw_guards", "guarded"]

LINK = 'schema @link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)'
DEFINITION = "directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM"

Place = tuple[str, str]


def draw_guards(draw: Draw, schema: Monolith) -> frozenset[Place]:
    """(object type, field) of some fields; often of none."""
    if not draw.chance(0.4):
        return frozenset()
    places = [(type_.name, name) for type_ in schema.types.values() if type_.is_object for name in type_.fields]
    return frozenset(draw.some(places, draw.one([0.15, 0.4])))


def guarded(supergraph_sdl: str, places: frozenset[Place]) -> str:
    """The supergraph with ``@authenticated`` on these fields."""

    class Guard(Visitor):
        type_name = ""

        def enter_object_type_definition(self, node: ObjectTypeDefinitionNode, *_: object) -> None:
            self.type_name = node.name.value

        def enter_field_definition(self, node: FieldDefinitionNode, *_: object) -> FieldDefinitionNode | None:
            if (self.type_name, node.name.value) not in places:
                return None
            guard = ConstDirectiveNode(name=NameNode(value="authenticated"))
            return FieldDefinitionNode(
                name=node.name,
                description=node.description,
                arguments=node.arguments,
                type=node.type,
                directives=(*(node.directives or ()), guard),
            )

        def leave_object_type_definition(self, *_: object) -> None:
            self.type_name = ""

    document = visit(parse(supergraph_sdl), Guard())
    return print_ast(document).replace("schema @link", f"{LINK} @link", 1) + f"\n\n{DEFINITION}\n"
