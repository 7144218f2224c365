"""The graph of this service: GraphQL in, searches out."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import graphene
from django.conf import settings
from graphql import GraphQLError, GraphQLResolveInfo
from pymongo.errors import ExecutionTimeout

from subgraphs.chassis.paging import WrongPage, cursor_at, position_at
from subgraphs.chassis_graphene.connections import Page, bad_input, connection_field, wanted_size
from subgraphs.chassis_graphene.entities import federated_schema, sdl_of
from subgraphs.chassis_graphene.guards import scoped
from subgraphs.chassis_graphene.values import DateTime
from subgraphs.logs.model import Alert, AlertStatus, Entry, Level, Rule
from subgraphs.logs.store import MOST_COUNTED, OnlyAlerts, OnlyEntries, store
from subgraphs.logs.types import (
    READ,
    AlertConnection,
    AlertType,
    LevelEnum,
    LogEntry,
    LogEntryConnection,
    RuleEnum,
    StatusEnum,
)

Found = TypeVar("Found")


class Query(graphene.ObjectType):
    """What can be asked."""

    log_entry = scoped(
        graphene.Field(
            LogEntry, description="The entry with this id.", id=graphene.ID(required=True, description="Its id.")
        ),
        READ,
    )
    log_entries = scoped(
        connection_field(
            LogEntryConnection,
            f"Log lines, the newest first; all conditions that are given must hold. Counted are {MOST_COUNTED:,} at most.",
            since=DateTime(description="Written then or later."),
            until=DateTime(description="Written before."),
            level=LevelEnum(description="At this level or above."),
            service=graphene.String(description="Of this service."),
            request_id=graphene.String(description="Of this request."),
            text=graphene.String(description="With this text somewhere in the line, in upper or lower case."),
        ),
        READ,
    )
    alert = scoped(
        graphene.Field(
            AlertType, description="The alert with this id.", id=graphene.ID(required=True, description="Its id.")
        ),
        READ,
    )
    alerts = scoped(
        connection_field(
            AlertConnection,
            "What is or was wrong with services, the newest first; all conditions that are given must hold.",
            status=StatusEnum(description="Open, or cleared."),
            rule=RuleEnum(description="Of this kind."),
            service=graphene.String(description="Of this service."),
        ),
        READ,
    )

    @staticmethod
    def resolve_log_entry(_root: Any, _info: GraphQLResolveInfo, id: str) -> Entry | None:
        """By id."""
        return store().entries_of([id]).get(id)

    @staticmethod
    def resolve_log_entries(
        _root: Any, _info: GraphQLResolveInfo, first: int | None = None, after: str | None = None, **conditions: Any
    ) -> Page:
        """A page of what the conditions leave."""
        size, level = wanted_size(first), conditions.pop("level", None)
        only = OnlyEntries(level=_value(Level, level), **_checked(conditions))
        position = _position(after, str)
        found = _in_time(
            lambda: store().entries(only, size + 1 if size else 0, after=position[0] if position else None)
        )
        return Page(
            found[:size],
            [cursor_at(one.id) for one in found[:size]],
            len(found) > size,
            after is not None,
            lambda: _in_time(lambda: store().count_entries(only)),
        )

    @staticmethod
    def resolve_alert(_root: Any, _info: GraphQLResolveInfo, id: str) -> Alert | None:
        """By id."""
        return store().alerts_of([id]).get(id)

    @staticmethod
    def resolve_alerts(
        _root: Any, _info: GraphQLResolveInfo, first: int | None = None, after: str | None = None, **conditions: Any
    ) -> Page:
        """A page of what the conditions leave."""
        size = wanted_size(first)
        status, rule = conditions.pop("status", None), conditions.pop("rule", None)
        only = OnlyAlerts(_value(AlertStatus, status), _value(Rule, rule), **_checked(conditions))
        found = store().alerts(only, size + 1 if size else 0, after=_moment_and_id(after))
        return Page(
            found[:size],
            [cursor_at(one.opened_at.isoformat(), one.id) for one in found[:size]],
            len(found) > size,
            after is not None,
            lambda: store().count_alerts(only),
        )


schema = federated_schema(
    query=Query, entities={"LogEntry": LogEntry.load_references, "Alert": AlertType.load_references}
)


def sdl() -> str:
    """The SDL of this service."""
    return sdl_of(schema)


def _value(kind: Any, given: Any) -> Any:
    return None if given is None else kind(getattr(given, "value", given))


def _checked(conditions: dict[str, Any]) -> dict[str, Any]:
    for name, value in conditions.items():
        if isinstance(value, str) and not 0 < len(value) <= settings.CONDITION_LENGTH:
            raise bad_input(f"{name} must have 1 to {settings.CONDITION_LENGTH} characters")
    return conditions


def _in_time(search: Callable[[], Found]) -> Found:
    try:
        return search()
    except ExecutionTimeout:
        message = f"The search took longer than {settings.SEARCH_MS} ms. Narrow it down: give since, service or level."
        raise GraphQLError(message, extensions={"code": "SEARCH_TOO_LONG"}) from None


def _position(after: str | None, *types: type) -> tuple[Any, ...] | None:
    if after is None:
        return None
    try:
        return position_at(after, *types)
    except WrongPage as wrong:
        raise bad_input(str(wrong)) from None


def _moment_and_id(after: str | None) -> tuple[datetime, str] | None:
    position = _position(after, str, str)
    if position is None:
        return None
    try:
        return datetime.fromisoformat(position[0]), position[1]
    except ValueError:
        raise bad_input("after is no cursor of this list; use endCursor of the page before") from None
