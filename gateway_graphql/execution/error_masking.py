"""What of a subgraph's errors a client gets to see. The log keeps all of it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["ErrorMasking"]

log = logging.getLogger(__name__)

INTERNALS = frozenset({"exception", "stacktrace", "stackTrace", "stack", "trace", "traceback", "debug"})
"""extensions in which GraphQL servers tell of their code; never sent on"""
HIDDEN = "Internal server error"
UNKNOWN = "INTERNAL_SERVER_ERROR"


@dataclass(frozen=True, slots=True)
class ErrorMasking:
    """What clients learn of errors. Section ``error_masking``."""

    enabled: bool = False
    """hide the message and the extensions of a subgraph's error, unless its code is one of ``codes``"""
    codes: tuple[str, ...] = (
        "BAD_USER_INPUT",
        "CONFLICT",
        "FORBIDDEN",
        "GRAPHQL_VALIDATION_FAILED",
        "NOT_FOUND",
        "RATE_LIMITED",
        "UNAUTHENTICATED",
        "UNAUTHORIZED_FIELD_OR_TYPE",
    )
    """what a client can act on: errors with these codes keep their message"""
    extensions: tuple[str, ...] = ("code",)
    """what of the extensions of such an error is sent on"""
    subgraph_names: bool = False
    """whether the names of subgraphs are told; while nothing is hidden, they are"""

    def of_subgraph(self, subgraph: str, message: str, extensions: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Message and extensions of an error that a subgraph told."""
        if not self.enabled:
            if INTERNALS.isdisjoint(extensions):
                return message, extensions
            log.warning("subgraph %s said: %s %s", subgraph, message, extensions)
            return message, {name: value for name, value in extensions.items() if name not in INTERNALS}
        if extensions.get("code") not in self.codes:
            log.warning("subgraph %s said: %s %s", subgraph, message, extensions)
            return HIDDEN, self._named(subgraph, {"code": UNKNOWN})
        return message, self._named(
            subgraph, {name: extensions[name] for name in self.extensions if name in extensions}
        )

    def of_request(self, subgraph: str, message: str, extensions: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        """Message and extensions where a subgraph could not be asked; the code stays, which tells what to do."""
        if not self.enabled or self.subgraph_names:
            return message, extensions
        log.warning("subgraph %s: %s", subgraph, message)
        return "A part of the answer is not available.", {"code": extensions["code"]}

    def _named(self, subgraph: str, extensions: dict[str, Any]) -> dict[str, Any]:
        return {**extensions, "serviceName": subgraph} if self.subgraph_names else extensions
