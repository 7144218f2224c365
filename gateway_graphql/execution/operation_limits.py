"""How much an operation may ask by its form alone, whatever the data. Told before it is validated."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gateway_graphql.planning.measure import Measures

__all__ = ["MODES", "OperationLimits"]

MODES = ("enforce", "measure", "off")


@dataclass(frozen=True, slots=True)
class OperationLimits:
    """The form of an operation, its fragments inlined; far above what people write. Section ``operation_limits``."""

    mode: str = field(default="enforce", metadata={"choices": MODES})
    """enforce: refuse what is above a limit; measure: answer it, and tell the log; off"""
    depth: int = 30
    """fields below one another"""
    height: int = 1000
    """fields in all, aliases and repetitions counted"""
    aliases: int = 100
    """fields with an alias"""
    root_fields: int = 50
    """fields of the operation itself, each of which is work of its own"""
    directives: int = 100
    """directives in all"""
    directives_in_one_place: int = 5
    """directives on one field, fragment or operation"""
    introspection_lists: int = 2
    """lists inside of one another in what asks for the schema: the fields of the types of its fields are two"""

    def excesses(self, measures: Measures) -> list[dict[str, Any]]:
        """A GraphQL error for each limit that these measures are above."""
        return [
            {
                "message": f"The operation has more than {most} {said}. "
                f"The limit is the setting operation_limits.{name} of the gateway.",
                "extensions": {"code": code},
            }
            for name, code, said in _CHECKS
            if getattr(measures, name) > (most := getattr(self, name))
        ]


# The codes are those of Apollo Router where it has the limit.
_CHECKS = (
    ("depth", "MAX_DEPTH_LIMIT", "fields below one another"),
    ("height", "MAX_HEIGHT_LIMIT", "fields"),
    ("aliases", "MAX_ALIASES_LIMIT", "aliases"),
    ("root_fields", "MAX_ROOT_FIELDS_LIMIT", "root fields"),
    ("directives", "MAX_DIRECTIVES_LIMIT", "directives"),
    ("directives_in_one_place", "MAX_DIRECTIVES_LIMIT", "directives in one place"),
    ("introspection_lists", "MAX_INTROSPECTION_DEPTH_LIMIT", "lists of the schema inside of one another"),
)
