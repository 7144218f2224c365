"""
From the SDL of a subgraph to what composition works with.

Parse, resolve the links, complete the schema with the definitions that the specifications give, let graphql-core
validate the result, and only then build the model. Everything that is wrong is said at once; a subgraph that cannot
be read has no model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from graphql import (
    ConstDirectiveNode,
    ConstValueNode,
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    EnumTypeExtensionNode,
    EnumValueDefinitionNode,
    EnumValueNode,
    FieldDefinitionNode,
    GraphQLError,
    GraphQLSyntaxError,
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
    build_ast_schema,
    parse,
    print_ast,
    validate_schema,
)
from graphql.validation.specified_rules import specified_sdl_rules
from graphql.validation.validate import validate_sdl

from gateway_graphql.composition.diagnostics import Diagnostic
from gateway_graphql.composition.link import Links, read_links
from gateway_graphql.composition.model import (
    Applied,
    ArgumentModel,
    DirectiveModel,
    EnumValueModel,
    FieldModel,
    SchemaModel,
    TypeModel,
)
from gateway_graphql.composition.specs import FEDERATION
from gateway_graphql.composition.subgraph import ReadSubgraph, Subgraph
from gateway_graphql.composition.values import misfit

__all__ = ["read_subgraph"]

ROOTS = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}
BUILT_IN_SCALARS = {"Int", "Float", "String", "Boolean", "ID"}
BUILT_IN_DIRECTIVES = {"skip", "include", "deprecated", "specifiedBy", "oneOf"}
_ENTITY_TYPES = {"_Any", "_Entity", "_Service"}
_ENTITY_FIELDS = {"_entities", "_service"}

_DEFINITION_OF: dict[type[TypeExtensionNode], type[TypeDefinitionNode]] = {
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
# A subgraph without a query root is one; the other one is a mistake that other composers accept.
_TOLERATED = ("Query root type must be provided", "to include required field")
_FIELD_SET_SCALARS = {"FieldSet", "_FieldSet", "federation__FieldSet", "openfed__FieldSet"}


def read_subgraph(subgraph: Subgraph) -> tuple[ReadSubgraph | None, list[Diagnostic]]:
    """Understand one subgraph, or say why it cannot be understood."""
    try:
        document = parse(subgraph.sdl)
    except GraphQLSyntaxError as error:
        return None, [_invalid(subgraph.name, error)]
    links = read_links(subgraph.name, document)
    if links.problems:
        return None, links.problems
    try:
        return _Reader(subgraph, document, links).read()
    except GraphQLError as error:
        return None, [_invalid(subgraph.name, error)]


def _without_empty_query(definitions: list[DefinitionNode]) -> list[DefinitionNode]:
    """
    Forget a query root that nothing defines.

    A subgraph of entities or live subscriptions alone has only the federation's own query fields; libraries then print
    ``schema { query: Query }`` with no such type.
    """
    defined = {n.name.value for n in definitions if isinstance(n, TypeDefinitionNode | TypeExtensionNode)}
    kept = []
    for node in definitions:
        if isinstance(node, SchemaDefinitionNode | SchemaExtensionNode):
            roots = tuple(
                root
                for root in node.operation_types or ()
                if root.operation.value != "query" or root.type.name.value in defined
            )
            node = _with(node, operation_types=roots)
        kept.append(node)
    return kept


def _invalid(subgraph: str, error: GraphQLError) -> Diagnostic:
    place = "".join(f" (line {where.line}, column {where.column})" for where in (error.locations or ())[:1])
    return Diagnostic("INVALID_GRAPHQL", f"{error.message}{place}; correct the SDL", (subgraph,))


class _Reader:
    def __init__(self, subgraph: Subgraph, document: DocumentNode, links: Links) -> None:
        self.subgraph = subgraph
        self.links = links
        self.known = links.directives()
        self.problems: list[Diagnostic] = []
        self.used: dict[str, str] = {}
        self.definitions = self._without_federation(document.definitions)
        self.renamed_roots = self._roots()

    def read(self) -> tuple[ReadSubgraph | None, list[Diagnostic]]:
        if not self.problems:  # what follows from a wrong definition is no news
            self._validate_sdl()
        self._check_roots()
        if self.problems:
            return None, self.problems
        self._validate_types()
        schema = self._model()
        self._check_values(schema)
        if self.problems:
            return None, self.problems
        read = ReadSubgraph(self.subgraph.name, self.subgraph.url, schema, self.links, self.used)
        return read, []

    # ------------------------------------------------------------------ before validation

    def _without_federation(self, definitions: Sequence[DefinitionNode]) -> list[DefinitionNode]:
        """Leave out what the specifications define; a subgraph may repeat it, and often does."""
        scalars = set(self.links.scalars().values()) | _FIELD_SET_SCALARS
        link_types = set(self.links.link_types())
        kept: list[DefinitionNode] = []
        for node in definitions:
            if isinstance(node, DirectiveDefinitionNode):
                name = node.name.value
                if name in self.known:
                    self._check_definition(node)
                elif name != self.links.link_directive:
                    kept.append(node)
                continue
            if isinstance(node, TypeDefinitionNode | TypeExtensionNode):
                name = node.name.value
                if name in _ENTITY_TYPES or name in scalars or name in link_types:
                    self._check_type_definition(node)
                    continue
                if isinstance(node, ObjectTypeDefinitionNode | ObjectTypeExtensionNode):
                    kept_fields = tuple(f for f in node.fields or () if f.name.value not in _ENTITY_FIELDS)
                    if len(kept_fields) != len(node.fields or ()):
                        if not kept_fields:
                            continue
                        node = _with(node, fields=kept_fields)
            kept.append(node)
        kept, self.extended = _extensions_with_a_base(_without_empty_query(kept))
        return kept

    def _check_type_definition(self, node: TypeDefinitionNode | TypeExtensionNode) -> None:
        name = node.name.value
        purpose = self.links.link_types()[0]
        if name == purpose and isinstance(node, EnumTypeDefinitionNode):
            fits = {value.name.value for value in node.values or ()} == {"SECURITY", "EXECUTION"}
        else:
            fits = isinstance(node, ScalarTypeDefinitionNode | TypeExtensionNode)
        if not fits and name not in _ENTITY_TYPES:
            self._problem(
                "TYPE_DEFINITION_INVALID",
                name,
                "this name belongs to the specification, which defines it differently; leave the definition out",
            )

    def _check_definition(self, node: DirectiveDefinitionNode) -> None:
        known = FEDERATION[self.known[node.name.value]]
        expected = known.argument_types()
        given = {a.name.value: a for a in node.arguments or ()}
        wrong: list[str] = [f'it has no argument "{name}"' for name in given if name not in expected]
        for name, type_ in expected.items():
            if name not in given:
                if type_.endswith("!"):
                    wrong.append(f'the argument "{name}" is missing')
            elif not _same_type(print_ast(given[name].type), type_):
                wrong.append(f'the argument "{name}" must be of the type "{type_}"')
        wrong += [
            f"it may not be used on {location.value}"
            for location in node.locations
            if location.value not in known.locations.split(" | ")
        ]
        if node.repeatable and not known.repeatable:
            wrong.append("it is not repeatable")
        for problem in wrong:
            self._problem(
                "DIRECTIVE_DEFINITION_INVALID",
                f"@{node.name.value}",
                f"{problem}; leave the definition out, it comes with the specification",
            )

    def _roots(self) -> dict[str, str]:
        roots = {}
        explicit = False
        for node in self.definitions:
            if isinstance(node, SchemaDefinitionNode | SchemaExtensionNode):
                for operation in node.operation_types or ():
                    explicit = explicit or isinstance(node, SchemaDefinitionNode)
                    roots[operation.operation.value] = operation.type.name.value
        if not explicit:
            names = {n.name.value for n in self.definitions if isinstance(n, TypeDefinitionNode)}
            for operation_name, default in ROOTS.items():
                if operation_name not in roots and default in names:
                    roots[operation_name] = default
        return roots

    def _check_roots(self) -> None:
        names = {n.name.value for n in self.definitions if isinstance(n, TypeDefinitionNode)}
        for operation, default in ROOTS.items():
            actual = self.renamed_roots.get(operation)
            if default in names and actual is not None and actual != default:
                self._problem(
                    f"ROOT_{operation.upper()}_USED",
                    default,
                    f'"{actual}" is the {operation} root here, so no other type may be called "{default}"; rename it',
                )

    # ------------------------------------------------------------------ validation

    def _validate_sdl(self) -> None:
        """Names that exist, once each; without that there is nothing to understand."""
        self.document = DocumentNode(definitions=(*self.definitions, *self._specification_definitions()))
        for error in validate_sdl(self.document, None, specified_sdl_rules):
            self.problems.append(_invalid(self.subgraph.name, error))

    def _validate_types(self) -> None:
        """Types that make sense: implementations that keep their promises, defaults that fit."""
        if not any(isinstance(n, TypeDefinitionNode) for n in self.definitions):
            return
        for error in validate_schema(build_ast_schema(self.document, assume_valid_sdl=True)):
            if not any(tolerated in error.message for tolerated in _TOLERATED):
                self.problems.append(_invalid(self.subgraph.name, error))

    def _check_values(self, schema: SchemaModel) -> None:
        """What directives are given must be of the types that they take; graphql-core leaves that to us."""
        for coordinate, element in schema.elements():
            for applied in element.directives:
                if applied.name in ("key", "requires", "provides", "link") and applied.known:
                    continue  # these have messages of their own
                if applied.known and applied.name in FEDERATION:
                    types = FEDERATION[applied.name].argument_types()
                elif applied.name in schema.definitions:
                    types = {a.name: a.type for a in schema.definitions[applied.name].arguments.values()}
                else:
                    types = {"reason": "String", "url": "String!"}
                for name, value in applied.arguments.items():
                    if name in types and (problem := misfit(schema, types[name], value)):
                        self._problem(
                            "INVALID_GRAPHQL", coordinate, f"{applied.text()}: {name}: {problem}; correct the value"
                        )

    def _specification_definitions(self) -> Iterable[DefinitionNode]:
        scalars = self.links.scalars()
        lines = [f"scalar {name}" for name in sorted(set(scalars.values()))]
        for local, name in self.known.items():
            definition = FEDERATION[name].definition(local)
            # Federation 1 graphs give lists and enum values here; what is wrong about it the rules say.
            for scalar, local_scalar in scalars.items():
                definition = re.sub(rf"\b{scalar}\b", local_scalar, definition)
            lines.append(definition)
        link, (purpose, imports) = self.links.link_directive, self.links.link_types()
        lines += [
            f"directive @{link}(url: String, feature: String, as: String, for: {purpose}, import: [{imports}])"
            " repeatable on SCHEMA",
            f"enum {purpose} {{ SECURITY EXECUTION }}",
            f"scalar {imports}",
        ]
        return parse("\n".join(lines), no_location=True).definitions

    # ------------------------------------------------------------------ model

    def _model(self) -> SchemaModel:
        schema = SchemaModel()
        self._root_names = {
            actual: ROOTS[operation] for operation, actual in self.renamed_roots.items() if actual != ROOTS[operation]
        }
        schema.roots = dict(self.renamed_roots)
        for node in self.definitions:
            if isinstance(node, DirectiveDefinitionNode):
                schema.definitions[node.name.value] = self._directive_definition(node)
            elif isinstance(node, SchemaDefinitionNode | SchemaExtensionNode):
                schema.directives += self._applied(node.directives)
                if isinstance(node, SchemaDefinitionNode) and node.description:
                    schema.description = node.description.value
            elif isinstance(node, TypeDefinitionNode | TypeExtensionNode):
                self._add_type(schema, node)
        # Every subgraph can be entered again through its entities, so every one has a query root.
        schema.types.setdefault("Query", TypeModel("Query", "object"))
        return schema

    def _add_type(self, schema: SchemaModel, node: TypeDefinitionNode | TypeExtensionNode) -> None:
        extension = isinstance(node, TypeExtensionNode) or node.name.value in self.extended
        kind = _KIND_OF[_DEFINITION_OF[type(node)] if isinstance(node, TypeExtensionNode) else type(node)]
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
        for applied in block.directives:
            # In Federation 1 nobody could do without ``extend type``, so there it says nothing.
            applied.of_extension = marked_extends or (of_extension and self.links.federation is not None)
        self._push_down(block)
        known = schema.types.get(name)
        if known is None:
            block.extension_only = of_extension
            schema.types[name] = block
            return
        known.extension_only = known.extension_only and of_extension
        known.directives += block.directives
        known.interfaces += [i for i in block.interfaces if i not in known.interfaces]
        known.fields |= block.fields
        known.members += [m for m in block.members if m not in known.members]
        known.values |= block.values
        known.description = known.description or block.description

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
                if not field.has(name):
                    field.directives.append(Applied(name))
        block.drop("external")

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
            known = local in self.known or local in BUILT_IN_DIRECTIVES or local == self.links.link_directive
            if local in self.known:
                self.used.setdefault(self.known[local], local)
            name = "link" if local == self.links.link_directive else self.known.get(local, local)
            arguments = {a.name.value: a.value for a in node.arguments or ()}
            if self.links.federation is None and name in ("key", "requires", "provides") and "fields" in arguments:
                arguments["fields"] = _as_string(arguments["fields"])
            applied.append(Applied(name, arguments, known))
        return applied

    def _name(self, name: str) -> str:
        return self._root_names.get(name, name)

    def _type(self, type_: str) -> str:
        if not self._root_names:
            return type_
        return re.sub(r"\w+", lambda match: self._name(match[0]), type_)

    def _problem(self, code: str, coordinate: str, message: str) -> None:
        self.problems.append(Diagnostic(code, message, (self.subgraph.name,), coordinate))


def _with(node: Any, into: type[Any] | None = None, **changes: object) -> Any:
    """A copy of a syntax node with some parts changed, or as a node of another class."""
    values = {key: getattr(node, key, None) for key in node.keys} | changes
    return (into or type(node))(**values)


def _extensions_with_a_base(definitions: list[DefinitionNode]) -> tuple[list[DefinitionNode], set[str]]:
    """Extending a type of another subgraph is how federation began; for validation the extension is a definition."""
    based = {n.name.value for n in definitions if isinstance(n, TypeDefinitionNode)}
    extended: set[str] = set()
    result: list[DefinitionNode] = []
    for node in definitions:
        if isinstance(node, TypeExtensionNode) and node.name.value not in based:
            based.add(node.name.value)
            extended.add(node.name.value)
            node = _with(node, _DEFINITION_OF[type(node)])
        result.append(node)
    return result, extended


def _same_type(given: str, expected: str) -> bool:
    """Whether the definition that a subgraph brings along means the same; the scalars go by many names."""

    def shape(type_: str) -> str:
        return re.sub(r"\w+", lambda m: "String" if m[0] in ("FieldSet", "Scope", "Policy") else m[0], type_)

    given = re.sub(r"\b(?:\w+__|_)(?=FieldSet|Scope|Policy|ContextFieldValue)", "", given)
    return shape(given).removesuffix("!") == shape(expected).removesuffix("!")


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
