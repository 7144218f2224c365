"""The types of the graph this service knows."""

from collections.abc import Mapping, Sequence
from typing import Any

import graphene
from graphene_django import DjangoObjectType
from graphene_federation import external, key, requires, requires_scope
from graphql import GraphQLResolveInfo

from subgraphs.chassis.identity import OWN
from subgraphs.chassis_graphene.connections import Page, connection_field, connection_of
from subgraphs.chassis_graphene.guards import any_of, caller_of, forbidden, scoped
from subgraphs.chassis_graphene.siblings import Siblings, pages_below, siblings_of
from subgraphs.chassis_graphene.values import DateTime, described_enum, problem_type
from subgraphs.notifications.filters import NEWEST_FIRST
from subgraphs.notifications.model import Kind, Notification, Status
from subgraphs.notifications.problems import ProblemCode, describe

READ = "subscribers:read"
"""the scope of those who see everybody's letters"""

KindEnum = described_enum(
    Kind,
    "NotificationKind",
    "What a letter says.",
    {
        "CONFIRMED": "The address is confirmed: it is one the register knows.",
        "CHECKING": "Somebody is looking at the address.",
        "CONFIRMED_AS_TYPED": "The address is new and taken as it was typed.",
        "THANKS": "Thanks for a suggestion.",
        "VOUCHER": "A discount is granted; this is the voucher.",
        "ALERT": "Something is wrong with a service, or well again.",
    },
)
StatusEnum = described_enum(
    Status,
    "NotificationStatus",
    "How far a letter is.",
    {
        "INTENDED": "It waits to be sent.",
        "SENDING": "It is being handed over to the mail server.",
        "SENT": "The mail server took it.",
        "FAILED": "The mail server refused it.",
        "UNKNOWN": "The sender ended while handing it over; it is not sent again by itself.",
    },
)
ProblemType = problem_type(ProblemCode, describe)


@key("id", resolvable=False)
class MatchTask(graphene.ObjectType):
    """The matching of one typed address."""

    id = graphene.ID(required=True, description="Its id; it can be watched from the moment it is known.")


@requires_scope(scopes=any_of(READ, OWN))
@key("id")
class NotificationType(DjangoObjectType):
    """A letter."""

    class Meta:
        model = Notification
        name = "Notification"
        # The order of the SDL; what is said again below gets its type there.
        fields = (
            "id",
            "kind",
            "status",
            "subject",
            "body",
            "message_id",
            "intended_at",
            "sent_at",
            "problem",
            "attempts",
        )
        convert_choices_to_enum = False

    id = graphene.ID(required=True, description="The id of the letter.")
    kind = graphene.Field(KindEnum, required=True, description="What it says.")
    status = graphene.Field(StatusEnum, required=True, description="How far it is.")
    intended_at = DateTime(required=True, description="When it was decided to send it.")
    sent_at = DateTime(description="When the mail server took it.")
    recipient_name = graphene.String(required=True, description="Whom it is addressed to.")
    recipient_email = graphene.String(required=True, description="Where it goes.")
    subscriber = graphene.Field(
        lambda: Subscriber, description="The subscriber it is for; null: it is for somebody else."
    )
    match_task = graphene.Field(
        MatchTask, description="The task whose outcome it tells; null: it tells something else."
    )

    @staticmethod
    def resolve_recipient_name(letter: Notification, _info: GraphQLResolveInfo) -> str:
        """As the subscriber gave it."""
        return letter.recipient.name

    @staticmethod
    def resolve_recipient_email(letter: Notification, _info: GraphQLResolveInfo) -> str:
        """As the subscriber gave it."""
        return letter.recipient.email

    @staticmethod
    def resolve_subscriber(letter: Notification, _info: GraphQLResolveInfo) -> "Subscriber | None":
        """One list of subscribers for all letters of the list."""
        if letter.subscriber_id is None:
            return None
        return siblings_of(letter).load("subscriber", _subscribers_of)[letter.subscriber_id]

    @staticmethod
    def resolve_match_task(letter: Notification, _info: GraphQLResolveInfo) -> MatchTask | None:
        """Its fields are the matching service's to tell."""
        return MatchTask(id=letter.match_task_id) if letter.match_task_id else None

    @classmethod
    def load_references(
        cls, info: GraphQLResolveInfo, representations: Sequence[Mapping[str, Any]]
    ) -> list[Notification | None]:
        """All that were asked for, in one query; to those who see everybody's."""
        if not caller_of(info).may(READ):
            return [None] * len(representations)
        found = Notification.objects.in_bulk({representation["id"] for representation in representations})
        Siblings(list(found.values()))
        return [found.get(representation["id"]) for representation in representations]


NotificationConnection = connection_of(NotificationType, "letters")


@key("id")
class Subscriber(graphene.ObjectType):
    """A person who subscribes."""

    id = graphene.ID(required=True, description="Opaque and stable.")
    owner = external(graphene.ID(description="The caller who subscribed."))
    notifications = requires(
        scoped(
            connection_field(NotificationConnection, "The letters to this subscriber, the newest first."), READ, OWN
        ),
        fields="owner",
    )

    @staticmethod
    def resolve_notifications(
        subscriber: Any, info: GraphQLResolveInfo, first: int | None = None, after: str | None = None
    ) -> Page:
        """Loaded for all subscribers of the list at once."""
        if not caller_of(info).reaches(subscriber.owner, all_with=READ):
            raise forbidden("This subscriber is somebody else's.")
        return pages_below(subscriber, Notification, "subscriber_id", NEWEST_FIRST, first=first, after=after)

    @classmethod
    def load_references(
        cls, _info: GraphQLResolveInfo, representations: Sequence[Mapping[str, Any]]
    ) -> list["Subscriber"]:
        """Whoever another service calls a subscriber is one; no query."""
        known = {one["id"]: cls(id=one["id"], owner=one.get("owner")) for one in representations}
        Siblings(list(known.values()))
        return [known[representation["id"]] for representation in representations]


def _subscribers_of(letters: Sequence[Notification]) -> dict[str, Subscriber]:
    subscribers = {id: Subscriber(id=id) for id in {letter.subscriber_id for letter in letters if letter.subscriber_id}}
    Siblings(list(subscribers.values()))
    return subscribers
