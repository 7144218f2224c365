"""Reads the page that lists the REST endpoints of an API. Everything wrong in it is said at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from graphql import (
    DocumentNode,
    GraphQLError,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    TypeNode,
    VariableDefinitionNode,
    parse,
)

from gateway_graphql.server.yaml_section import Section

__all__ = ["METHODS", "Deprecation", "Endpoint", "RestPage", "Variable", "WrongRestPage", "read_rest_page"]

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
WITHOUT_BODY = frozenset({"GET", "DELETE"})
_VERSION = re.compile(r"(\d+)\.\d+\.\d+")
_IN_BRACES = re.compile(r"\{(\w+)\}")


class WrongRestPage(Exception):
    """The page cannot be used. ``problems`` are lines for the person who wrote it."""

    def __init__(self, file: Path, problems: list[str]) -> None:
        super().__init__("\n".join(f"{file}: {problem}" for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Deprecation:
    """That an endpoint will go, as RFC 9745 and RFC 8594 tell it."""

    since: date
    sunset: date | None = None
    """when it goes"""
    successor: str | None = None
    """the path, or the URL, of what takes its place"""
    about: str | None = None
    """the URL of a page for people"""


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of an operation, and so a parameter of its endpoint."""

    name: str
    type_name: str
    is_list: bool
    is_required: bool
    is_required_item: bool = False
    """whether each of a list must be there"""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method on one path, answered by one operation."""

    method: str
    path: str
    """below the API's prefix, such as ``/addresses/{id}``; what is in braces is a variable of the operation"""
    document: str
    parsed: DocumentNode
    operation: OperationDefinitionNode
    name: str
    variables: tuple[Variable, ...]
    summary: str | None
    answer: tuple[str, ...]
    """where in the operation's data the answer is; null there: 404"""
    problems: tuple[str, ...] | None
    """where in its data the list is of why it was refused; not empty: 422, or what the first one's code says"""
    body: str | None
    """the variable that is the whole body; None: each member of the body is a variable"""
    status: int
    deprecation: Deprecation | None

    @property
    def in_path(self) -> tuple[str, ...]:
        """The variables that the path has."""
        return tuple(_IN_BRACES.findall(self.path))

    @property
    def in_query(self) -> tuple[Variable, ...]:
        """The variables that the query string may have."""
        return self._elsewhere if self.method in WITHOUT_BODY else ()

    @property
    def in_body(self) -> tuple[Variable, ...]:
        """The variables that the body has."""
        return () if self.method in WITHOUT_BODY else self._elsewhere

    @property
    def _elsewhere(self) -> tuple[Variable, ...]:
        return tuple(one for one in self.variables if one.name not in self.in_path)


@dataclass(frozen=True, slots=True)
class RestPage:
    """The endpoints of one version of an API."""

    title: str
    version: str
    """semantic: a breaking change is another major version, and another page"""
    description: str | None
    prefix: str
    endpoints: tuple[Endpoint, ...]


def read_rest_page(file: Path) -> RestPage:
    """
    Read the page; its operations are in files beside it.

    :raises WrongRestPage: with everything that is wrong with it.
    """
    problems: list[str] = []
    page = Section("", _parsed(file), problems)
    title, version = page.text("title"), page.text("version")
    major = _VERSION.fullmatch(version or "")
    if title is None:
        page.problem("missing", "title")
    if major is None:
        page.problem('missing, or not like "1.0.0"; quote it, or YAML may take it for a number', "version")
    prefix = page.text("prefix") or f"/api/v{major[1] if major else ''}"
    if not re.fullmatch(r"(/[\w.~-]+)+", prefix):
        page.problem(f"expected a path such as /api/v1, not {prefix!r}", "prefix")
    listed = page.section("endpoints", required='list them under it, such as "GET /addresses/{id}:"')
    endpoints = [
        made for key in listed.names() if (made := _endpoint(key, listed.section(key), file.parent, listed)) is not None
    ]
    for one, other in _alike(endpoints):
        listed.problem(f"is the same to a client as {other.method} {other.path}", f"{one.method} {one.path}")
    description = page.text("description")
    page.refuse_the_rest()
    if problems:
        raise WrongRestPage(file, problems)
    return RestPage(title or "", version or "", description, prefix, tuple(endpoints))


def _parsed(file: Path) -> Any:
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as problem:
        raise WrongRestPage(file, [f"cannot be read: {problem}"]) from None
    except yaml.YAMLError as problem:
        raise WrongRestPage(file, [f"this is not YAML: {problem}"]) from None


