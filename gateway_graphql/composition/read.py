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
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    GraphQLError,
    GraphQLSyntaxError,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    ScalarTypeDefinitionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    build_ast_schema,
    parse,
    print_ast,
    validate_schema,
)
from graphql.validation.specified_rules import specified_sdl_rules
from graphql.validation.validate import validate_sdl

from gateway_graphql.composition.build_model import DEFINITION_OF, ROOTS, ModelBuilder
from gateway_graphql.composition.diagnostics import Diagnostic
from gateway_graphql.composition.link import Links, read_links
from gateway_graphql.composition.model import (
    SchemaModel,
)
from gateway_graphql.composition.specs import FEDERATION
from gateway_graphql.composition.subgraph import ReadSubgraph, Subgraph
from gateway_graphql.composition.values import misfit

__all__ = ["read_subgraph"]

BUILT_IN_SCALARS = {"Int", "Float", "String", "Boolean", "ID"}
_ENTITY_TYPES = {"_Any", "_Entity", "_Service"}
_ENTITY_FIELDS = {"_entities", "_service"}

# A subgraph without a query root is one; the others are mistakes that other composers accept.
_TOLERATED = ("Query root type must be provided", "to include required field", "must not be deprecated")
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
        self.definitions = self._without_federation(document.definitions)
        self.renamed_roots = self._roots()

    def read(self) -> tuple[ReadSubgraph | None, list[Diagnostic]]:
        if not self.problems:  # what follows from a wrong definition is no news
            self._validate_sdl()
        if self.problems:
            self._check_roots()
            return None, self.problems
        self._validate_types()
        builder = ModelBuilder(self.links, self.renamed_roots, self.extended)
        schema = builder.build(self.definitions)
        self._check_values(schema)
        if self.problems:
            return None, self.problems
        self._check_roots()  # a wrong name hides nothing else
        read = ReadSubgraph(self.subgraph.name, self.subgraph.url, schema, self.links, builder.used)
        return read, self.problems

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
        # The specification adds fields to the query root, so it may have none of its own.
        empty = f"Type {self.renamed_roots.get('query')} must define one or more fields."
        for error in validate_schema(build_ast_schema(self.document, assume_valid_sdl=True)):
            if error.message != empty and not any(tolerated in error.message for tolerated in _TOLERATED):
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
            node = _with(node, DEFINITION_OF[type(node)])
        result.append(node)
    return result, extended


def _same_type(given: str, expected: str) -> bool:
    """Whether the definition that a subgraph brings along means the same; the scalars go by many names."""

    def shape(type_: str) -> str:
        return re.sub(r"\w+", lambda m: "String" if m[0] in ("FieldSet", "Scope", "Policy") else m[0], type_)

    given = re.sub(r"\b(?:\w+__|_)(?=FieldSet|Scope|Policy|ContextFieldValue)", "", given)
    return shape(given).removesuffix("!") == shape(expected).removesuffix("!")
