"""
From the SDL of a subgraph to what composition works with.

Parse, resolve the links, complete the schema with the definitions that the specifications give, let graphql-core
validate the result, and only then build the model. Everything that is wrong is said at once; a subgraph that cannot
be read has no model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from graphql import (
    ConstValueNode,
    DefinitionNode,
    DirectiveDefinitionNode,
    DirectiveNode,
    DocumentNode,
    EnumValueNode,
    ExecutableDefinitionNode,
    FieldDefinitionNode,
    GraphQLError,
    GraphQLSyntaxError,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    ListValueNode,
    NamedTypeNode,
    Node,
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
    UnionTypeDefinitionNode,
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
from gateway_graphql.composition.connectors import connector_types
from gateway_graphql.composition.definitions import Definitions
from gateway_graphql.composition.diagnostics import Diagnostic
from gateway_graphql.composition.link import Links, read_links
from gateway_graphql.composition.model import (
    ArgumentModel,
    EnumValueModel,
    FieldModel,
    SchemaModel,
    TypeModel,
    named_type,
    plain,
)
from gateway_graphql.composition.shadowed_imports import shadowed_imports
from gateway_graphql.composition.specs import FEDERATION_1, FEDERATION_IDENTITY, LINK_IDENTITIES
from gateway_graphql.composition.subgraph import ENTITY_FIELDS, ENTITY_TYPES, ReadSubgraph, Subgraph
from gateway_graphql.composition.values import as_literal, misfit

__all__ = ["read_subgraph"]

_BUILT_IN = set(specified_scalar_types)
_PRINTED_SCALARS = {"FieldSet", "_FieldSet", "openfed__FieldSet", "federation__FieldSet"}
_FIELD_TWICE = re.compile("Field '.*' can only be defined once")
_SCHEMA = (SchemaDefinitionNode, SchemaExtensionNode)
_OUTPUTS = (ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode, UnionTypeDefinitionNode)

# A subgraph without a query root is one; defaults are checked on the model; the last is a mistake others accept.
_TOLERATED = ("Query root type must be provided", "has invalid default value", "must not be deprecated")


def read_subgraph(subgraph: Subgraph) -> tuple[ReadSubgraph | None, list[Diagnostic]]:
    """Understand one subgraph, or say why it cannot be understood."""
    try:
        document = _with_texts_as_strings(parse(subgraph.sdl))
    except GraphQLSyntaxError as error:
        return None, [_invalid(subgraph.name, error)]
    if unreadable := [
        *_built_in_types_changed(subgraph.name, document),
        *_defined_twice(subgraph.name, document),
        *_unknown_in_directives(subgraph.name, document),
    ]:
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
    without quotes for a string. A text is the same in three quotes as in one.
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

        def enter_string_value(self, node: StringValueNode, *_: object) -> StringValueNode | None:
            return StringValueNode(value=node.value) if node.block else None

    changed: DocumentNode = visit(document, Texts())
    return changed


def _built_in_types_changed(subgraph: str, document: DocumentNode) -> Iterator[Diagnostic]:
    """Built-in types that are made something else."""
    for node in document.definitions:
        if isinstance(node, TypeExtensionNode) and node.name.value in _BUILT_IN:
            yield _invalid(subgraph, GraphQLError(f"The built-in type '{node.name.value}' cannot be extended", node))
        elif isinstance(node, ScalarTypeDefinitionNode):
            continue
        elif isinstance(node, TypeDefinitionNode) and node.name.value in _BUILT_IN:
            yield _invalid(subgraph, GraphQLError(f"'{node.name.value}' is a built-in scalar", node))


def _operations(subgraph: str, document: DocumentNode) -> Iterator[Diagnostic]:
    for node in document.definitions:
        if isinstance(node, ExecutableDefinitionNode):
            yield _invalid(subgraph, GraphQLError("An operation or fragment is no part of a schema", node))


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


def _unknown_in_directives(subgraph: str, document: DocumentNode) -> Iterator[Diagnostic]:
    """The definition of a directive needs its types, also those of a specification; it is read before any link."""
    defined = {n.name.value for n in document.definitions if isinstance(n, TypeDefinitionNode | TypeExtensionNode)}
    for node in document.definitions:
        if not isinstance(node, DirectiveDefinitionNode):
            continue
        seen: set[str] = set()
        for argument in node.arguments or ():
            name = named_type(print_ast(argument.type))
            if name not in defined and name not in _BUILT_IN:
                yield _invalid(subgraph, GraphQLError(f"Unknown type '{name}'.", argument))
            if argument.name.value in seen:
                message = f"Argument '@{node.name.value}({argument.name.value}:)' can only be defined once."
                yield _invalid(subgraph, GraphQLError(message, argument))
            seen.add(argument.name.value)


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
    wrong = any(problem.coordinate.removeprefix("@") in names for problem in reader.problems)
    return reader.read()[1] if wrong else []


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
                if (root.operation.value, root.type.name.value) != ("query", "Query") or "Query" in defined
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
        self.problems: list[Diagnostic] = [] if links.of_the_past else list(links.problems)
        self.problems += _operations(subgraph.name, document)
        self.specified = Definitions(
            links, {n.name.value for n in document.definitions if isinstance(n, ScalarTypeDefinitionNode)}
        )
        self.known = self.specified.known
        self.own_types: list[TypeDefinitionNode | TypeExtensionNode] = []
        """types of the specifications, as the subgraph brings them along"""
        self.contradicted = False
        """whether it defines something of the federation specification differently"""
        self._check_built_in_names()
        self.definitions = self._without_federation(document.definitions)
        self.renamed_roots = self._roots()
        brought = {node.name.value for node in self.own_types if isinstance(node, TypeDefinitionNode)}
        # Specifications beside that of federation give nothing as long as it is not settled what that one gives.
        without = self.specified.of_others() if self.contradicted else ()
        rest = (
            node
            for node in self.specified.all(without)
            if not (isinstance(node, TypeDefinitionNode) and node.name.value in brought)
        )
        self.document = DocumentNode(definitions=(*self.definitions, *self.own_types, *rest))

    def read(self) -> tuple[ReadSubgraph | None, list[Diagnostic]]:
        if problems := self._meaningless():
            return None, problems
        if not any(self._misnamed()):  # of what cannot even be looked up, nothing else is said
            self.problems += self._shadowed()
        self._validate_types()
        builder = ModelBuilder(self.links, self.renamed_roots, self.extended)
        schema = builder.build(self.definitions)
        self._check_values(schema)
        if self.problems:
            return None, self.problems
        read = ReadSubgraph(self.subgraph.name, self.subgraph.url, schema, self.links, builder.used)
        read.taken_roots = self._taken_roots()
        read.places = {
            self.known[local]: {location.value for location in node.locations}
            for local, node in self.specified.own.items()
            if local in self.known
        }
        read.borrowed_types = list(self._borrowed_types())
        read.of_specifications = ENTITY_TYPES | self._named_like_a_specification()
        return read, []

    def _meaningless(self) -> list[Diagnostic]:
        """
        What must be right before anything else makes sense.

        First what the schema itself says, then the types of fields, then what the names of directives mean.
        """
        errors = validate_sdl(self.document, None, specified_sdl_rules)
        found = [(error, _invalid(self.subgraph.name, error)) for error in errors]
        unknown = [(error, problem) for error, problem in found if error.message.startswith("Unknown directive")]
        on_schema = {id(d) for n in self.definitions if isinstance(n, _SCHEMA) for d in n.directives or ()}
        if first := [problem for error, problem in unknown if error.nodes and id(error.nodes[0]) in on_schema]:
            return first
        unknown_types = [(error, problem) for error, problem in found if error.message.startswith("Unknown type")]
        if first := [problem for error, problem in found if _FIELD_TWICE.match(error.message)]:
            return first
        named = {id(type_) for node in (*self.definitions, *self.own_types) for type_ in _names_types(node)}
        if first := [problem for error, problem in unknown_types if error.nodes and id(error.nodes[0]) not in named]:
            return first
        if self.problems or unknown or unknown_types:
            return [*self.problems, *(problem for _, problem in unknown + unknown_types), *self._misnamed()]
        if self.subgraph.name == "_":
            return [Diagnostic("INVALID_SUBGRAPH_NAME", '"_" is no name for a subgraph; choose another', ("_",))]
        return [*(problem for _, problem in found), *(list(self._misnamed()) or self._shadowed())] if found else []

    def _misnamed(self) -> Iterator[Diagnostic]:
        """What is named where another kind of type belongs, or twice: it shows as soon as names are looked up."""
        kinds = {node.name.value: type(node) for node in self.definitions if isinstance(node, TypeDefinitionNode)}
        kinds |= dict.fromkeys(_BUILT_IN, ScalarTypeDefinitionNode)
        for node in self.definitions:
            seen: set[str] = set()
            interfaces = {id(interface) for interface in getattr(node, "interfaces", None) or ()}
            for named in _names_types(node):
                wanted = InterfaceTypeDefinitionNode if id(named) in interfaces else ObjectTypeDefinitionNode
                if kinds.get(named.name.value, wanted) is not wanted:
                    yield self._invalid(f"'{named.name.value}' is another kind of type", named)
                elif named.name.value in seen and not isinstance(node, _SCHEMA):
                    yield self._invalid(f"'{named.name.value}' is named twice", named)
                seen.add(named.name.value)
            for part in (*(getattr(node, "fields", None) or ()), *_arguments(node)):
                kind = kinds.get(named_type(print_ast(part.type)))
                if isinstance(part, InputValueDefinitionNode) and kind in _OUTPUTS:
                    yield self._invalid("The type of an input must be an input type", part)
                elif isinstance(part, FieldDefinitionNode) and kind is InputObjectTypeDefinitionNode:
                    yield self._invalid("The type of a field must be an output type", part)

    def _invalid(self, message: str, node: Node) -> Diagnostic:
        return _invalid(self.subgraph.name, GraphQLError(message, node))

    def _shadowed(self) -> Iterator[Diagnostic]:
        return shadowed_imports(self.subgraph.name, self.links, self.definitions)

    # ------------------------------------------------------------------ before validation

    def _without_federation(self, definitions: Sequence[DefinitionNode]) -> list[DefinitionNode]:
        """Leave out what the specifications define; a subgraph may repeat it, and often does."""
        types = set(self.specified.types.values()) if self.links.version_known else set()
        link_types = set(self.links.link_types())
        query, old = _query_root(definitions), self.links.federation is None
        kept: list[DefinitionNode] = []
        for node in definitions:
            if isinstance(node, DirectiveDefinitionNode):
                name = node.name.value
                if name in self.known or (name == self.links.link_directive and not self.links.of_its_own):
                    self._check_definition(node)
                else:
                    kept.append(node)
                continue
            if isinstance(node, TypeDefinitionNode | TypeExtensionNode):
                name = node.name.value
                if name in types or name in link_types:
                    if self._check_type_definition(node):
                        self.own_types.append(node)
                    continue
                if name in _BUILT_IN:
                    self.own_types.append(node)
                    continue
                if old and name == query and isinstance(node, ObjectTypeDefinitionNode | ObjectTypeExtensionNode):
                    # Libraries of Federation 1 printed these fields without the types they need.
                    kept_fields = tuple(f for f in node.fields or () if f.name.value not in ENTITY_FIELDS)
                    if len(kept_fields) != len(node.fields or ()):
                        node = _with(node, fields=kept_fields)
            kept.append(node)
        kept, self.extended = _extensions_with_a_base(
            _without_empty_query(_without_idle_scalars(kept, self.specified.own))
        )
        return kept

    def _check_built_in_names(self) -> None:
        """What is imported under the name of a directive of GraphQL itself would have to be the same."""
        for directive in specified_directives:
            name = directive.name
            if name in self.known and name not in self.links.defined:
                definition = parse(print_directive(directive), no_location=True).definitions[0]
                if self.specified.wrong_about(cast(DirectiveDefinitionNode, definition)):
                    self._problem(
                        "DIRECTIVE_DEFINITION_INVALID",
                        f"@{name}",
                        f'GraphQL itself has this directive; import "@{self.known[name]}" with another name ("as")',
                    )

    def _check_type_definition(self, node: TypeDefinitionNode | TypeExtensionNode) -> bool:
        """Say what is wrong about it; whether it may stand for the specification's definition."""
        name = node.name.value
        if self.specified.type_fits(node) or self.specified.is_of_later(name):
            return True
        problem = Diagnostic(
            "TYPE_DEFINITION_INVALID",
            "this name belongs to the specification, which defines it differently; leave the definition out",
            (self.subgraph.name,),
            name,
        )
        if name in self.links.link_types() and self.links.of_the_past and not self.links.applied:
            # Who links nothing gets the types of links with the upgrade; till then it is a type like any other.
            if not all(getattr(node, part, True) for part in ("fields", "types", "values")):
                self.problems.append(self._invalid(f"Type {name} must define something", node))
            self.links.problems_of_upgrade.append(problem)
            return False
        self.problems.append(problem)
        self.contradicted = self.contradicted or name not in connector_types(self.specified.types)
        return True

    def _check_definition(self, node: DirectiveDefinitionNode) -> None:
        if self.specified.is_of_old(node):
            return
        name = node.name.value
        self.specified.own[name] = node
        of_others = name in self.specified.of_others()
        late = self.links.federation is None and self.known.get(name) not in (None, *FEDERATION_1) and not of_others
        for problem in self.specified.wrong_about(node):
            diagnostic = Diagnostic(
                "DIRECTIVE_DEFINITION_INVALID",
                f"{problem}; leave the definition out, it comes with the specification",
                (self.subgraph.name,),
                f"@{name}",
            )
            (self.links.problems_of_upgrade if late else self.problems).append(diagnostic)
            self.contradicted = self.contradicted or not (late or of_others)

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
        for error in validate_schema(
            build_ast_schema(_without_impossible_defaults(self.document), assume_valid_sdl=True)
        ):
            forgiven = any(tolerated in error.message for tolerated in (*_TOLERATED, *others))
            if error.message != empty and not forgiven:
                self.problems.append(_invalid(self.subgraph.name, error))

    def _borrowed_types(self) -> Iterator[Diagnostic]:
        """What a specification needs for its directives, or could need by its name, is no type for anything else."""
        named = self._named_like_a_specification() | ENTITY_TYPES
        theirs = {*self.specified.types.values(), *self.links.link_types(), *named}
        query = self.renamed_roots.get("query")
        for node in self.definitions:
            if not isinstance(node, TypeDefinitionNode | TypeExtensionNode) or node.name.value in named:
                continue
            used = [(node.name.value, used.name.value) for used in _names_types(node)]
            for field in getattr(node, "fields", None) or ():
                if field.name.value in ENTITY_FIELDS and node.name.value == query:
                    continue
                used += [
                    (f"{node.name.value}.{field.name.value}", named_type(print_ast(part.type)))
                    for part in (field, *(getattr(field, "arguments", None) or ()))
                ]
            for coordinate, name in used:
                if name in theirs:
                    whose = "what gateways ask" if name in ENTITY_TYPES else "the directives of a specification"
                    message = f'"{name}" is for {whose}; use a type of your own'
                    yield Diagnostic("INVALID_GRAPHQL", message, (self.subgraph.name,), coordinate)

    def _named_like_a_specification(self) -> set[str]:
        """``federation__Mine``: nobody sees such a type, for the specification may have it one day."""
        specifications = [n for n in self.links.links if n.identity in (FEDERATION_IDENTITY, *LINK_IDENTITIES)]
        names = [node.name.value for node in self.definitions if isinstance(node, TypeDefinitionNode)]
        aliases = {link.alias for link in specifications} | {self.links.link_directive}
        if self.links.federation is None:
            aliases.add("federation")  # the upgrade links it
        return {name for name in names if name.startswith(tuple(f"{alias}__" for alias in aliases))}

    def _check_values(self, schema: SchemaModel) -> None:
        """What directives are given, and what arguments are by default, must be of their types."""
        purpose = TypeModel(
            self.links.link_types()[0], "enum", values={v: EnumValueModel(v) for v in ("SECURITY", "EXECUTION")}
        )
        types = SchemaModel(types=schema.types | connector_types(self.specified.types) | {purpose.name: purpose})
        for definition in self.specified.own.values():
            for node in definition.arguments or ():
                type_, default = print_ast(node.type), node.default_value
                if default and misfit(types, type_, as_literal(types, type_, default), complete=False):
                    self._problem(
                        "INVALID_GRAPHQL",
                        f"@{definition.name.value}({node.name.value}:)",
                        f"its default value, {print_ast(default)}, is no {type_}; correct it",
                    )
        for coordinate, element in schema.elements():
            if isinstance(element, ArgumentModel | FieldModel) and element.default is not None:
                element.default = as_literal(types, element.type, element.default)
                if problem := misfit(types, element.type, element.default, complete=False):
                    self._problem("INVALID_GRAPHQL", coordinate, f"its default value: {problem}; correct the value")
            for applied in element.directives:
                expected = self.specified.argument_types(applied, schema.definitions)
                if applied.known and applied.name in ("key", "requires", "provides"):
                    expected.pop("fields", None)  # a rule says what is wrong about them
                given = {
                    name: as_literal(types, expected[name], value) if name in expected else value
                    for name, value in applied.arguments.items()
                }
                applied.arguments = dict(given)
                for name, value in given.items():
                    problem = misfit(types, expected[name], value) if name in expected else ""
                    empty = not _says_something(value) and applied.name not in ("override", "context")
                    if problem and empty and (applied.name, type(value)) != ("tag", NullValueNode):
                        del applied.arguments[name]  # a few empty values were never looked at, and are in use
                    elif problem:
                        self._problem(
                            "INVALID_GRAPHQL", coordinate, f"{applied.text()}: {name}: {problem}; correct the value"
                        )

    def _problem(self, code: str, coordinate: str, message: str) -> None:
        self.problems.append(Diagnostic(code, message, (self.subgraph.name,), coordinate))


