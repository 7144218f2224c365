"""What composition has to say: where, what, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

__all__ = ["Diagnostic", "Findings"]


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
