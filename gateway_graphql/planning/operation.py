"""An operation by position: every place where an object can be, and what is needed of it there."""

from __future__ import annotations

from dataclasses import dataclass

from graphql import ArgumentNode, DirectiveNode

from gateway_graphql.planning.conditions import Condition

__all__ = ["INITIAL", "TYPENAME", "Need", "Position", "TypeClass"]

TYPENAME = "__typename"
INITIAL = 0
"""the block of what comes at once; the blocks of ``@defer`` have other numbers"""


@dataclass(eq=False, slots=True)
class Need:
    """A field that is needed of an object: by the client, or (hidden) by a key or ``@requires``."""

    response_key: str | None
    """the client's key in the answer; ``None`` for a hidden need"""
    name: str
    arguments: tuple[ArgumentNode, ...]
    arguments_text: str
    """with the directives that go on to the subgraph"""
    condition: Condition
    child: Position | None
    occurrences: tuple[tuple[int, Condition], ...] = ()
    """where the field stands, and when it counts there: the first one that counts decides its place in the answer"""
    directives: tuple[DirectiveNode, ...] = ()
    """custom directives of the client, for the subgraphs that define them"""
    around: tuple[str, ...] = ()
    """the custom directives of the fragments it stands in, outermost first, as text"""
    blocks: frozenset[int] = frozenset({INITIAL})
    """who wants it: the answer that comes at once, or blocks of ``@defer``"""
    contexts: frozenset[str] = frozenset()
    """those that objects above it set"""
    for_context: bool = False
    """whether it is needed only because something below takes an argument from it"""
    beside: Need | None = None
    """where only objects of some types want this of the field: what all at the position want of it"""

    @property
    def asked_as(self) -> tuple[str, tuple[str, ...]]:
        """What makes two needs of one field different ones."""
        return self.arguments_text, self.around

    @property
    def hidden(self) -> bool:
        """Whether the client never sees it."""
        return self.response_key is None


@dataclass(eq=False, slots=True)
class TypeClass:
    """The object types of a position that need the same fields, and find them in the same places."""

    types: tuple[str, ...]
    needs: tuple[Need, ...]
    refused: tuple[Need, ...] = ()
    """what the client asked for and its caller may not see: null in the answer, and never planned"""


@dataclass(eq=False, slots=True)
class Position:
    """One place in the answer where objects are."""

    type_name: str
    abstract: bool
    classes: tuple[TypeClass, ...]
    wants_typename: bool
    """whether the concrete type must be known, apart from what fetching may need"""
    blocks: frozenset[int] = frozenset({INITIAL})
    """who wants the objects"""
    alike: bool = False
    """whether all classes need the same, and only find it in different places: the type may not matter at all"""
