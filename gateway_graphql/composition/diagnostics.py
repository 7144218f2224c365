"""What composition has to say: where, what, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Diagnostic", "Findings", "Level"]

Level = Literal["warning", "info", "debug"]

_WARNINGS = frozenset(
    {
        "INCONSISTENT_DEFAULT_VALUE_PRESENCE",
        "INCONSISTENT_INPUT_OBJECT_FIELD",
        "INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM",
        "INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE",
        "INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE",
        "INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS",
        "NO_EXECUTABLE_DIRECTIVE_INTERSECTION",
        "INCONSISTENT_DESCRIPTION",
        "INCONSISTENT_ARGUMENT_PRESENCE",
        "FROM_SUBGRAPH_DOES_NOT_EXIST",
        "INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
        "DIRECTIVE_COMPOSITION_WARN",
        "CONTRACT_TAG_UNUSED",
        "INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN",
    }
)
_DETAILS = frozenset(
    {
        "INCONSISTENT_OBJECT_VALUE_TYPE_FIELD",
        "INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD",
        "INCONSISTENT_UNION_MEMBER",
        "INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM",
        "UNUSED_ENUM_TYPE",
    }
)


@dataclass(frozen=True, order=True)
class Diagnostic:
    """One mistake that stands in the way, or one hint that does not."""

    code: str
    """the name of the rule, as every federation composer calls it: ``EXTERNAL_UNUSED``"""
    message: str
    subgraphs: tuple[str, ...] = ()
    """who has to change something; empty when it is nobody in particular"""
    coordinate: str = ""
    """``Type``, ``Type.field``, ``Type.field(argument:)`` or ``@directive``"""

    @property
    def hint_level(self) -> Level:
        """How much it matters if it is a hint: most authors want to see warnings, few want to see everything."""
        if self.code in _WARNINGS:
            return "warning"
        return "debug" if self.code in _DETAILS else "info"

    def __str__(self) -> str:
        where = f"[{', '.join(self.subgraphs)}] " if self.subgraphs else ""
        what = f"{self.coordinate}: {self.message}" if self.coordinate else self.message
        return f"{where}{what} ({self.code})"


@dataclass
class Findings:
    """Collects errors and hints while subgraphs are merged; a mistake never stops the search for others."""

    errors: list[Diagnostic] = field(default_factory=list)
    hints: list[Diagnostic] = field(default_factory=list)

    def error(self, code: str, coordinate: str, message: str, subgraphs: Iterable[str] = ()) -> None:
        """Note a mistake that must be corrected before there can be a supergraph."""
        self.errors.append(Diagnostic(code, message, tuple(subgraphs), coordinate))

    def hint(self, code: str, coordinate: str, message: str, subgraphs: Iterable[str] = ()) -> None:
        """Note something that composes, but may not be what was meant."""
        self.hints.append(Diagnostic(code, message, tuple(subgraphs), coordinate))
