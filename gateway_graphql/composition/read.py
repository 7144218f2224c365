"""
From the SDL of a subgraph to what composition works with.

Parse, resolve the links, complete the schema with the definitions that the specifications give, let graphql-core
validate the result, and only then build the model. Everything that is wrong is said at once; a subgraph that cannot
be read has no model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from graphql import (
    ConstValueNode,
    DefinitionNode,
    DirectiveDefinitionNode,
    DirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    EnumValueNode,
    ExecutableDefinitionNode,
    GraphQLError,
    GraphQLSyntaxError,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    ListTypeNode,
    ListValueNode,
    NamedTypeNode,
    NonNullTypeNode,
    NullValueNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    ObjectValueNode,
    ScalarTypeDefinitionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    StringValueNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    TypeNode,
    Visitor,
    build_ast_schema,
    parse,
    print_ast,
    specified_directives,
    specified_scalar_types,
    validate_schema,
    visit,
)
from graphql.utilities.print_schema import print_directive
from graphql.validation.specified_rules import specified_sdl_rules
from graphql.validation.validate import validate_sdl

from gateway_graphql.composition.build_model import DEFINITION_OF, ROOTS, ModelBuilder
from gateway_graphql.composition.connectors import connector_definitions, connector_types
from gateway_graphql.composition.diagnostics import Diagnostic
from gateway_graphql.composition.link import Links, read_links
from gateway_graphql.composition.model import (
    Applied,
    ArgumentModel,
    EnumValueModel,
    FieldModel,
    SchemaModel,
    TypeModel,
    plain,
)
from gateway_graphql.composition.specs import CONNECT, FEDERATION, FEDERATION_SCALARS, LINK_IDENTITIES, directive_at
from gateway_graphql.composition.subgraph import ReadSubgraph, Subgraph
from gateway_graphql.composition.values import as_literal, misfit

__all__ = ["read_subgraph"]

_BUILT_IN = set(specified_scalar_types)
_ENTITY_TYPES = {"_Any", "_Entity", "_Service"}
_PRINTED_SCALARS = {"FieldSet", "_FieldSet", "openfed__FieldSet", "federation__FieldSet"}
_ENTITY_FIELDS = {"_entities", "_service"}

# A subgraph without a query root is one; defaults are checked on the model; the last is a mistake others accept.
_TOLERATED = ("Query root type must be provided", "has invalid default value", "must not be deprecated")


def read_subgraph(subgraph: Subgraph) -> tuple[ReadSubgraph | None, list[Diagnostic]]:
    """Understand one subgraph, or say why it cannot be understood."""
    try:
        document = _with_texts_as_strings(parse(subgraph.sdl))
    except GraphQLSyntaxError as error:
        return None, [_invalid(subgraph.name, error)]
    if unreadable := [*_not_of_a_schema(subgraph.name, document), *_defined_twice(subgraph.name, document)]:
        return None, unreadable
    links = read_links(subgraph.name, document)
    if unlinked := _unlinked(subgraph, document, links):
        return None, unlinked
    if not links.readable and not links.of_the_past:
        return None, links.problems
    try:
        return _Reader(subgraph, document, links).read()
    except GraphQLError as error:
        return None, [_invalid(subgraph.name, error)]


def _with_texts_as_strings(document: DocumentNode) -> DocumentNode:
    """
    Write what ``@deprecated`` and ``@specifiedBy`` say as graphql-core wants it.

    GraphQL once allowed ``@deprecated(reason: null)``, which says no more than ``@deprecated``; and others take a word
    without quotes for a string.
    """

    class Texts(Visitor):
        def enter_directive(self, node: DirectiveNode, *_: object) -> DirectiveNode | None:
            if node.name.value not in ("deprecated", "specifiedBy"):
                return None
            arguments = tuple(
                _with(a, value=StringValueNode(value=a.value.value)) if isinstance(a.value, EnumValueNode) else a
                for a in node.arguments or ()
                if not isinstance(a.value, NullValueNode) or node.name.value != "deprecated"
            )
            return cast(DirectiveNode, _with(node, arguments=arguments))

    changed: DocumentNode = visit(document, Texts())
    return changed


def _not_of_a_schema(subgraph: str, document: DocumentNode) -> Iterator[Diagnostic]:
    """Operations among the types, and built-in types that are made something else."""
    for node in document.definitions:
        if isinstance(node, ExecutableDefinitionNode):
            yield _invalid(subgraph, GraphQLError("An operation or fragment is no part of a schema", node))
        elif isinstance(node, TypeExtensionNode) and node.name.value in _BUILT_IN:
            yield _invalid(subgraph, GraphQLError(f"The built-in type '{node.name.value}' cannot be extended", node))
        elif isinstance(node, ScalarTypeDefinitionNode):
            continue
        elif isinstance(node, TypeDefinitionNode) and node.name.value in _BUILT_IN:
            yield _invalid(subgraph, GraphQLError(f"'{node.name.value}' is a built-in scalar", node))


def _defined_twice(subgraph: str, document: DocumentNode) -> list[Diagnostic]:
    nodes: dict[str, list[DefinitionNode]] = {}
    for node in document.definitions:
        if isinstance(node, TypeDefinitionNode):
            nodes.setdefault(node.name.value, []).append(node)
    return [
        _invalid(subgraph, GraphQLError(f"There can be only one type named '{name}'.", same[1:]))
        for name, same in nodes.items()
        if len(same) > 1
    ]


def _unlinked(subgraph: Subgraph, document: DocumentNode, links: Links) -> list[Diagnostic]:
    """Where the definition of links is wrong, nothing is linked: only what Federation 1 knew means something."""
    names = {links.link_directive, *links.link_types()}
    defined = {
        n.name.value for n in document.definitions if isinstance(n, DirectiveDefinitionNode | TypeDefinitionNode)
    }
    if links.of_the_past or not names & defined:
        return []
    only_links = tuple(link for link in links.links if link.identity in LINK_IDENTITIES)
    reader = _Reader(subgraph, document, replace(links, links=only_links, problems=[]))
    reader.problems = [problem for problem in reader.problems if problem.coordinate.removeprefix("@") in names]
    return reader.read()[1] if reader.problems else []


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
                root for root in node.operation_types or () if root.type.name.value != "Query" or "Query" in defined
            )
            node = _with(node, operation_types=roots)
        kept.append(node)
    return kept


def _query_root(definitions: Sequence[DefinitionNode]) -> str:
    roots = (
        root
        for node in definitions
        if isinstance(node, SchemaDefinitionNode | SchemaExtensionNode)
        for root in node.operation_types or ()
    )
    return next((root.type.name.value for root in roots if root.operation.value == "query"), "Query")


def _without_idle_scalars(
    definitions: list[DefinitionNode], own: Mapping[str, DirectiveDefinitionNode]
) -> list[DefinitionNode]:
    """Forget the scalars that libraries print for definitions which they then leave out."""
    used: set[str] = set()

    class Names(Visitor):
        def enter_named_type(self, node: NamedTypeNode, *_: object) -> None:
            used.add(node.name.value)

    for node in (*definitions, *own.values()):
        visit(node, Names())
    return [
        node
        for node in definitions
        if not (isinstance(node, ScalarTypeDefinitionNode) and node.name.value in _PRINTED_SCALARS - used)
    ]


def _invalid(subgraph: str, error: GraphQLError) -> Diagnostic:
    place = "".join(f" (line {where.line}, column {where.column})" for where in (error.locations or ())[:1])
    return Diagnostic("INVALID_GRAPHQL", f"{error.message}{place}; correct the SDL", (subgraph,))


class _Reader:
    def __init__(self, subgraph: Subgraph, document: DocumentNode, links: Links) -> None:
        self.subgraph = subgraph
        self.links = links
        self.known = links.directives()
        self.types = links.types()
        self.problems: list[Diagnostic] = [] if links.of_the_past else list(links.problems)
        self.scalars = {n.name.value for n in document.definitions if isinstance(n, ScalarTypeDefinitionNode)}
        self.own: dict[str, DirectiveDefinitionNode] = {}
        """definitions of what the specifications define, as the subgraph brings them along"""
        self._check_built_in_names()
        self.definitions = self._without_federation(document.definitions)
        self.renamed_roots = self._roots()
        self.document = DocumentNode(definitions=(*self.definitions, *self._specification_definitions()))

    def read(self) -> tuple[ReadSubgraph | None, list[Diagnostic]]:
        if problems := self._meaningless():
            return None, problems
        self._validate_types()
        builder = ModelBuilder(self.links, self.renamed_roots, self.extended)
        schema = builder.build(self.definitions)
        self._check_values(schema)
        if self.problems:
            return None, self.problems
        read = ReadSubgraph(self.subgraph.name, self.subgraph.url, schema, self.links, builder.used)
        read.taken_roots = self._taken_roots()
        return read, []

    def _meaningless(self) -> list[Diagnostic]:
        """What must be right before anything else makes sense: the types, then what the names of directives mean."""
        errors = validate_sdl(self.document, None, specified_sdl_rules)
        found = [(error.message, _invalid(self.subgraph.name, error)) for error in errors]
        if unknown := [problem for message, problem in found if message.startswith("Unknown type")]:
            return unknown
        if self.problems or any(message.startswith("Unknown directive") for message, _ in found):
            return self.problems + [problem for message, problem in found if message.startswith("Unknown directive")]
        return [problem for _, problem in found]

    # ------------------------------------------------------------------ before validation

    def _without_federation(self, definitions: Sequence[DefinitionNode]) -> list[DefinitionNode]:
        """Leave out what the specifications define; a subgraph may repeat it, and often does."""
        types = set(self.types.values())
        link_types = set(self.links.link_types())
        query = _query_root(definitions)
        kept: list[DefinitionNode] = []
        for node in definitions:
            if isinstance(node, DirectiveDefinitionNode):
                name = node.name.value
                if name in self.known or name == self.links.link_directive:
                    self._check_definition(node)
                else:
                    kept.append(node)
                continue
            if isinstance(node, TypeDefinitionNode | TypeExtensionNode):
                name = node.name.value
                if name in _ENTITY_TYPES or name in types or name in link_types:
                    self._check_type_definition(node)
                    continue
                if name in _BUILT_IN:
                    continue
                if name == query and isinstance(node, ObjectTypeDefinitionNode | ObjectTypeExtensionNode):
                    kept_fields = tuple(f for f in node.fields or () if f.name.value not in _ENTITY_FIELDS)
                    if len(kept_fields) != len(node.fields or ()):
                        if not kept_fields:
                            continue
                        node = _with(node, fields=kept_fields)
            kept.append(node)
        kept, self.extended = _extensions_with_a_base(_without_empty_query(_without_idle_scalars(kept, self.own)))
        return kept

    def _check_built_in_names(self) -> None:
        """What is imported under the name of a directive of GraphQL itself would have to be the same."""
        for directive in specified_directives:
            name = directive.name
            if name in self.known and name not in self.links.defined:
                definition = parse(print_directive(directive), no_location=True).definitions[0]
                if self._wrong_about(cast(DirectiveDefinitionNode, definition)):
                    self._problem(
                        "DIRECTIVE_DEFINITION_INVALID",
                        f"@{name}",
                        f'GraphQL itself has this directive; import "@{self.known[name]}" with another name ("as")',
                    )

    def _check_type_definition(self, node: TypeDefinitionNode | TypeExtensionNode) -> None:
        name = node.name.value
        purpose = self.links.link_types()[0]
        if name == purpose:
            fits = isinstance(node, EnumTypeDefinitionNode) and (
                {value.name.value for value in node.values or ()} == {"SECURITY", "EXECUTION"}
            )
        elif connector_types(self.types).get(name, TypeModel("", "scalar")).kind == "input":
            fits = isinstance(node, InputObjectTypeDefinitionNode | TypeExtensionNode)
        else:
            fits = isinstance(node, ScalarTypeDefinitionNode | TypeExtensionNode)
        if not fits and name not in _ENTITY_TYPES:
            self._problem(
                "TYPE_DEFINITION_INVALID",
                name,
                "this name belongs to the specification, which defines it differently; leave the definition out",
            )

    def _check_definition(self, node: DirectiveDefinitionNode) -> None:
        name = node.name.value
        given = {a.name.value: a for a in node.arguments or ()}
        if self.links.federation is None and _of_old(self.known.get(name), given):
            return
        self.own[name] = node
        for problem in self._wrong_about(node):
            self._problem(
                "DIRECTIVE_DEFINITION_INVALID",
                f"@{name}",
                f"{problem}; leave the definition out, it comes with the specification",
            )

    def _wrong_about(self, node: DirectiveDefinitionNode) -> list[str]:
        """How a definition differs from that of the specification."""
        given = {a.name.value: a for a in node.arguments or ()}
        expected = self._specified(node.name.value)
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

    def _roots(self) -> dict[str, str]:
        roots = {}
        explicit = False
        for node in self.definitions:
            if isinstance(node, SchemaDefinitionNode | SchemaExtensionNode):
                for operation in node.operation_types or ():
                    explicit = explicit or isinstance(node, SchemaDefinitionNode)
                    roots[operation.operation.value] = operation.type.name.value
        if not explicit:
            names = {n.name.value for n in self.definitions if isinstance(n, ObjectTypeDefinitionNode)}
            for operation_name, default in ROOTS.items():
                if operation_name not in roots and default in names:
                    roots[operation_name] = default
        return roots

    def _taken_roots(self) -> list[Diagnostic]:
        names = {n.name.value for n in self.definitions if isinstance(n, TypeDefinitionNode)}
        return [
            Diagnostic(
                f"ROOT_{operation.upper()}_USED",
                f'"{actual}" is the {operation} root here, so no other type may be called "{default}"; rename it',
                (self.subgraph.name,),
                default,
            )
            for operation, default in ROOTS.items()
            if (actual := self.renamed_roots.get(operation, default)) != default and default in names
        ]

    # ------------------------------------------------------------------ validation

    def _validate_types(self) -> None:
        """Types that make sense: implementations that keep their promises, defaults that fit."""
        if not any(isinstance(n, TypeDefinitionNode) for n in self.definitions):
            return
        # The specification adds fields to the query root, so it may have none of its own.
        empty = f"Type {self.renamed_roots.get('query')} must define one or more fields."
        # What is merely called like a root, and is no object, is none.
        others = {f"{name} root type must be Object type" for op, name in ROOTS.items() if op not in self.renamed_roots}
        for error in validate_schema(build_ast_schema(self.document, assume_valid_sdl=True)):
            forgiven = any(tolerated in error.message for tolerated in (*_TOLERATED, *others))
            if error.message != empty and not forgiven:
                self.problems.append(_invalid(self.subgraph.name, error))

    def _check_values(self, schema: SchemaModel) -> None:
        """What directives are given, and what arguments are by default, must be of their types."""
        purpose = TypeModel(
            self.links.link_types()[0], "enum", values={v: EnumValueModel(v) for v in ("SECURITY", "EXECUTION")}
        )
        types = SchemaModel(types=schema.types | connector_types(self.types) | {purpose.name: purpose})
        for coordinate, element in schema.elements():
            if isinstance(element, ArgumentModel | FieldModel) and element.default is not None:
                element.default = as_literal(types, element.type, element.default)
                if problem := misfit(types, element.type, element.default, complete=False):
                    self._problem("INVALID_GRAPHQL", coordinate, f"its default value: {problem}; correct the value")
            for applied in element.directives:
                expected = self._argument_types(schema, applied)
                if applied.known and applied.name in ("key", "requires", "provides"):
                    expected.pop("fields", None)  # a rule says what is wrong about them
                given = {
                    name: as_literal(types, expected[name], value) if name in expected else value
                    for name, value in applied.arguments.items()
                }
                applied.arguments = given
                for name, value in given.items():
                    if name not in expected or not (_says_something(value) or applied.name in ("override", "context")):
                        continue  # a few empty values were never looked at, and are in use
                    if problem := misfit(types, expected[name], value):
                        self._problem(
                            "INVALID_GRAPHQL", coordinate, f"{applied.text()}: {name}: {problem}; correct the value"
                        )

    def _argument_types(self, schema: SchemaModel, applied: Applied) -> dict[str, str]:
        if applied.known and (applied.name in ("link", *FEDERATION, *CONNECT)):
            local = next((n for n, name in self.known.items() if name == applied.name), self.links.link_directive)
            return {a.name.value: print_ast(a.type) for a in self._specified(local, as_given=True).arguments or ()}
        if applied.name in schema.definitions:
            return {a.name: a.type for a in schema.definitions[applied.name].arguments.values()}
        return {"reason": "String", "url": "String!"}

    def _specified(self, local: str, *, as_given: bool = False) -> DirectiveDefinitionNode:
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
            text = directive_at(self.known[local], self.links.version()).definition(local)
            for type_, local_type in self.types.items():
                text = re.sub(rf"\b{type_}\b", local_type, text)
        return cast(DirectiveDefinitionNode, parse(text, no_location=True).definitions[0])

    def _specification_definitions(self) -> Iterable[DefinitionNode]:
        purpose, imports = self.links.link_types()
        scalars = {self.types[name] for name in FEDERATION_SCALARS} | {imports}
        yield from parse(
            "\n".join([*(f"scalar {name}" for name in sorted(scalars)), f"enum {purpose} {{ SECURITY EXECUTION }}"]),
            no_location=True,
        ).definitions
        if "JSONSelection" in self.types:
            yield from parse(connector_definitions(self.types), no_location=True).definitions
        for local in (*self.known, self.links.link_directive):
            yield self._specified(local, as_given=True)

    def _problem(self, code: str, coordinate: str, message: str) -> None:
        self.problems.append(Diagnostic(code, message, (self.subgraph.name,), coordinate))


def _says_something(value: ConstValueNode) -> bool:
    return isinstance(value, ListValueNode | ObjectValueNode) or bool(plain(value))


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


def _of_old(name: str | None, given: Mapping[str, InputValueDefinitionNode]) -> bool:
    """Whether it is one of the definitions that libraries of Federation 1 wrote, and that never did any harm."""
    if name not in ("key", "requires", "provides"):
        return False
    return not given or (
        given.keys() == {"fields"} and print_ast(given["fields"].type) in ("String", "_FieldSet", "FieldSet")
    )
