"""The service's part of the graph: GraphQL in, use cases out."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry
from django.conf import settings
from strawberry import ID, Info

from subgraphs.chassis.paging import WrongPage, cursor_at, page_size, position_at
from subgraphs.chassis.text_fields import Refusal
from subgraphs.chassis.threads import in_thread
from subgraphs.chassis_strawberry.guards import caller_of, scoped
from subgraphs.chassis_strawberry.pages import After, First, Page, PageInfo
from subgraphs.chassis_strawberry.schema import key, subgraph_schema
from subgraphs.suggestions import model
from subgraphs.suggestions.rules import READ
from subgraphs.suggestions.send_suggestion import Sent, send_suggestion
from subgraphs.suggestions.store import Only, store

federation = strawberry.federation
field = federation.field


@strawberry.enum(description="Whether the reader was thanked.")
class SuggestionStatus(Enum):
    RECEIVED = strawberry.enum_value("RECEIVED", description="It is here; the letter is still to be written.")
    THANKED = strawberry.enum_value("THANKED", description="The letter is written and on its way.")


@strawberry.enum(description="Why an input is refused.")
class ProblemCode(Enum):
    BLANK = strawberry.enum_value("BLANK", description="A required field is empty.")
    TOO_LONG = strawberry.enum_value("TOO_LONG", description="A field has more characters than allowed.")
    INVALID_CHARACTERS = strawberry.enum_value("INVALID_CHARACTERS", description="A field holds what is no text.")
    INVALID_EMAIL = strawberry.enum_value("INVALID_EMAIL", description="Not an e-mail address.")
    TOO_MANY_TODAY = strawberry.enum_value(
        "TOO_MANY_TODAY", description="More of them came than are taken within a day."
    )
    KEY_IN_USE = strawberry.enum_value(
        "KEY_IN_USE", description="The key was used before, by somebody else or for another person."
    )


@federation.type(shareable=True, description="Something the client can put right.")
class Problem:
    field: str | None = strawberry.field(description="Path of the field in the input; null when it is no single one.")
    code: ProblemCode = strawberry.field(description="What is wrong, for programs.")
    message: str = strawberry.field(description="What is wrong and what to do, for people.")


@federation.type(keys=[key("id", resolvable=False)], description="A letter.")
class Notification:
    id: ID = strawberry.field(description="The id of the letter.")


@federation.type(keys=["id"], description="What a reader would have us do.")
class Suggestion:
    id: ID = strawberry.field(description="Opaque and stable.")
    name: str = strawberry.field(description="The reader's name, as they typed it.")
    email: str = strawberry.field(description="Where the letter goes.")
    text: str = strawberry.field(description="What they suggest; lines end where theirs did.")
    status: SuggestionStatus = strawberry.field(description="Whether they were thanked.")
    received_at: datetime = strawberry.field(description="When it was sent.")
    thanked_at: datetime | None = strawberry.field(description="When the letter was written; null before.")
    letter_id: strawberry.Private[str | None]

    @field(description="The thank-you letter; null until it is written.", **scoped(READ))
    def letter(self) -> Notification | None:
        return Notification(id=ID(self.letter_id)) if self.letter_id else None

    @classmethod
    def from_model(cls, suggestion: model.Suggestion) -> "Suggestion":
        return cls(
            id=ID(suggestion.id),
            name=suggestion.name,
            email=suggestion.email,
            text=suggestion.text,
            status=SuggestionStatus(suggestion.status.value),
            received_at=suggestion.received_at,
            thanked_at=suggestion.thanked_at,
            letter_id=suggestion.letter_id,
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: str) -> "Suggestion | None":
        if not caller_of(info).may(READ):
            return None
        found = await info.context["suggestions"].load(id)
        return cls.from_model(found) if found else None


@strawberry.type(description="A suggestion and its place in the list.")
class SuggestionEdge:
    cursor: str = strawberry.field(description="Where the list goes on after this suggestion.")
    node: Suggestion = strawberry.field(description="The suggestion.")


@strawberry.type(description="A page of suggestions, newest first.")
class SuggestionConnection:
    edges: list[SuggestionEdge] = strawberry.field(description="The suggestions with their cursors.")
    nodes: list[Suggestion] = strawberry.field(description="The suggestions.")
    page_info: PageInfo = strawberry.field(description="Where this page lies in the list.")
    only: strawberry.Private[Only]

    @strawberry.field(description="How many suggestions the whole list has.")
    async def total_count(self) -> int:
        return await in_thread(store().count, self.only)


@strawberry.input(description="Which suggestions; all conditions that are given must hold.")
class SuggestionFilter:
    status: SuggestionStatus | None = strawberry.field(default=None, description="This far.")
    email: str | None = strawberry.field(default=None, description="From this e-mail address.")
    since: datetime | None = strawberry.field(default=None, description="Sent then or later.")
    until: datetime | None = strawberry.field(default=None, description="Sent before.")
    words: str | None = strawberry.field(
        default=None, description="With all these words in the text; 200 characters at most."
    )


@strawberry.input(description="What a reader suggests, and whom to thank for it.")
class SendSuggestionInput:
    text: str = strawberry.field(description="The suggestion; 4,000 characters at most.")
    name: str = strawberry.field(description="The reader's name; 200 characters at most.")
    email: str = strawberry.field(description="Where the thank-you letter goes; 254 characters at most.")
    idempotency_key: str | None = strawberry.field(
        default=None, description="Chosen by the client: sent again with the same key, it is the same suggestion."
    )


@strawberry.type(description="What became of a suggestion.")
class SendSuggestionPayload:
    suggestion: Suggestion | None = strawberry.field(description="As it was kept; null when there are problems.")
    problems: list[Problem] = strawberry.field(description="Why it was refused; empty when it was not.")


@strawberry.type(description="What can be asked.")
class Query:
    @field(description="One suggestion; null when there is none with this id.", **scoped(READ))
    async def suggestion(
        self, info: Info, id: Annotated[ID, strawberry.argument(description="The suggestion's id.")]
    ) -> Suggestion | None:
        return await Suggestion.resolve_reference(info, id)

    @field(description="What readers suggest, newest first.", **scoped(READ))
    async def suggestions(
        self,
        first: First = 20,
        after: After = None,
        filter: Annotated[SuggestionFilter | None, strawberry.argument(description="Which ones.")] = None,
    ) -> SuggestionConnection:
        size, only = page_size(first), _only(filter or SuggestionFilter())
        found = await in_thread(store().page, size + 1, after=_position(after), only=only)
        page = Page.of(found, size, after, lambda one: cursor_at(one.received_at.isoformat(), one.id))
        nodes = [Suggestion.from_model(one) for one in page.nodes]
        return SuggestionConnection(
            edges=[SuggestionEdge(cursor=at, node=node) for at, node in zip(page.cursors, nodes, strict=True)],
            nodes=nodes,
            page_info=page.info,
            only=only,
        )


@strawberry.type(description="What can be done.")
class Mutation:
    @strawberry.mutation(description="Send a suggestion; a letter says thank you for it.")
    async def send_suggestion(
        self,
        input: Annotated[SendSuggestionInput, strawberry.argument(description="What is suggested, and by whom.")],
    ) -> SendSuggestionPayload:
        sent = Sent(input.name, input.email, input.text, input.idempotency_key)
        outcome = await in_thread(send_suggestion, sent, store=store())
        if isinstance(outcome, list):
            return SendSuggestionPayload(suggestion=None, problems=_problems(outcome))
        return SendSuggestionPayload(suggestion=Suggestion.from_model(outcome), problems=[])


schema = subgraph_schema(query=Query, mutation=Mutation, types=[Suggestion], debug=lambda: settings.DEBUG)

_MOST_WORDS = 200


def _only(filter: SuggestionFilter) -> Only:
    if filter.words is not None and not 0 < len(filter.words.strip()) <= _MOST_WORDS:
        raise WrongPage(f"filter.words must have 1 to {_MOST_WORDS} characters")
    return Only(
        status=model.SuggestionStatus[filter.status.name] if filter.status else None,
        email=filter.email,
        since=filter.since,
        until=filter.until,
        words=filter.words,
    )


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
