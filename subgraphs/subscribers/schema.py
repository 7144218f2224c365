"""The service's part of the graph: GraphQL in, use cases out."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry
from django.conf import settings
from strawberry import ID, Info

from subgraphs.chassis.identity import OWN
from subgraphs.chassis.paging import WrongPage, cursor_at, page_size, position_at
from subgraphs.chassis.text_fields import Refusal
from subgraphs.chassis.threads import in_thread
from subgraphs.chassis_strawberry import typed_address
from subgraphs.chassis_strawberry.guards import caller_of, scoped
from subgraphs.chassis_strawberry.pages import After, First, Page, PageInfo
from subgraphs.chassis_strawberry.schema import key, subgraph_schema
from subgraphs.chassis_strawberry.shared_types import TypedAddress, TypedAddressInput
from subgraphs.subscribers import model
from subgraphs.subscribers.change_address import change_address
from subgraphs.subscribers.known_addresses import known_addresses
from subgraphs.subscribers.rules import READ, WRITE
from subgraphs.subscribers.store import Only, store
from subgraphs.subscribers.subscribe import Subscription, subscribe
from subgraphs.subscribers.unsubscribe import unsubscribe

federation = strawberry.federation
field, mutation = federation.field, federation.mutation


@strawberry.enum(description="Whether letters go to a subscriber.")
class SubscriberStatus(Enum):
    ACTIVE = strawberry.enum_value("ACTIVE", description="Letters are sent.")
    UNSUBSCRIBED = strawberry.enum_value("UNSUBSCRIBED", description="The subscriber left; nothing is sent.")


@strawberry.enum(description="Why an input is refused.")
class ProblemCode(Enum):
    BLANK = strawberry.enum_value("BLANK", description="A required field is empty.")
    TOO_LONG = strawberry.enum_value("TOO_LONG", description="A field has more characters than allowed.")
    INVALID_CHARACTERS = strawberry.enum_value("INVALID_CHARACTERS", description="A field holds what is no text.")
    INVALID_EMAIL = strawberry.enum_value("INVALID_EMAIL", description="Not an e-mail address.")
    UNKNOWN_COUNTRY = strawberry.enum_value("UNKNOWN_COUNTRY", description="No country has this code or name.")
    INVALID_POSTAL_CODE = strawberry.enum_value(
        "INVALID_POSTAL_CODE", description="The country has no postal codes of this form."
    )
    INCOMPLETE_ADDRESS = strawberry.enum_value(
        "INCOMPLETE_ADDRESS", description="The address has neither a city nor a postal code."
    )
    UNKNOWN_SUBSCRIBER = strawberry.enum_value("UNKNOWN_SUBSCRIBER", description="No subscriber has this id.")
    KEY_IN_USE = strawberry.enum_value(
        "KEY_IN_USE", description="The key was used before, by somebody else or for another person."
    )
    ALREADY_UNSUBSCRIBED = strawberry.enum_value(
        "ALREADY_UNSUBSCRIBED", description="The subscriber has left; nothing of them can be changed."
    )


@federation.type(shareable=True, description="Something the client can put right.")
class Problem:
    field: str | None = strawberry.field(description="Path of the field in the input; null when it is no single one.")
    code: ProblemCode = strawberry.field(description="What is wrong, for programs.")
    message: str = strawberry.field(description="What is wrong and what to do, for people.")


@federation.type(keys=[key("id", resolvable=False)], description="An address of the register.")
class Address:
    id: ID = strawberry.field(description="The id of the address; it never changes.")


@federation.type(
    keys=[key("id", resolvable=False)],
    description="The matching of one typed address.",
)
class MatchTask:
    id: ID = strawberry.field(description="Its id; it can be watched from the moment it is known.")


@federation.type(keys=["id"], description="A person who subscribes.")
class Subscriber:
    id: ID = strawberry.field(description="Opaque and stable.")
    name: str = strawberry.field(description="As they typed it.")
    email: str = strawberry.field(description="Where letters go.")
    status: SubscriberStatus = strawberry.field(description="Whether letters are sent.")
    typed_address: TypedAddress = strawberry.field(description="The address as they typed it last.")
    address: Address | None = strawberry.field(description="The known address it is; null until it is found.")
    match_task: MatchTask = strawberry.field(description="The matching of the address they typed last.")
    created_at: datetime = strawberry.field(description="When they subscribed.")
    updated_at: datetime = strawberry.field(description="When anything of them changed last.")
    owner: ID | None = field(
        inaccessible=True,
        description="The caller who subscribed, as their token calls them: what is their own, other services ask by it.",
    )

    @classmethod
    def from_model(cls, subscriber: model.Subscriber) -> "Subscriber":
        return cls(
            id=ID(subscriber.id),
            name=subscriber.name,
            email=subscriber.email,
            status=SubscriberStatus(subscriber.status.value),
            typed_address=TypedAddress.from_value(subscriber.typed_address),
            address=Address(id=ID(subscriber.address_id)) if subscriber.address_id else None,
            match_task=MatchTask(id=ID(subscriber.match_task_id)),
            created_at=subscriber.created_at,
            updated_at=subscriber.updated_at,
            owner=ID(subscriber.owner) if subscriber.owner else None,
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: str) -> "Subscriber | None":
        found = await info.context["subscribers"].load(id)
        return cls.from_model(found) if found and caller_of(info).reaches(found.owner, all_with=READ) else None


@strawberry.type(description="A subscriber and its place in the list.")
class SubscriberEdge:
    cursor: str = strawberry.field(description="Where the list goes on after this subscriber.")
    node: Subscriber = strawberry.field(description="The subscriber.")


@strawberry.type(description="A page of subscribers, newest first.")
class SubscriberConnection:
    edges: list[SubscriberEdge] = strawberry.field(description="The subscribers with their cursors.")
    nodes: list[Subscriber] = strawberry.field(description="The subscribers.")
    page_info: PageInfo = strawberry.field(description="Where this page lies in the list.")
    only: strawberry.Private[Only]

    @strawberry.field(description="How many subscribers the whole list has.")
    async def total_count(self) -> int:
        return await in_thread(store().count, self.only)


@strawberry.input(description="Who subscribes, and where to.")
class SubscribeInput:
    name: str = strawberry.field(description="The person's name; 200 characters at most.")
    email: str = strawberry.field(description="Where letters go; 254 characters at most.")
    address: TypedAddressInput = strawberry.field(description="The address as the person types it.")
    idempotency_key: str | None = strawberry.field(
        default=None, description="Chosen by the client: sent again with the same key, it is the same subscriber."
    )


@strawberry.type(description="What became of a subscription.")
class SubscribePayload:
    subscriber: Subscriber | None = strawberry.field(description="The subscriber; null when there are problems.")
    match_task: MatchTask | None = strawberry.field(description="The matching to watch; null when there are problems.")
    problems: list[Problem] = strawberry.field(description="Why it was refused; empty when it was not.")
    typed: strawberry.Private[typed_address.TypedAddress | None]

    @strawberry.field(
        description="The known address this is exactly, when that is clear at once. Null says nothing: watch matchTask."
    )
    async def known_address(self) -> Address | None:
        id = await known_addresses().find(self.typed) if self.typed else None
        return Address(id=ID(id)) if id else None


@strawberry.input(description="Another address for a subscriber.")
class ChangeAddressInput:
    subscriber_id: ID = strawberry.field(description="Whose address it is.")
    address: TypedAddressInput = strawberry.field(description="The new address as the person types it.")


@strawberry.type(description="What became of a change of address.")
class ChangeAddressPayload:
    subscriber: Subscriber | None = strawberry.field(description="The subscriber; null when there are problems.")
    match_task: MatchTask | None = strawberry.field(description="The matching to watch; null when there are problems.")
    problems: list[Problem] = strawberry.field(description="Why it was refused; empty when it was not.")


@strawberry.type(description="What became of somebody's leaving.")
class UnsubscribePayload:
    subscriber: Subscriber | None = strawberry.field(description="The subscriber; null when there are problems.")
    problems: list[Problem] = strawberry.field(description="Why it was refused; empty when it was not.")


@strawberry.type(description="What can be asked.")
class Query:
    @field(
        description="One subscriber; null when there is none with this id among those that you may see.",
        **scoped(READ, OWN),
    )
    async def subscriber(
        self, info: Info, id: Annotated[ID, strawberry.argument(description="The subscriber's id.")]
    ) -> Subscriber | None:
        return await Subscriber.resolve_reference(info, id)

    @field(description="The subscribers, newest first; to whom may not see all: their own ones.", **scoped(READ, OWN))
    async def subscribers(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        status: Annotated[
            SubscriberStatus | None,
            strawberry.argument(description="Only those with this status."),
        ] = None,
    ) -> SubscriberConnection:
        size, caller = page_size(first), caller_of(info)
        only = Only(
            status=model.SubscriberStatus[status.name] if status else None,
            owner=None if caller.may(READ) else caller.subject or "",
        )
        found = await in_thread(store().page, size + 1, after=_position(after), only=only)
        page = Page.of(found, size, after, lambda one: cursor_at(one.created_at.isoformat(), one.id))
        nodes = [Subscriber.from_model(one) for one in page.nodes]
        return SubscriberConnection(
            edges=[SubscriberEdge(cursor=at, node=node) for at, node in zip(page.cursors, nodes, strict=True)],
            nodes=nodes,
            page_info=page.info,
            only=only,
        )


@strawberry.type(description="What can be done.")
class Mutation:
    @strawberry.mutation(
        description="Subscribe with an address as it is typed; the matching goes on in the background."
    )
    async def subscribe(
        self,
        info: Info,
        input: Annotated[SubscribeInput, strawberry.argument(description="Who subscribes, and where to.")],
    ) -> SubscribePayload:
        owner = caller_of(info).subject
        wanted = Subscription(input.name, input.email, input.address.as_value(), input.idempotency_key, owner)
        outcome = await in_thread(subscribe, wanted, store=store())
        if isinstance(outcome, list):
            return SubscribePayload(subscriber=None, match_task=None, problems=_problems(outcome), typed=None)
        return SubscribePayload(
            subscriber=Subscriber.from_model(outcome),
            match_task=MatchTask(id=ID(outcome.match_task_id)),
            problems=[],
            typed=outcome.typed_address,
        )

    @mutation(description="Give a subscriber another address; it is matched in the background.", **scoped(WRITE, OWN))
    async def change_address(
        self,
        info: Info,
        input: Annotated[ChangeAddressInput, strawberry.argument(description="Whose address, and which.")],
    ) -> ChangeAddressPayload:
        outcome = await in_thread(
            change_address, input.subscriber_id, input.address.as_value(), by=caller_of(info), store=store()
        )
        if isinstance(outcome, list):
            return ChangeAddressPayload(subscriber=None, match_task=None, problems=_problems(outcome))
        return ChangeAddressPayload(
            subscriber=Subscriber.from_model(outcome), match_task=MatchTask(id=ID(outcome.match_task_id)), problems=[]
        )

    @mutation(description="Let a subscriber leave; repeating it changes nothing.", **scoped(WRITE, OWN))
    async def unsubscribe(
        self, info: Info, id: Annotated[ID, strawberry.argument(description="The subscriber's id.")]
    ) -> UnsubscribePayload:
        outcome = await in_thread(unsubscribe, id, by=caller_of(info), store=store())
        if isinstance(outcome, list):
            return UnsubscribePayload(subscriber=None, problems=_problems(outcome))
        return UnsubscribePayload(subscriber=Subscriber.from_model(outcome), problems=[])


schema = subgraph_schema(query=Query, mutation=Mutation, types=[Subscriber], debug=lambda: settings.DEBUG)


def _problems(refusals: Sequence[Refusal]) -> list[Problem]:
    return [Problem(field=one.field, code=ProblemCode[one.code], message=one.message) for one in refusals]


def _position(after: str | None) -> tuple[datetime, str] | None:
    if after is None:
        return None
    at, id = position_at(after, str, str)
    try:
        return datetime.fromisoformat(at), id
    except ValueError:
        raise WrongPage("after is no cursor of this list; use endCursor of the page before") from None