def _endpoint(key: str, entry: Section, folder: Path, listed: Section) -> Endpoint | None:
    method, _, path = key.partition(" ")
    if method not in METHODS or not re.fullmatch(r"(/([\w.~-]+|\{\w+\}))+", path):
        listed.problem(f"write a method ({', '.join(METHODS)}) and a path, such as GET /addresses/{{id}}", key)
    source = entry.file("operation", folder)
    if not entry.has("operation"):
        entry.problem("missing; name a .graphql file beside this page", "operation")
    answer, problems = entry.text("answer"), entry.text("problems")
    summary, body, status = entry.text("summary"), entry.text("body"), entry.integer("status")
    deprecation = entry.dataclass("deprecated", Deprecation)
    entry.refuse_the_rest()
    if source is None:
        return None
    found = _operation(source, entry)
    if found is None:
        return None
    document, parsed, operation = found
    made = Endpoint(
        method,
        path,
        document,
        parsed,
        operation,
        operation.name.value if operation.name else "",
        tuple(map(_variable, operation.variable_definitions or ())),
        summary,
        _path(answer) or _only_field(operation),
        _path(problems),
        body,
        status or 200,
        deprecation,
    )
    for problem in _wrong(made):
        entry.problem(problem)
    return made


def _operation(file: Path, entry: Section) -> tuple[str, DocumentNode, OperationDefinitionNode] | None:
    try:
        text = file.read_text(encoding="utf-8")
        document = parse(text)
    except (OSError, UnicodeDecodeError) as problem:
        entry.problem(f"{file}: cannot be read: {problem}", "operation")
        return None
    except GraphQLError as problem:
        entry.problem(f"{file}: {problem.message}", "operation")
        return None
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    if len(operations) != 1 or operations[0].name is None:
        entry.problem(f"{file}: must have one operation, with a name", "operation")
        return None
    return text, document, operations[0]


def _wrong(endpoint: Endpoint) -> Iterator[str]:
    kind = endpoint.operation.operation.value
    names = [one.name for one in endpoint.variables]
    if kind == "subscription":
        yield "a subscription cannot be an endpoint; ask it on /graphql, as server-sent events or over WebSocket"
    if endpoint.method == "GET" and kind == "mutation":
        yield "GET must not change anything: a mutation needs another method"
    for name in endpoint.in_path:
        if name not in names:
            yield f"the path has {{{name}}}, and the operation no variable ${name}"
    if endpoint.body is not None and endpoint.method in WITHOUT_BODY:
        yield f"body: {endpoint.method} has none"
    elif endpoint.body is not None and [one.name for one in endpoint.in_body] != [endpoint.body]:
        yield f"body: ${endpoint.body} must be the only variable of the operation that is not in the path"
    if not endpoint.answer:
        yield "answer: name the field of the operation that is the answer; it has several"
    if not 200 <= endpoint.status <= 299:
        yield f"status: {endpoint.status} is not the status of a success"


def _alike(endpoints: list[Endpoint]) -> Iterator[tuple[Endpoint, Endpoint]]:
    seen: dict[tuple[str, str], Endpoint] = {}
    for one in endpoints:
        shape = (one.method, _IN_BRACES.sub("{}", one.path))
        if shape in seen:
            yield one, seen[shape]
        seen[shape] = one


def _variable(definition: VariableDefinitionNode) -> Variable:
    kind: TypeNode = definition.type
    required = isinstance(kind, NonNullTypeNode) and definition.default_value is None
    kind = kind.type if isinstance(kind, NonNullTypeNode) else kind
    is_list, required_item = isinstance(kind, ListTypeNode), False
    if isinstance(kind, ListTypeNode):
        kind = kind.type
        required_item = isinstance(kind, NonNullTypeNode)
        kind = kind.type if isinstance(kind, NonNullTypeNode) else kind
    # A list of lists has no name here; it can only be in a body, which is handed on as it is.
    name = kind.name.value if isinstance(kind, NamedTypeNode) else ""
    return Variable(definition.variable.name.value, name, is_list, required, required_item)


def _path(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(text.split("."))


def _only_field(operation: OperationDefinitionNode) -> tuple[str, ...]:
    selected = operation.selection_set.selections
    if len(selected) != 1 or selected[0].kind != "field":
        return ()
    field: Any = selected[0]
    return ((field.alias or field.name).value,)