def _without_impossible_defaults(document: DocumentNode) -> DocumentNode:
    """graphql-core cannot look at the default value of what is no input, so it shall see none where there is such."""
    outputs = {node.name.value for node in document.definitions if isinstance(node, _OUTPUTS)}
    nodes: list[InputValueDefinitionNode] = []

    class Inputs(Visitor):
        def enter_input_value_definition(self, node: InputValueDefinitionNode, *_: object) -> None:
            nodes.append(node)

    class Defaults(Visitor):
        def enter_input_value_definition(self, node: InputValueDefinitionNode, *_: object) -> Any:
            return _with(node, default_value=None)

    visit(document, Inputs())
    if all(named_type(print_ast(node.type)) not in outputs for node in nodes):
        return document
    changed: DocumentNode = visit(document, Defaults())
    return changed


def _arguments(node: DefinitionNode) -> Iterator[InputValueDefinitionNode]:
    """Those of a directive's definition, or of the fields of a type."""
    for part in (node, *(getattr(node, "fields", None) or ())):
        yield from getattr(part, "arguments", None) or ()


def _names_types(node: DefinitionNode) -> Iterator[NamedTypeNode]:
    """What a definition says of whole types: interfaces, members, roots."""
    yield from getattr(node, "interfaces", None) or ()
    yield from getattr(node, "types", None) or ()
    for root in getattr(node, "operation_types", None) or ():
        yield root.type


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
