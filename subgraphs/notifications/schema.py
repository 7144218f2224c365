"""The graph of this service: GraphQL in, use cases out."""

from typing import Any

import graphene
from graphql import GraphQLResolveInfo

from subgraphs.chassis_graphene.connections import Page, bad_input, connection_field, page_of
from subgraphs.chassis_graphene.entities import federated_schema, sdl_of
from subgraphs.chassis_graphene.guards import scoped
from subgraphs.chassis_graphene.siblings import Siblings
from subgraphs.notifications.filters import NEWEST_FIRST, filtered
from subgraphs.notifications.model import Notification
from subgraphs.notifications.resend_notification import Outcome, resend_notification
from subgraphs.notifications.types import (
    READ,
    KindEnum,
    NotificationConnection,
    NotificationType,
    ProblemType,
    StatusEnum,
    Subscriber,
)

_MOST_FILTER_CHARACTERS = 200
WRITE = "subscribers:write"


class Query(graphene.ObjectType):
    """What can be asked."""

    notification = scoped(
        graphene.Field(
            NotificationType,
            description="The letter with this id.",
            id=graphene.ID(required=True, description="The id of the letter."),
        ),
        READ,
    )
    notifications = scoped(
        connection_field(
            NotificationConnection,
            "All letters, the newest first; all conditions that are given must hold.",
            status=StatusEnum(description="This far."),
            kind=KindEnum(description="Saying this."),
            subscriber_id=graphene.ID(description="To this subscriber."),
            match_task_id=graphene.ID(description="About the outcome of this task."),
        ),
        READ,
    )

    @staticmethod
    def resolve_notification(_root: Any, _info: GraphQLResolveInfo, id: str) -> Notification | None:
        """By id."""
        return Notification.objects.filter(pk=id).first()

    @staticmethod
    def resolve_notifications(
        _root: Any, _info: GraphQLResolveInfo, first: int | None = None, after: str | None = None, **conditions: Any
    ) -> Page:
        """A page of what the filters leave."""
        for name, value in conditions.items():
            if isinstance(value, str) and len(value) > _MOST_FILTER_CHARACTERS:
                raise bad_input(f"{name} has {len(value):,} characters; {_MOST_FILTER_CHARACTERS} are allowed")
        page = page_of(filtered(conditions), NEWEST_FIRST, first=first, after=after)
        Siblings(page.nodes)
        return page


class ResendNotificationPayload(graphene.ObjectType):
    """What became of the wish for a letter."""

    notification = graphene.Field(NotificationType, description="The letter as it is now; null when there is none.")
    problems = graphene.List(
        graphene.NonNull(ProblemType), required=True, description="Why it is not sent again; empty when it is."
    )


class Mutation(graphene.ObjectType):
    """What can be done."""

    resend_notification = scoped(
        graphene.Field(
            ResendNotificationPayload,
            required=True,
            description="Send a letter again that was sent, that failed, or of which nobody knows.",
            id=graphene.ID(required=True, description="The letter to send again."),
        ),
        WRITE,
    )

    @staticmethod
    def resolve_resend_notification(_root: Any, _info: GraphQLResolveInfo, id: str) -> Outcome:
        """Translate and call."""
        return resend_notification(id)


schema = federated_schema(
    query=Query,
    mutation=Mutation,
    entities={"Notification": NotificationType.load_references, "Subscriber": Subscriber.load_references},
)


def sdl() -> str:
    """The SDL of this service."""
    return sdl_of(schema)
