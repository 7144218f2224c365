"""What the specifications define, under the names that things have in one subgraph, and how a definition may differ."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from typing import cast

from graphql import (
    DefinitionNode,
    DirectiveDefinitionNode,
    EnumTypeDefinitionNode,
    InputObjectTypeDefinitionNode,
    ListTypeNode,
    NonNullTypeNode,
    ScalarTypeDefinitionNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    TypeNode,
    parse,
    print_ast,
)

from gateway_graphql.composition.connectors import connector_definitions, connector_types
from gateway_graphql.composition.link import UPGRADED_TO, Links
from gateway_graphql.composition.model import Applied, DirectiveModel, TypeModel, plain
from gateway_graphql.composition.specs import (
    CONNECT,
    FEDERATION,
    FEDERATION_1,
    FEDERATION_IDENTITY,
    FEDERATION_SCALARS,
    directive_at,
)

__all__ = ["Definitions"]


class Definitions:
    """The definitions behind the links of a subgraph."""

    def __init__(self, links: Links, scalars: set[str]) -> None:
        """
        :param scalars: those that the subgraph defines
        """
        self.links = links
        self.known = links.directives()
        self.types = links.types()
        self.scalars = scalars
        self.own: dict[str, DirectiveDefinitionNode] = {}
        """as the subgraph brings them along"""

    def is_of_old(self, node: DirectiveDefinitionNode) -> bool:
        """Whether it is one of the definitions that libraries of Federation 1 wrote, and that never did any harm."""
        name = self.known.get(node.name.value)
        if self.links.federation is not None or name not in ("key", "requires", "provides"):
            return False
        given = {a.name.value: a for a in node.arguments or ()}
        return not given or (
            given.keys() == {"fields"} and print_ast(given["fields"].type) in ("String", "_FieldSet", "FieldSet")
        )

    def is_of_later(self, name: str) -> bool:
        """Whether it is called like a type that the linked version of federation does not have yet."""
        version = self.links.version() or UPGRADED_TO
        return any(local == name and FEDERATION_SCALARS.get(n, version) > version for n, local in self.types.items())

    def type_fits(self, node: TypeDefinitionNode | TypeExtensionNode) -> bool:
        """Whether a definition of one of the specifications' types says the same."""
        name = node.name.value
        if name == self.links.link_types()[0]:
            return isinstance(node, EnumTypeDefinitionNode) and (
                {value.name.value for value in node.values or ()} == {"SECURITY", "EXECUTION"}
            )
        if connector_types(self.types).get(name, TypeModel("", "scalar")).kind == "input":
            return isinstance(node, InputObjectTypeDefinitionNode | TypeExtensionNode)
        return isinstance(node, ScalarTypeDefinitionNode | TypeExtensionNode)

    def wrong_about(self, node: DirectiveDefinitionNode) -> list[str]:
        """How a definition differs from that of the specification."""
        given = {a.name.value: a for a in node.arguments or ()}
        expected = self.expected(node.name.value)
        wanted = {a.name.value: a for a in expected.arguments or ()}
        wrong: list[str] = [f'it has no argument "{argument}"' for argument in given if argument not in wanted]
        for argument, definition in wanted.items():
            type_ = print_ast(definition.type)
            if argument not in given:
                if type_.endswith("!"):
                    wrong.append(f'the argument "{argument}" is missing')
            elif not self._same_type(given[argument].type, definition.type):
                wrong.append(f'the argument "{argument}" must be of the type "{type_}"')
            elif not isinstance(given[argument].type, NonNullTypeNode) and (
                plain(given[argument].default_value) != plain(definition.default_value)
            ):
                shown = print_ast(definition.default_value) if definition.default_value else "none"
                wrong.append(f'the default value of the argument "{argument}" must be {shown}')
        locations = [location.value for location in expected.locations]
        wrong += [f"it may not be used on {lo.value}" for lo in node.locations if lo.value not in locations]
        if node.repeatable and not expected.repeatable:
            wrong.append("it is not repeatable")
        return wrong

    def _same_type(self, given: TypeNode, expected: TypeNode) -> bool:
        """Whether a type means the same: where a specification has a scalar of its own, any other kind of type will do."""
        if isinstance(given, NonNullTypeNode) and not isinstance(expected, NonNullTypeNode):
            given = given.type
        while isinstance(expected, NonNullTypeNode | ListTypeNode):
            if not isinstance(given, type(expected)):
                return False
            given, expected = given.type, expected.type
        own = (*self.types.values(), self.links.link_types()[1])
        name = print_ast(given)
        return name == print_ast(expected) or (print_ast(expected) in own and name not in self.scalars)

    def argument_types(self, applied: Applied, own: Mapping[str, DirectiveModel]) -> dict[str, str]:
        """The type of each argument of an applied directive; ``own`` are the directives of the subgraph alone."""
        if applied.known and (applied.name in ("link", *FEDERATION, *CONNECT)):
            local = next((n for n, name in self.known.items() if name == applied.name), self.links.link_directive)
            return {a.name.value: print_ast(a.type) for a in self.expected(local, as_given=True).arguments or ()}
        if applied.name in own:
            return {a.name: a.type for a in own[applied.name].arguments.values()}
        return {"reason": "String", "url": "String!"}

    def expected(self, local: str, *, as_given: bool = False) -> DirectiveDefinitionNode:
        """The definition of a specification's directive, with the names that things have here."""
        if as_given and local in self.own:
            return self.own[local]
        if local == self.links.link_directive:
            purpose, imports = self.links.link_types()
            text = (
                f"directive @{local}(url: String, feature: String, as: String, for: {purpose}, import: [{imports}])"
                " repeatable on SCHEMA"
            )
        else:
            name = self.known[local]
            version = self.links.version() or (None if name in FEDERATION_1 else UPGRADED_TO)
            text = directive_at(name, version).definition(local)
            for type_, local_type in self.types.items():
                text = re.sub(rf"\b{type_}\b", local_type, text)
        return cast(DirectiveDefinitionNode, parse(text, no_location=True).definitions[0])

    def of_others(self) -> set[str]:
        """The directives that are linked from specifications of their own, and not from that of federation."""
        others = [link for link in self.links.links if link.identity != FEDERATION_IDENTITY]
        return {local for local in self.known if any(link.element(f"@{local}") for link in others)}

    def all(self, without: Container[str] = ()) -> Iterable[DefinitionNode]:
        """Every definition that the subgraph may use without having it."""
        purpose, imports = self.links.link_types()
        scalars = {self.types[name] for name in FEDERATION_SCALARS} | {imports}
        yield from parse(
            "\n".join([*(f"scalar {name}" for name in sorted(scalars)), f"enum {purpose} {{ SECURITY EXECUTION }}"]),
            no_location=True,
        ).definitions
        if "JSONSelection" in self.types:
            yield from parse(connector_definitions(self.types), no_location=True).definitions
        for local in self.known:
            if local in self.own or local not in without:
                yield self.expected(local, as_given=True)
        if not self.links.of_its_own:
            yield self.expected(self.links.link_directive, as_given=True)
