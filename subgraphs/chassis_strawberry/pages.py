"""The parts of a connection that are the same for every list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import strawberry

Node = TypeVar("Node")

First = Annotated[int, strawberry.argument(description="How many nodes the page may hold, 100 at most.")]
After = Annotated[
    str | None, strawberry.argument(description="The endCursor of the page before; null for the first page.")
]


@strawberry.federation.type(shareable=True, description="Where a page lies in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether more nodes follow this page.")
    has_previous_page: bool = strawberry.field(description="Whether nodes come before this page.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first node; null on an empty page.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last node; null on an empty page.")


@dataclass(frozen=True)
class Page(Generic[Node]):
    """Some documents of a list, and whether more follow."""

    nodes: Sequence[Node]
    cursors: Sequence[str]
    more: bool
    after: str | None

    @classmethod
    def of(cls, found: Sequence[Node], size: int, after: str | None, cursor: Any) -> "Page[Node]":
        """
        A page of what a store found when it was asked for one more than ``size``.

        :param cursor: gives the cursor of a node
        """
        nodes = found[:size]
        return cls(nodes, [cursor(node) for node in nodes], len(found) > size, after)

    @property
    def info(self) -> PageInfo:
        """What the client is told of the page."""
        return PageInfo(
            has_next_page=self.more,
            has_previous_page=self.after is not None,
            start_cursor=self.cursors[0] if self.cursors else None,
            end_cursor=self.cursors[-1] if self.cursors else None,
        )
