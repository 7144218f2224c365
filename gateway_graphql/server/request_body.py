"""From the parameters of a request, however they travelled, to a GraphQL request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

import orjson

from gateway_graphql.execution.gateway import GraphQLRequest
from gateway_graphql.server.asgi import Refused
from gateway_graphql.server.json_text import loads
from gateway_graphql.server.persisted_documents import PersistedDocuments
from gateway_graphql.server.settings import Limits

__all__ = ["checked_depth", "from_json", "from_parameters", "from_query_string", "malformed"]


def malformed(message: str) -> Refused:
    """HTTP 400: this is not a GraphQL request."""
    return Refused(400, "BAD_REQUEST", message)


def from_json(
    body: bytes, headers: Mapping[str, str], documents: PersistedDocuments, limits: Limits
) -> GraphQLRequest | list[GraphQLRequest | Refused]:
    """
    A POST body of JSON: an operation, or a list of at most ``limits.batch_operations`` of them.

    :raises Refused: this is neither. What is wrong with one operation of a list takes its place in the list.
    """
    if not body:
        raise malformed('The request body is empty. Send JSON such as {"query": "{ __typename }"}.')
    try:
        parameters = loads(body)
    except orjson.JSONDecodeError as problem:
        raise malformed(f"The request body is not JSON: {problem}.") from None
    if not isinstance(parameters, list):
        return from_parameters(parameters, headers, documents, limits)
    most = limits.batch_operations
    if most == 0:
        raise malformed("Batching is off: send one operation per request, as a JSON object.")
    if not 0 < len(parameters) <= most:
        raise malformed(
            f"A list of {len(parameters)} operations was sent; it must have between 1 and {most}. "
            "The limit is the setting limits.batch_operations of the gateway."
        )
    batch: list[GraphQLRequest | Refused] = []
    for one in parameters:
        try:
            batch.append(from_parameters(one, headers, documents, limits))
        except Refused as refused:
            batch.append(refused)
    return batch


def from_query_string(
    query_string: bytes, headers: Mapping[str, str], documents: PersistedDocuments, limits: Limits
) -> GraphQLRequest:
    """The parameters of a GET request."""
    try:
        given = parse_qs(query_string.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError:
        raise malformed("The query string is not URL-encoded UTF-8.") from None
    parameters: dict[str, Any] = {name: values[-1] for name, values in given.items()}
    for name in ("variables", "extensions"):
        if parameters.get(name):
            try:
                parameters[name] = loads(parameters[name])
            except orjson.JSONDecodeError as problem:
                raise malformed(f"The parameter `{name}` is not JSON: {problem}.") from None
        else:
            parameters.pop(name, None)
    if parameters.get("operationName") == "":
        del parameters["operationName"]
    return from_parameters(parameters, headers, documents, limits)


def from_parameters(
    parameters: Any, headers: Mapping[str, str], documents: PersistedDocuments, limits: Limits
) -> GraphQLRequest:
    """``query``, ``operationName``, ``variables`` and ``extensions``, each checked for its kind."""
    if not isinstance(parameters, dict):
        raise malformed('The request must be a JSON object such as {"query": "{ __typename }"}.')
    operation_name = parameters.get("operationName")
    if operation_name is not None and not isinstance(operation_name, str):
        raise malformed("The parameter `operationName` must be a text.")
    variables = parameters.get("variables")
    if variables is not None and not isinstance(variables, dict):
        raise malformed("The parameter `variables` must be a JSON object.")
    if variables:
        checked_depth(variables, limits)
    extensions = parameters.get("extensions")
    if extensions is not None and not isinstance(extensions, dict):
        raise malformed("The parameter `extensions` must be a JSON object.")
    query = parameters.get("query")
    if isinstance(query, str | None):
        query = documents.text_of(query, extensions or {}, parameters.get("documentId"))
    if not isinstance(query, str) or not query.strip():
        raise malformed("The parameter `query` is missing or not a text. Put the GraphQL document there.")
    return GraphQLRequest(query, operation_name, variables or {}, extensions or {}, headers)


def checked_depth(variables: Mapping[str, Any], limits: Limits) -> None:
    """
    Refuse variables that lie deeper in one another than is allowed.

    :raises Refused: they do.
    """
    if _is_deeper(variables, limits.variables_depth):
        raise Refused(
            400,
            "MAX_VARIABLES_DEPTH_LIMIT",
            f"The variables have more than {limits.variables_depth} lists and objects inside of one another. "
            "The limit is the setting limits.variables_depth of the gateway.",
        )


def _is_deeper(variables: Mapping[str, Any], most: int) -> bool:
    """Whether lists and objects lie deeper in one another than that; told level by level, without recursion."""
    level: list[Any] = [one for one in variables.values() if one.__class__ in _NESTING]
    depth = 0
    while level:
        depth += 1
        if depth > most:
            return True
        level = [
            one
            for outer in level
            for one in (outer.values() if outer.__class__ is dict else outer)
            if one.__class__ in _NESTING
        ]
    return False


_NESTING = (dict, list)
