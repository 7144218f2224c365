"""Reads the operations that clients are known to send, so that they are planned before anybody asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from gateway_graphql.execution.gateway import GraphQLRequest

__all__ = ["WrongOperations", "read_known_operations"]

FORMS = (
    'a JSON list of {"query": …, "operationName": …}, an object of hashes and documents (as Relay writes it), '
    'or a manifest with "operations", each with "body" and "name" (as Apollo writes it)'
)


class WrongOperations(ValueError):
    """The file cannot be used; the text says where, what, and what to do."""


def read_known_operations(file: Path) -> list[GraphQLRequest]:
    """
    Every operation of the file, in its order.

    What is not valid in this graph is no mistake here: planning refuses it as it would refuse a client.

    :raises WrongOperations: this is no such file.
    """
    try:
        value = orjson.loads(file.read_bytes())
    except OSError as problem:
        raise WrongOperations(f"{file}: cannot be read: {problem.strerror or problem}") from None
    except orjson.JSONDecodeError as problem:
        raise WrongOperations(f"{file}: this is not JSON: {problem}; write {FORMS}") from None
    return list(_requests(file, value))


def _requests(file: Path, value: Any) -> Iterator[GraphQLRequest]:
    if isinstance(value, dict):
        manifest = value.get("operations")
        if isinstance(manifest, list):
            value, text, name = manifest, "body", "name"
        else:
            value, text, name = [{"query": document} for document in value.values()], "query", "operationName"
    elif isinstance(value, list):
        text, name = "query", "operationName"
    else:
        raise WrongOperations(f"{file}: there are no operations in it; write {FORMS}")
    for number, entry in enumerate(value, 1):
        known = entry if isinstance(entry, dict) else {}
        query, operation_name = known.get(text), known.get(name)
        if not isinstance(query, str) or not isinstance(operation_name, str | None):
            raise WrongOperations(f"{file}: operation {number} has no document in it; write {FORMS}")
        yield GraphQLRequest(query, operation_name or None)
