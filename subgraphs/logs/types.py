"""The types of the graph this service knows."""

from collections.abc import Mapping, Sequence
from typing import Any

import graphene
from graphene_federation import key, requires_scope
from graphql import GraphQLResolveInfo

from subgraphs.chassis_graphene.connections import connection_of
from subgraphs.chassis_graphene.guards import any_of, caller_of
from subgraphs.chassis_graphene.values import DateTime, described_enum
from subgraphs.logs.model import Alert, AlertStatus, Entry, Level, Rule
from subgraphs.logs.store import store

READ = "operations"
"""the scope of those who see logs"""

LevelEnum = described_enum(
    Level,
    "LogLevel",
    "How much a log line matters.",
    {
        "DEBUG": "Of use to developers alone.",
        "INFO": "As it should be.",
        "WARNING": "It goes on, but somebody may want to know.",
        "ERROR": "Something could not be done.",
        "CRITICAL": "The process cannot go on.",
    },
)
RuleEnum = described_enum(
    Rule,
    "AlertRule",
    "What can be wrong with a service.",
    {
        "ERROR_RATE": "Too many of its lines are errors, or too many of its answers.",
        "LATENCY": "Too many of its requests take long.",
        "QUEUE_AGE": "Too many facts or tasks waited long for it.",
        "SILENCE": "One of its processes is not heard any more.",
    },
)
StatusEnum = described_enum(
    AlertStatus,
    "AlertStatus",
    "Whether it is wrong now.",
    {"OPEN": "It is.", "CLEARED": "It was, and is well again."},
)


@requires_scope(scopes=any_of(READ))
@key("id")
class LogEntry(graphene.ObjectType):
    """One log line of a service."""

    id = graphene.ID(required=True, description="The id of the entry; ids sort by time.")
    time = DateTime(required=True, description="When it was written.")
    level = graphene.Field(LevelEnum, required=True, description="How much it matters.")
    service = graphene.String(required=True, description="Which service wrote it.")
    process = graphene.String(description="Which of its processes.")
    event = graphene.String(required=True, description="What happened.")
    request_id = graphene.String(description="The request it belongs to, through all services.")
    trace_id = graphene.String(description="The trace it belongs to.")
    line = graphene.String(required=True, description="The whole line as it was written, in JSON; secrets are hidden.")

    @classmethod
    def load_references(
        cls, info: GraphQLResolveInfo, representations: Sequence[Mapping[str, Any]]
    ) -> list[Entry | None]:
        """All that were asked for, in one query; to those who see logs."""
        if not caller_of(info).may(READ):
            return [None] * len(representations)
        found = store().entries_of([one["id"] for one in representations])
        return [found.get(one["id"]) for one in representations]


@requires_scope(scopes=any_of(READ))
@key("id")
class AlertType(graphene.ObjectType):
    """Something that is, or was, wrong with a service."""

    class Meta:
        name = "Alert"

    id = graphene.ID(required=True, description="The id of the alert.")
    status = graphene.Field(StatusEnum, required=True, description="Whether it is wrong now.")
    rule = graphene.Field(RuleEnum, required=True, description="What is wrong.")
    service = graphene.String(required=True, description="With which service.")
    process = graphene.String(description="With which of its processes, where it is one.")
    text = graphene.String(required=True, description="What was found when it was opened, for people.")
    value = graphene.Float(
        required=True, description="How bad it was at the last look: a share, or seconds of silence."
    )
    worst = graphene.Float(required=True, description="How bad it was at the worst.")
    opened_at = DateTime(required=True, description="When it was opened.")
    cleared_at = DateTime(description="When it was well again; null while it is not.")

    @classmethod
    def load_references(
        cls, info: GraphQLResolveInfo, representations: Sequence[Mapping[str, Any]]
    ) -> list[Alert | None]:
        """All that were asked for, in one query; to those who see logs."""
        if not caller_of(info).may(READ):
            return [None] * len(representations)
        found = store().alerts_of([one["id"] for one in representations])
        return [found.get(one["id"]) for one in representations]


LogEntryConnection = connection_of(LogEntry, "log entries")
AlertConnection = connection_of(AlertType, "alerts")
