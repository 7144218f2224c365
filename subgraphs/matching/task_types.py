"""Single matches in the graph, and what matching adds to the entities of others; all made of documents."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import strawberry
from strawberry import ID, Info

from subgraphs.chassis.clock import now
from subgraphs.chassis.identity import OWN
from subgraphs.chassis.paging import WrongPage, cursor_at, page_size, position_at
from subgraphs.chassis.text_fields import Refusal
from subgraphs.chassis_strawberry.guards import any_of, caller_of, forbidden, scoped
from subgraphs.chassis_strawberry.pages import After, First, Page, PageInfo
from subgraphs.chassis_strawberry.shared_types import TypedAddress
from subgraphs.chassis_strawberry.typed_address import TypedAddress as TypedAddressValue
from subgraphs.matching.codes import MatchTaskStatus, ProblemCode, Verdict
from subgraphs.matching.lists import Position
from subgraphs.matching.loaders import PageOf

federation = strawberry.federation
guarded = federation.field
Document = Mapping[str, Any]


@federation.type(shareable=True, description="Something the client can put right.")
class Problem:
    field: str | None = strawberry.field(description="Path of the field in the input; null when it is no single one.")
    code: ProblemCode = strawberry.field(description="What is wrong, for programs.")
    message: str = strawberry.field(description="What is wrong and what to do, for people.")

    @classmethod
    def from_refusals(cls, refusals: Sequence[Refusal]) -> "list[Problem]":
        return [cls(field=one.field, code=ProblemCode[one.code], message=one.message) for one in refusals]


@strawberry.type(description="One thing that speaks for or against a candidate.")
class Evidence:
    field: str = strawberry.field(description="What was compared, such as street or postal code.")
    typed: str | None = strawberry.field(description="What was typed, as it was compared.")
    known: str | None = strawberry.field(description="What the candidate has there.")
    similarity: float | None = strawberry.field(description="0 (nothing alike) to 1 (the same); null when missing.")
    weight: float = strawberry.field(description="How much this field can say.")
    contribution: float = strawberry.field(description="What it adds to the score; below zero it speaks against.")
    note: str | None = strawberry.field(description="What else is to be said, for people.")
    contradicts: bool = strawberry.field(description="Whether it is a hard fact against it, which nothing outvotes.")
    is_doubtful: bool = strawberry.field(description="Whether it leaves a doubt that only a person can settle.")

    @classmethod
    def from_documents(cls, documents: Sequence[Document] | None) -> "list[Evidence]":
        return [
            cls(
                field=one["field"],
                typed=one.get("typed"),
                known=one.get("known"),
                similarity=one.get("similarity"),
                weight=one.get("weight") or 0.0,
                contribution=one.get("contribution") or 0.0,
                note=one.get("note"),
                contradicts=one.get("contradicts", False),
                is_doubtful=one.get("isDoubtful", False),
            )
            for one in documents or ()
        ]


@strawberry.type(description="A known address that may be the one that was typed.")
class Candidate:
    address: "Address" = strawberry.field(description="The known address.")
    score: float = strawberry.field(description="How probable it is, 0 to 1.")
    evidence: list[Evidence] = strawberry.field(description="What speaks for and against it.")
    explanation: str | None = strawberry.field(
        description="In one line, why it is the best, or what speaks less for it than for the best."
    )


@strawberry.type(description="The second best candidate, and why it is not the best.")
class RunnerUp:
    address: "Address" = strawberry.field(description="The known address.")
    score: float = strawberry.field(description="How probable it is, 0 to 1.")
    explanation: str = strawberry.field(description="In one line, what speaks less for it than for the best.")

    @classmethod
    def from_document(cls, document: Document | None) -> "RunnerUp | None":
        if document is None:
            return None
        return cls(
            address=Address(id=ID(document["addressId"])),
            score=document["score"],
            explanation=document["explanation"],
        )


@federation.type(keys=["id"], description="The matching of one typed address.")
class MatchTask:
    id: ID = strawberry.field(description="Its id; it can be watched from the moment it is known.")
    status: MatchTaskStatus = strawberry.field(description="How far it is.")
    typed_address: TypedAddress | None = strawberry.field(
        description="The address as it was typed; null while matching has not heard of the task."
    )
    score: float | None = strawberry.field(description="How probable the best candidate is, 0 to 1.")
    verdict: Verdict | None = strawberry.field(description="What the engine thinks; null until it is decided.")
    address: "Address | None" = strawberry.field(description="The known address it is; null as long as it is none.")
    candidates: list[Candidate] = strawberry.field(description="The nearest known addresses, best first, five at most.")
    evidence: list[Evidence] = strawberry.field(description="What speaks for and against the best candidate.")
    subscriber: "Subscriber | None" = guarded(
        description="Who typed it; null when it was asked for directly.", **scoped("subscribers:read", OWN)
    )
    problem: str | None = strawberry.field(description="Why it failed; null when it did not.")
    created_at: datetime | None = strawberry.field(description="When matching heard of it.")
    decided_at: datetime | None = strawberry.field(description="When it was decided last.")
    attempts: int = strawberry.field(description="How often a worker has tried.")
    claimed_by: str | None = guarded(
        description="The reviewer who is looking at it; null when nobody is.", **scoped("reviews")
    )
    claimed_until: datetime | None = guarded(description="When that claim ends by itself.", **scoped("reviews"))
    reviewer: str | None = guarded(
        description="The person who decided it; null when nobody had to.", **scoped("reviews")
    )

    @classmethod
    def from_document(cls, id: str, document: Document | None) -> "MatchTask":
        task: Document = document or {"status": "QUEUED"}
        candidates = task.get("candidates") or []
        claimed = task.get("claimedUntil") is not None and task["claimedUntil"] > now()
        return cls(
            id=ID(id),
            status=MatchTaskStatus(task["status"]),
            typed_address=typed_address(task["address"]) if task.get("address") else None,
            score=task.get("score"),
            verdict=Verdict(task["verdict"]) if task.get("verdict") else None,
            address=Address.at(task.get("addressId")),
            candidates=[
                Candidate(
                    address=Address(id=ID(one["addressId"])),
                    score=one["score"],
                    evidence=Evidence.from_documents(one.get("evidence")),
                    explanation=one.get("explanation"),
                )
                for one in candidates
            ],
            evidence=Evidence.from_documents(candidates[0].get("evidence") if candidates else None),
            subscriber=Subscriber(id=ID(task["subscriberId"])) if task.get("subscriberId") else None,
            problem=task.get("problem"),
            created_at=task.get("createdAt"),
            decided_at=task.get("decidedAt"),
            attempts=task.get("attempts", 0),
            claimed_by=task.get("claimedBy") if claimed else None,
            claimed_until=task.get("claimedUntil") if claimed else None,
            reviewer=task.get("reviewer"),
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: str) -> "MatchTask":
        return cls.from_document(id, await info.context["tasks"].load(id))


@strawberry.type(description="A match task and its place in the list.")
class MatchTaskEdge:
    cursor: str = strawberry.field(description="Where the list goes on after this task.")
    node: MatchTask = strawberry.field(description="The task.")


@strawberry.type(description="A page of match tasks.")
class MatchTaskConnection:
    edges: list[MatchTaskEdge] = strawberry.field(description="The tasks with their cursors.")
    nodes: list[MatchTask] = strawberry.field(description="The tasks.")
    page_info: PageInfo = strawberry.field(description="Where this page lies in the list.")
    count: strawberry.Private[Callable[[], Awaitable[int]]]

    @strawberry.field(description="How many tasks the whole list has.")
    async def total_count(self) -> int:
        return await self.count()

    @classmethod
    def of(
        cls, found: Sequence[Document], size: int, after: str | None, count: Callable[[], Awaitable[int]]
    ) -> "MatchTaskConnection":
        page = Page.of(found, size, after, cursor_by_time)
        nodes = [MatchTask.from_document(one["_id"], one) for one in page.nodes]
        edges = [MatchTaskEdge(cursor=at, node=node) for at, node in zip(page.cursors, nodes, strict=True)]
        return cls(edges=edges, nodes=nodes, page_info=page.info, count=count)


@federation.type(keys=["id"], description="A person who subscribes.")
class Subscriber:
    id: ID = strawberry.field(description="Opaque and stable.")
    owner: ID | None = guarded(default=None, external=True, description="The caller who subscribed.")

    @guarded(
        description="The matching of every address they typed, the newest first.",
        requires=["owner"],
        **scoped("subscribers:read", OWN),
    )
    async def match_tasks(self, info: Info, first: First = 20, after: After = None) -> MatchTaskConnection:
        if not caller_of(info).reaches(self.owner, all_with="subscribers:read"):
            raise forbidden("This subscriber is somebody else's.")
        size = page_size(first)
        wanted = PageOf(self.id, size + 1, time_position(after))
        found = await info.context["tasks_of_subscribers"].load(wanted)
        return MatchTaskConnection.of(
            found, size, after, lambda: info.context["task_count_of_subscribers"].load(self.id)
        )

    @classmethod
    def resolve_reference(cls, info: Info, id: str, owner: str | None = None) -> "Subscriber":  # noqa: ARG003
        return cls(id=ID(id), owner=ID(owner) if owner else None)


@federation.type(keys=["id"], description="An address of the register.")
class Address:
    id: ID = strawberry.field(description="The id of the address; it never changes.")

    @guarded(
        description="The tasks that were matched to this address, the newest first.",
        **scoped("reviews", "subscribers:read"),
    )
    async def match_tasks(self, info: Info, first: First = 20, after: After = None) -> MatchTaskConnection:
        size = page_size(first)
        wanted = PageOf(self.id, size + 1, time_position(after))
        found = await info.context["tasks_of_addresses"].load(wanted)
        return MatchTaskConnection.of(found, size, after, lambda: info.context["task_count_of_addresses"].load(self.id))

    @classmethod
    def at(cls, id: str | None) -> "Address | None":
        return cls(id=ID(id)) if id else None

    @classmethod
    def resolve_reference(cls, info: Info, id: str) -> "Address":  # noqa: ARG003
        return cls(id=ID(id))


@federation.type(
    keys=["id"], requires_scopes=any_of("register:write"), description="A file on its way into the register."
)
class AddressImport:
    id: ID = strawberry.field(description="The id of the import.")

    @guarded(description="How many of its addresses matching can find already.", **scoped("register:write"))
    async def indexed(self, info: Info) -> int:
        return await info.context["indexed"].load(self.id)

    @classmethod
    def resolve_reference(cls, info: Info, id: str) -> "AddressImport":  # noqa: ARG003
        return cls(id=ID(id))


def time_position(after: str | None) -> Position | None:
    """The position of a list that is sorted by time."""
    if after is None:
        return None
    at, id = position_at(after, str, str)
    try:
        return datetime.fromisoformat(at), id
    except ValueError:
        raise WrongPage("after is no cursor of this list; use endCursor of the page before") from None


def cursor_by_time(document: Document) -> str:
    """The cursor of a document in such a list."""
    return cursor_at(document["createdAt"].isoformat(), document["_id"])


def typed_address(document: Document) -> TypedAddress:
    """A typed address as documents keep it."""
    return TypedAddress.from_value(TypedAddressValue.from_document(document))
