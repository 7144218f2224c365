"""The manners of a subgraph's schema: entities that fail alone, errors that say enough and not too much."""

import time
from collections.abc import Callable, Iterator
from functools import cache
from inspect import signature
from typing import Any

import structlog
from graphql import GraphQLError
from pymongo.errors import PyMongoError
from strawberry import Info
from strawberry.extensions import SchemaExtension
from strawberry.federation import Schema
from strawberry.federation.schema import FederationAny
from strawberry.federation.schema_directives import Key
from strawberry.federation.types import FieldSet
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from subgraphs.chassis.metrics import operation_answered
from subgraphs.chassis.paging import WrongPage

log = structlog.get_logger("graphql")


class SubgraphSchema(Schema):
    """A federated schema of which one bad representation spoils only itself."""

    def entities_resolver(self, info: Info, representations: list[FederationAny]) -> list[FederationAny]:
        return [self._entity(info, representation) for representation in representations]

    def _entity(self, info: Info, representation: Any) -> Any:
        if not isinstance(representation, dict):
            return GraphQLError("A representation must be an object with __typename and a key.")
        name = representation.get("__typename")
        known = self.schema_converter.type_map.get(str(name))
        refer: Callable[..., Any] | None = getattr(
            getattr(getattr(known, "definition", None), "origin", None), "resolve_reference", None
        )
        if refer is None:
            return GraphQLError(f"{name!r} is no entity of this subgraph.")
        if not isinstance(representation.get("id"), str):
            return GraphQLError(f"A representation of {name} needs its key: id, a string.")
        given = {name: value for name, value in representation.items() if name in _parameters(refer)}
        try:
            return refer(info=info, **given)
        except Exception as problem:
            return problem

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        operation = execution_context.operation_name if execution_context else None
        logged: set[int] = set()
        for error in errors:
            if error.original_error is None or isinstance(error.original_error, WrongPage | GraphQLError):
                log.info("operation refused", operation=operation, path=error.path, problem=error.message)
            elif id(error.original_error) not in logged:
                # What many entities wait for together fails for all of them at once; one entry says it.
                logged.add(id(error.original_error))
                log.error(
                    "resolver failed",
                    operation=operation,
                    path=error.path,
                    problem=error.message,
                    exc_info=error.original_error,
                )


@cache
def _parameters(refer: Callable[..., Any]) -> frozenset[str]:
    """What an entity takes of its representation: its key, and what it requires of other services."""
    return frozenset(signature(refer).parameters) - {"info"}


def key(fields: str, *, resolvable: bool = True) -> Key:
    """The fields that identify an entity; not resolvable where this subgraph only refers to it."""
    return Key(fields=FieldSet(fields), resolvable=resolvable)


def subgraph_schema(*, debug: Callable[[], bool], **arguments: Any) -> SubgraphSchema:
    """
    The schema of a service.

    :param debug: whether a client may see what went wrong inside; asked for each error
    """

    class SayEnough(SchemaExtension):
        """
        Errors of ours stay in the log; the client is told what it can act on.

        The operation is counted before: its errors still say whose fault they are.
        """

        def on_operation(self) -> Iterator[None]:
            started = time.perf_counter()
            yield
            asked: Any = self.execution_context
            result = asked.result
            errors = getattr(result, "errors", None)
            name = asked.operation_name if asked.graphql_document else None
            operation_answered(asked.graphql_document, name, errors, time.perf_counter() - started)
            if errors:
                result.errors = [_for_the_client(error, debug()) for error in errors]

    return SubgraphSchema(
        federation_version="2.9",
        config=StrawberryConfig(auto_camel_case=True),
        extensions=[SayEnough],
        **arguments,
    )


def _for_the_client(error: GraphQLError, debug: bool) -> GraphQLError:
    cause = error.original_error
    if cause is None or isinstance(cause, GraphQLError):
        return error
    if isinstance(cause, WrongPage):
        message, code = str(cause), "BAD_USER_INPUT"
    elif isinstance(cause, PyMongoError):
        message, code = "The store of this service does not answer. Try again in a moment.", "STORE_UNAVAILABLE"
    else:
        message, code = "Something went wrong inside the service; its log says what.", "INTERNAL_SERVER_ERROR"
    if debug and code != "BAD_USER_INPUT":
        message = f"{message} ({type(cause).__name__}: {cause})"
    return GraphQLError(
        message, nodes=error.nodes, path=error.path, extensions={**(error.extensions or {}), "code": code}
    )
