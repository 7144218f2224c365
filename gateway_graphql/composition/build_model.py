"""
From syntax to the model: one record per type, with the names that the specifications have for their directives.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from graphql import (
    ConstDirectiveNode,
    ConstValueNode,
    DefinitionNode,
    DirectiveDefinitionNode,
    EnumTypeDefinitionNode,
    EnumTypeExtensionNode,
    EnumValueDefinitionNode,
    EnumValueNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputObjectTypeExtensionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    InterfaceTypeExtensionNode,
    ListValueNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    ScalarTypeDefinitionNode,
    ScalarTypeExtensionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    StringValueNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    UnionTypeDefinitionNode,
    UnionTypeExtensionNode,
    print_ast,
)

from gateway_graphql.composition.link import Links
from gateway_graphql.composition.model import (
    BUILT_IN_DIRECTIVES,
    Applied,
    ArgumentModel,
    DirectiveModel,
    EnumValueModel,
    FieldModel,
    SchemaModel,
    TypeModel,
)

__all__ = ["DEFINITION_OF", "ROOTS", "ModelBuilder"]

ROOTS = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}

DEFINITION_OF: dict[type[TypeExtensionNode], type[TypeDefinitionNode]] = {
    ObjectTypeExtensionNode: ObjectTypeDefinitionNode,
    InterfaceTypeExtensionNode: InterfaceTypeDefinitionNode,
    UnionTypeExtensionNode: UnionTypeDefinitionNode,
    EnumTypeExtensionNode: EnumTypeDefinitionNode,
    InputObjectTypeExtensionNode: InputObjectTypeDefinitionNode,
    ScalarTypeExtensionNode: ScalarTypeDefinitionNode,
}
_KIND_OF: dict[type[TypeDefinitionNode], str] = {
    ObjectTypeDefinitionNode: "object",
    InterfaceTypeDefinitionNode: "interface",
    UnionTypeDefinitionNode: "union",
    EnumTypeDefinitionNode: "enum",
    InputObjectTypeDefinitionNode: "input",
    ScalarTypeDefinitionNode: "scalar",
}


class ModelBuilder:
    """Builds the model of one subgraph, whose links are resolved and whose syntax is valid."""

    def __init__(self, links: Links, roots: Mapping[str, str], extended: set[str]) -> None:
        self.links = links
        self.known = links.directives()
        self.roots = roots
        """operation → the name of its root in the subgraph"""
        self.extended = extended
        """types that are only extended, although a definition was made of it"""
        self.used: dict[str, str] = {}
        """directives of specifications that are applied somewhere → what they are called"""
        self._root_names = {
            actual: ROOTS[operation] for operation, actual in roots.items() if actual != ROOTS[operation]
        }

    def build(self, definitions: Sequence[DefinitionNode]) -> SchemaModel:
        """Put all blocks of a type together, and give every directive the name that its specification has for it."""
        schema = SchemaModel()
        schema.roots = dict(self.roots)
        for node in definitions:
            if isinstance(node, DirectiveDefinitionNode):
                schema.definitions[node.name.value] = self._directive_definition(node)
            elif isinstance(node, SchemaDefinitionNode | SchemaExtensionNode):
                schema.directives += self._applied(node.directives)
                if isinstance(node, SchemaDefinitionNode) and node.description is not None:
                    schema.description = node.description.value
            elif isinstance(node, TypeDefinitionNode | TypeExtensionNode):
                self._add_type(schema, node)
        # Every subgraph can be entered again through its entities, so every one has a query root.
        schema.types.setdefault("Query", TypeModel("Query", "object"))
        return schema

    def _add_type(self, schema: SchemaModel, node: TypeDefinitionNode | TypeExtensionNode) -> None:
        extension = isinstance(node, TypeExtensionNode) or node.name.value in self.extended
        kind = _KIND_OF[DEFINITION_OF[type(node)] if isinstance(node, TypeExtensionNode) else type(node)]
        name = self._name(node.name.value)
        directives = self._applied(node.directives)
        marked_extends = any(a.known and a.name == "extends" for a in directives)
        directives = [a for a in directives if not (a.known and a.name == "extends")]
        block = TypeModel(name, kind, directives=directives)
        if isinstance(
            node,
            ObjectTypeDefinitionNode
            | ObjectTypeExtensionNode
            | InterfaceTypeDefinitionNode
            | InterfaceTypeExtensionNode,
        ):
            block.interfaces = [i.name.value for i in node.interfaces or ()]
        if isinstance(node, UnionTypeDefinitionNode | UnionTypeExtensionNode):
            block.members = [self._name(m.name.value) for m in node.types or ()]
        elif isinstance(node, EnumTypeDefinitionNode | EnumTypeExtensionNode):
            block.values = {v.name.value: self._enum_value(v) for v in node.values or ()}
        elif isinstance(
            node,
            ObjectTypeDefinitionNode
            | ObjectTypeExtensionNode
            | InterfaceTypeDefinitionNode
            | InterfaceTypeExtensionNode
            | InputObjectTypeDefinitionNode
            | InputObjectTypeExtensionNode,
        ):
            block.fields = {f.name.value: self._field(f) for f in node.fields or ()}
        description = getattr(node, "description", None)
        block.description = description.value if description else None
        of_extension = extension or marked_extends
        # Since Federation 2, ``@extends`` on a type that is written in full does not mean that another one owns it.
        extended = of_extension if self.links.federation is None else extension
        for applied in block.directives:
            # In Federation 1 nobody could do without ``extend type``, so there it says nothing.
            applied.of_extension = marked_extends or (of_extension and self.links.federation is not None)
        self._push_down(block)
        if node.name.value in self._root_names.values():
            # It is called like a root and cannot stay, so nobody looks for a use of its fields.
            for field in block.fields.values():
                field.drop("external")
        known = schema.types.get(name)
        if known is None:
            block.extension_only, block.only_extended = extended, extension
            schema.types[name] = block
            return
        known.extension_only = known.extension_only and extended
        known.only_extended = known.only_extended and extension
        known.directives += block.directives
        known.interfaces += [i for i in block.interfaces if i not in known.interfaces]
        known.fields |= block.fields
        known.members += [m for m in block.members if m not in known.members]
        known.values |= block.values
        if known.description is None:
            known.description = block.description

    def _push_down(self, block: TypeModel) -> None:
        """``@shareable`` and ``@external`` on a type are meant for each field of that block."""
        if block.kind != "object":
            return
        for name in ("shareable", "external"):
            if not block.has(name):
                continue
            if name == "external" and self.links.federation is None:
                block.drop(name)
                continue
            for field in block.fields.values():
                # Repeated on one block, it is a mistake that a rule will find on its fields.
                field.directives += [Applied(name, of_type=True)] * (len(block.all(name)) - field.has(name))
        if block.name != "Query":
            block.drop("external")  # see ``externals_are_used`` about what a query root has besides

    def _field(self, node: FieldDefinitionNode | InputValueDefinitionNode) -> FieldModel:
        field = FieldModel(node.name.value, self._type(print_ast(node.type)), directives=self._applied(node.directives))
        field.description = node.description.value if node.description else None
        if isinstance(node, FieldDefinitionNode):
            field.arguments = {a.name.value: self._argument(a) for a in node.arguments or ()}
        else:
            field.default = node.default_value
        return field

    def _argument(self, node: InputValueDefinitionNode) -> ArgumentModel:
        return ArgumentModel(
            node.name.value,
            self._type(print_ast(node.type)),
            node.default_value,
            directives=self._applied(node.directives),
            description=node.description.value if node.description else None,
        )

    def _enum_value(self, node: EnumValueDefinitionNode) -> EnumValueModel:
        return EnumValueModel(
            node.name.value,
            directives=self._applied(node.directives),
            description=node.description.value if node.description else None,
        )

    def _directive_definition(self, node: DirectiveDefinitionNode) -> DirectiveModel:
        return DirectiveModel(
            node.name.value,
            {a.name.value: self._argument(a) for a in node.arguments or ()},
            tuple(location.value for location in node.locations),
            node.repeatable,
            description=node.description.value if node.description else None,
        )

    def _applied(self, nodes: Sequence[ConstDirectiveNode] | None) -> list[Applied]:
        applied = []
        for node in nodes or ():
            local = node.name.value
            link = local == self.links.link_directive and not self.links.of_its_own
            known = local in self.known or local in BUILT_IN_DIRECTIVES or link
            if local in self.known:
                self.used.setdefault(self.known[local], local)
            name = "link" if link else self.known.get(local, local)
            arguments = {a.name.value: a.value for a in node.arguments or ()}
            written = arguments.get("fields")
            if self.links.federation is None and name in ("key", "requires", "provides") and written is not None:
                arguments["fields"] = _as_string(written)
            applied.append(Applied(name, arguments, known, rewritten=arguments.get("fields") is not written))
        return applied

    def _name(self, name: str) -> str:
        return self._root_names.get(name, name)

    def _type(self, type_: str) -> str:
        if not self._root_names:
            return type_
        return re.sub(r"\w+", lambda match: self._name(match[0]), type_)


def _as_string(value: ConstValueNode) -> ConstValueNode:
    """Federation 1 accepted ``fields: ["id", "email"]`` and ``fields: id``."""
    match value:
        case EnumValueNode(value=name):
            return StringValueNode(value=name)
        case ListValueNode(values=items):
            parts = [i.value for i in items if isinstance(i, StringValueNode | EnumValueNode)]
            return StringValueNode(value=" ".join(parts)) if len(parts) == len(items) else value
        case _:
            return value
