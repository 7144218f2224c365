"""Relay connections over Django querysets: pages by position, not by offset, so that page 10,000 costs what page 1 does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import graphene
from django.db.models import DateTimeField, Model, Q, QuerySet
from graphene_federation import shareable
from graphql import GraphQLError

from subgraphs.chassis.paging import DEFAULT_PAGE, LARGEST_PAGE, WrongPage, cursor_at, page_size, position_at


@dataclass(frozen=True)
class Order:
    """What a list is sorted by; the id decides between equals."""

    field: str
    descending: bool = False

    @property
    def terms(self) -> tuple[str, str]:
        """For Django's ``order_by``."""
        return ("-" if self.descending else "") + self.field, "pk"

    def cursor(self, node: Model) -> str:
        """Where a node stands in this order."""
        value = getattr(node, self.field)
        return cursor_at(value.isoformat() if isinstance(value, datetime) else value, node.pk)

    def behind(self, cursor: str, model: type[Model]) -> Q:
        """
        The nodes that come after this cursor.

        :raises WrongPage: when it is not a cursor of this list.
        """
        value, pk = position_at(cursor, (str, int, type(None)), (str,))  # type: ignore[arg-type]
        column = model._meta.get_field(self.field)
        if isinstance(column, DateTimeField) and value is not None:
            try:
                value = datetime.fromisoformat(value)
            except (TypeError, ValueError):
                raise WrongPage(f"after: {cursor[:80]!r} is no cursor of this list") from None
        is_null = Q(**{f"{self.field}__isnull": True})
        # Nulls come first in MongoDB, so last where the order is turned round.
        if value is None:
            same = is_null & Q(pk__gt=pk)
            return same if self.descending else same | Q(**{f"{self.field}__isnull": False})
        beyond, from_here = ("lt", "lte") if self.descending else ("gt", "gte")
        after = Q(**{f"{self.field}__{from_here}": value}) & (Q(**{f"{self.field}__{beyond}": value}) | Q(pk__gt=pk))
        return after | is_null if self.descending and column.null else after


@dataclass
class Page:
    """A part of a list, as the connection types below show it."""

    nodes: Sequence[Any]
    cursors: Sequence[str]
    has_next: bool
    has_previous: bool
    count: Callable[[], int]
    """asked only when the client wants to know"""
    _count: int | None = field(default=None, repr=False)

    @property
    def total(self) -> int:
        """How many nodes the whole list has."""
        if self._count is None:
            self._count = self.count()
        return self._count


def page_of(queryset: QuerySet[Any], order: Order, *, first: int | None, after: str | None) -> Page:
    """
    One page of a queryset, in one query.

    :raises GraphQLError: when the page asked for is too large or ``after`` is no cursor of this list.
    """
    size, rest = _window(queryset, order, first, after)
    nodes = list(rest.order_by(*order.terms)[: size + 1]) if size else []
    return cut(nodes, size, order, after=after, count=queryset.count)


def cut(found: Sequence[Any], size: int, order: Order, *, after: str | None, count: Callable[[], int]) -> Page:
    """A page of ``size`` nodes out of what was found when one more was asked for."""
    nodes = found[:size]
    return Page(nodes, [order.cursor(node) for node in nodes], len(found) > size, bool(after), count)


def wanted_size(first: int | None) -> int:
    """
    How many nodes the client wants.

    :raises GraphQLError: when it is more than a page holds.
    """
    try:
        return page_size(first)
    except WrongPage as wrong:
        raise bad_input(str(wrong)) from None


def bad_input(message: str) -> GraphQLError:
    """The error for an argument that cannot be used."""
    return GraphQLError(message, extensions={"code": "BAD_USER_INPUT"})


def _window(queryset: QuerySet[Any], order: Order, first: int | None, after: str | None) -> tuple[int, QuerySet[Any]]:
    size = wanted_size(first)
    if after is None:
        return size, queryset
    try:
        return size, queryset.filter(order.behind(after, queryset.model))
    except WrongPage as wrong:
        raise bad_input(str(wrong)) from None


class PageInfo(graphene.ObjectType):
    """Where a page lies in its list."""

    has_next_page = graphene.Boolean(required=True, description="Whether more nodes follow this page.")
    has_previous_page = graphene.Boolean(required=True, description="Whether nodes come before this page.")
    start_cursor = graphene.String(description="The cursor of the first node; null on an empty page.")
    end_cursor = graphene.String(description="The cursor of the last node; null on an empty page.")


def connection_of(node: type[graphene.ObjectType], plural: str, *, shared: bool = False) -> type[graphene.ObjectType]:
    """
    The types ``<Node>Connection`` and ``<Node>Edge``.

    :param shared: whether another subgraph has them too
    """
    in_the_graph = shareable if shared else _unchanged
    name = node._meta.name
    edge = type(
        f"{name}Edge",
        (graphene.ObjectType,),
        {
            "__doc__": f"A place in a list of {plural}.",
            "cursor": graphene.String(required=True, description="Says where this place is; for `after`."),
            "node": graphene.Field(node, required=True, description="What stands there."),
        },
    )
    edge = in_the_graph(edge)
    connection = type(
        f"{name}Connection",
        (graphene.ObjectType,),
        {
            "__doc__": f"A page of {plural}.",
            "edges": graphene.List(
                graphene.NonNull(edge), required=True, description="The nodes of this page with their places."
            ),
            "nodes": graphene.List(graphene.NonNull(node), required=True, description="The nodes of this page."),
            "page_info": graphene.Field(PageInfo, required=True, description="Whether there is more."),
            "total_count": graphene.Int(required=True, description="How many nodes the whole list has."),
            "resolve_edges": _edges(edge),
            "resolve_page_info": _page_info,
            "resolve_total_count": lambda page, _info: page.total,
        },
    )
    return in_the_graph(connection)


def connection_field(connection: type[graphene.ObjectType], description: str, **arguments: Any) -> graphene.Field:
    """A field that answers with a page; it takes ``first`` and ``after`` besides its own arguments."""
    return graphene.Field(
        connection,
        required=True,
        description=description,
        first=graphene.Int(default_value=DEFAULT_PAGE, description=f"How many nodes; {LARGEST_PAGE} at most."),
        after=graphene.String(description="The cursor of the node to go on after: `endCursor` of the page before."),
        **arguments,
    )


def _unchanged(type_: type[graphene.ObjectType]) -> type[graphene.ObjectType]:
    return type_


def _edges(edge: type[graphene.ObjectType]) -> Callable[[Page, Any], list[Any]]:
    def resolve_edges(page: Page, _info: Any) -> list[Any]:
        return [edge(cursor=cursor, node=node) for cursor, node in zip(page.cursors, page.nodes, strict=True)]

    return resolve_edges


def _page_info(page: Page, _info: Any) -> PageInfo:
    return PageInfo(
        has_next_page=page.has_next,
        has_previous_page=page.has_previous,
        start_cursor=page.cursors[0] if page.cursors else None,
        end_cursor=page.cursors[-1] if page.cursors else None,
    )
