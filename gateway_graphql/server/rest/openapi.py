"""
The OpenAPI document of a REST API (3.1), made of its operations and of the graph: what is in an answer is what they select.

Nothing in it has to be kept up by hand, and nothing can be promised that is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    SelectionSetNode,
    Undefined,
    type_from_ast,
    value_from_ast,
)

from gateway_graphql.execution.gateway import Gateway, GraphQLRequest, Prepared, RequestErrors
from gateway_graphql.server.rest.page import Endpoint, RestPage
from gateway_graphql.server.rest.problem import PROBLEM

__all__ = ["openapi", "problems_with"]

Schema = dict[str, Any]

SCALARS: dict[str, Schema] = {
    "Int": {"type": "integer", "format": "int32"},
    "Float": {"type": "number"},
    "Boolean": {"type": "boolean"},
    "String": {"type": "string"},
    "ID": {"type": "string"},
    "DateTime": {"type": "string", "format": "date-time"},
    "Date": {"type": "string", "format": "date"},
}
PROBLEM_SCHEMA: Schema = {
    "description": "What went wrong, as RFC 9457 has it.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "requestId"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "For people."},
        "code": {"type": "string", "description": "For programs."},
        "requestId": {"type": "string", "description": "Tell it when you report the problem."},
        "errors": {
            "type": "array",
            "description": "Everything that was wrong.",
            "items": {
                "type": "object",
                "required": ["message"],
                "properties": {
                    "message": {"type": "string"},
                    "code": {"type": ["string", "null"]},
                    "parameter": {"type": "string"},
                    "field": {"type": ["string", "null"]},
                },
            },
        },
    },
}


def openapi(page: RestPage, gateway: Gateway) -> dict[str, Any]:
    """
    The document.

    :raises ValueError: an operation does not fit the graph.
    """
    if wrong := problems_with(page, gateway):
        raise ValueError("\n".join(wrong))
    describing = _Describing(gateway)
    paths: dict[str, Any] = {}
    for endpoint in page.endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = describing.operation(endpoint)
    components = {
        "schemas": {"Problem": PROBLEM_SCHEMA, **dict(sorted(describing.named.items()))},
        "responses": {
            "Problem": {
                "description": "It was not done; the problem says why.",
                "content": {PROBLEM.decode(): {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
        },
        "securitySchemes": {"accessToken": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
    }
    about = {"title": page.title, "version": page.version}
    if page.description:
        about["description"] = page.description
    return {
        "openapi": "3.1.0",
        "info": about,
        "servers": [{"url": page.prefix}],
        "paths": paths,
        "components": components,
    }


def problems_with(page: RestPage, gateway: Gateway) -> list[str]:
    """What keeps the endpoints from being answered by this graph, a line each."""
    return [f"{one.method} {one.path}: {problem}" for one in page.endpoints for problem in _problems(one, gateway)]


def _problems(endpoint: Endpoint, gateway: Gateway) -> Iterator[str]:
    prepared = gateway.prepare(GraphQLRequest(endpoint.document, endpoint.name))
    if isinstance(prepared, RequestErrors):
        yield from (error["message"] for error in prepared.errors)
        return
    for variable in endpoint.in_query:
        if isinstance(gateway.schema.type_map.get(variable.type_name), GraphQLInputObjectType):
            yield f"${variable.name} is an object, which a query string cannot hold: use its fields as variables"
    for path in filter(None, (endpoint.answer, endpoint.problems)):
        try:
            _Describing(gateway).at(endpoint, path)
        except KeyError as missing:
            yield f"{'.'.join(path)}: the operation has no {missing.args[0]} there"


class _Describing:
    """Makes schemas, and collects those that have a name."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._schema: GraphQLSchema = gateway.schema
        self.named: dict[str, Schema] = {}

    def operation(self, endpoint: Endpoint) -> dict[str, Any]:
        """One method of one path."""
        selected, nullable = self.at(endpoint, endpoint.answer)
        without: tuple[str, ...] = ()
        if endpoint.problems is not None and endpoint.problems[:-1] == endpoint.answer:
            without = endpoint.problems[-1:]
        success: dict[str, Any] = {"description": "It was done."}
        if endpoint.status != 204:
            success["content"] = {"application/json": {"schema": self._value(endpoint, *selected, without=without)}}
        refused = {"$ref": "#/components/responses/Problem"}
        responses = {str(endpoint.status): success}
        if nullable:
            responses["404"] = refused
        if endpoint.problems is not None:
            responses["422"] = refused
        made: dict[str, Any] = {"operationId": endpoint.name[0].lower() + endpoint.name[1:]}
        if endpoint.summary:
            made["summary"] = endpoint.summary
        made["tags"] = [endpoint.path.split("/")[1]]
        if endpoint.deprecation is not None:
            made["deprecated"] = True
        if parameters := self._parameters(endpoint):
            made["parameters"] = parameters
        if endpoint.in_body:
            made["requestBody"] = {
                "required": True,
                "content": {"application/json": {"schema": self._body(endpoint)}},
            }
        if self._needs_token(endpoint):
            made["security"] = [{"accessToken": []}]
        return {**made, "responses": {**responses, "4XX": refused, "5XX": refused}}

    def at(self, endpoint: Endpoint, path: tuple[str, ...]) -> tuple[tuple[GraphQLOutputType, list[FieldNode]], bool]:
        """What is selected at a path of the data, and whether it may be null there; ``KeyError`` if nothing is."""
        root = self._schema.get_root_type(endpoint.operation.operation)
        kind: GraphQLOutputType | None = root
        sets = [endpoint.operation.selection_set]
        nullable = False
        fields: list[FieldNode] = []
        for name in path:
            composite = _nullable(kind)
            if not isinstance(composite, GraphQLObjectType | GraphQLInterfaceType):
                raise KeyError(name)
            fields = [field for field, _ in self._fields(endpoint, sets, composite).get(name, ())]
            if not fields:
                raise KeyError(name)
            kind = self._type_of(composite, fields[0])
            nullable = nullable or not isinstance(kind, GraphQLNonNull)
            sets = [field.selection_set for field in fields if field.selection_set]
        assert kind is not None  # noqa: S101 (a path has a name at least)
        return (GraphQLNonNull(_nullable(kind)), fields), nullable

    def _needs_token(self, endpoint: Endpoint) -> bool:
        prepared = self._gateway.prepare(GraphQLRequest(endpoint.document, endpoint.name))
        return isinstance(prepared, Prepared) and bool(prepared.plan.requirements)

    def _parameters(self, endpoint: Endpoint) -> list[dict[str, Any]]:
        kinds = self._variables(endpoint)
        in_path = [
            {"name": name, "in": "path", "required": True, "schema": self._input(kinds[name][0], nullable=False)}
            for name in endpoint.in_path
        ]
        in_query = [
            {
                "name": one.name,
                "in": "query",
                "required": one.is_required,
                "schema": self._variable(*kinds[one.name], nullable=False),
            }
            for one in endpoint.in_query
        ]
        return in_path + in_query

    def _body(self, endpoint: Endpoint) -> Schema:
        kinds = self._variables(endpoint)
        if endpoint.body is not None:
            return self._input(kinds[endpoint.body][0], nullable=False)
        return {
            "type": "object",
            "required": [one.name for one in endpoint.in_body if one.is_required],
            "properties": {one.name: self._variable(*kinds[one.name]) for one in endpoint.in_body},
            "additionalProperties": False,
        }

    def _variables(self, endpoint: Endpoint) -> dict[str, tuple[GraphQLInputType, Any]]:
        found: dict[str, tuple[GraphQLInputType, Any]] = {}
        for definition in endpoint.operation.variable_definitions or ():
            kind: Any = type_from_ast(self._schema, definition.type)
            default = Undefined
            if definition.default_value is not None:
                default = value_from_ast(definition.default_value, kind)
            found[definition.variable.name.value] = (kind, default)
        return found

    def _variable(self, kind: GraphQLInputType, default: Any, *, nullable: bool = True) -> Schema:
        schema = self._input(kind, nullable=nullable)
        return schema if default is Undefined or default is None else {**schema, "default": default}

    def _input(self, kind: Any, *, nullable: bool = True) -> Schema:
        if isinstance(kind, GraphQLNonNull):
            return self._input(kind.of_type, nullable=False)
        if isinstance(kind, GraphQLList):
            schema: Schema = {"type": "array", "items": self._input(kind.of_type)}
        elif isinstance(kind, GraphQLInputObjectType):
            schema = self._reference(kind)
        else:
            schema = self._leaf(kind)
        return _or_null(schema) if nullable else schema

    def _reference(self, kind: GraphQLInputObjectType) -> Schema:
        if kind.name not in self.named:
            self.named[kind.name] = {}  # it may be inside of itself
            properties = {}
            for name, field in kind.fields.items():
                schema = self._input(field.type)
                properties[name] = {"description": field.description, **schema} if field.description else schema
            self.named[kind.name] = {
                **({"description": kind.description} if kind.description else {}),
                "type": "object",
                "required": [
                    name
                    for name, field in kind.fields.items()
                    if isinstance(field.type, GraphQLNonNull) and field.default_value is Undefined
                ],
                "properties": properties,
                "additionalProperties": False,
            }
        return {"$ref": f"#/components/schemas/{kind.name}"}

    def _leaf(self, kind: GraphQLNamedType) -> Schema:
        if isinstance(kind, GraphQLEnumType):
            described = {"description": kind.description} if kind.description else {}
            self.named[kind.name] = {**described, "type": "string", "enum": list(kind.values)}
            return {"$ref": f"#/components/schemas/{kind.name}"}
        return dict(SCALARS.get(kind.name, {}))

    def _value(
        self, endpoint: Endpoint, kind: GraphQLOutputType, fields: list[FieldNode], without: tuple[str, ...] = ()
    ) -> Schema:
        if not isinstance(kind, GraphQLNonNull):
            return _or_null(self._value(endpoint, GraphQLNonNull(kind), fields, without))
        inner = kind.of_type
        if isinstance(inner, GraphQLList):
            return {"type": "array", "items": self._value(endpoint, inner.of_type, fields, without)}
        if isinstance(inner, GraphQLScalarType | GraphQLEnumType):
            return self._leaf(inner)
        sets = [field.selection_set for field in fields if field.selection_set]
        if isinstance(inner, GraphQLObjectType):
            return self._object(endpoint, inner, sets, without)
        possible: list[Schema] = []
        for one in self._schema.get_possible_types(inner):
            schema = self._object(endpoint, one, sets, without)
            if schema not in possible:
                possible.append(schema)
        return possible[0] if len(possible) == 1 else {"anyOf": possible}

    def _object(
        self, endpoint: Endpoint, kind: GraphQLObjectType, sets: list[SelectionSetNode], without: tuple[str, ...]
    ) -> Schema:
        properties, required = {}, []
        for key, found in self._fields(endpoint, sets, kind).items():
            if key in without:
                continue
            fields = [field for field, _ in found]
            if fields[0].name.value == "__typename":
                properties[key] = {"type": "string", "const": kind.name}
            else:
                properties[key] = self._field(endpoint, kind, fields)
            if any(certain for _, certain in found):
                required.append(key)
        return {"type": "object", "required": required, "properties": properties}

    def _field(self, endpoint: Endpoint, kind: GraphQLObjectType, fields: list[FieldNode]) -> Schema:
        definition = kind.fields[fields[0].name.value]
        schema = self._value(endpoint, definition.type, fields)
        if definition.description:
            schema = {"description": definition.description, **schema}
        return {**schema, "deprecated": True} if definition.deprecation_reason is not None else schema

    def _type_of(self, kind: GraphQLObjectType | GraphQLInterfaceType, field: FieldNode) -> GraphQLOutputType:
        if field.name.value == "__typename":
            raise KeyError("__typename")
        return kind.fields[field.name.value].type

    def _fields(
        self, endpoint: Endpoint, sets: Iterable[SelectionSetNode], kind: GraphQLNamedType
    ) -> dict[str, list[tuple[FieldNode, bool]]]:
        """The fields that are selected of a type, by the key of the answer; and whether each is there in any case."""
        fragments = {
            one.name.value: one for one in endpoint.parsed.definitions if isinstance(one, FragmentDefinitionNode)
        }
        found: dict[str, list[tuple[FieldNode, bool]]] = {}

        def collect(selected: SelectionSetNode, *, certain: bool) -> None:
            for one in selected.selections:
                here = certain and not one.directives
                if isinstance(one, FieldNode):
                    found.setdefault((one.alias or one.name).value, []).append((one, here))
                elif isinstance(one, FragmentSpreadNode):
                    fragment = fragments[one.name.value]
                    if self._is(kind, fragment.type_condition.name.value):
                        collect(fragment.selection_set, certain=here)
                elif isinstance(one, InlineFragmentNode) and (
                    one.type_condition is None or self._is(kind, one.type_condition.name.value)
                ):
                    collect(one.selection_set, certain=here)

        for selected in sets:
            collect(selected, certain=True)
        return found

    def _is(self, kind: GraphQLNamedType, condition: str) -> bool:
        wanted = self._schema.type_map[condition]
        if wanted is kind:
            return True
        return isinstance(wanted, GraphQLInterfaceType | GraphQLUnionType) and self._schema.is_sub_type(wanted, kind)


def _nullable(kind: Any) -> Any:
    return kind.of_type if isinstance(kind, GraphQLNonNull) else kind


def _or_null(schema: Schema) -> Schema:
    if not schema:
        return schema
    if isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}
