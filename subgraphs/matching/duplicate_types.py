"""Searches for duplicates in the graph, and what they found; all made of documents."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import strawberry
from strawberry import ID

from subgraphs.chassis.paging import cursor_at, position_at
from subgraphs.chassis.threads import in_thread
from subgraphs.chassis_strawberry.pages import Page, PageInfo
from subgraphs.matching.codes import DuplicateSearchStatus, Verdict
from subgraphs.matching.duplicate_store import duplicate_store
from subgraphs.matching.lists import Position
from subgraphs.matching.task_types import Address, Evidence

Document = Mapping[str, Any]


@strawberry.type(description="A search for addresses that the register has twice.")
class DuplicateSearch:
    id: ID = strawberry.field(description="Opaque and stable.")
    status: DuplicateSearchStatus = strawberry.field(description="How far it is.")
    total: int = strawberry.field(description="How many addresses there were when a worker began; 0 before.")
    done: int = strawberry.field(description="How many addresses were compared with the others.")
    progress: float = strawberry.field(description="The part that is done, 0 to 1.")
    problem: str | None = strawberry.field(description="Why it failed; null when it did not.")
    created_at: datetime = strawberry.field(description="When it was asked for.")
    started_at: datetime | None = strawberry.field(description="When a worker began.")
    finished_at: datetime | None = strawberry.field(description="When it ended, in whatever way.")

    @classmethod
    def from_document(cls, document: Document) -> "DuplicateSearch":
        total, done = document["total"], document["done"]
        is_finished = document["status"] == "FINISHED"
        return cls(
            id=ID(document["_id"]),
            status=DuplicateSearchStatus(document["status"]),
            total=total,
            done=done,
            # Addresses that came meanwhile are compared too: only the end is the whole.
            progress=1.0 if is_finished else min(0.99, done / total) if total else 0.0,
            problem=document.get("problem"),
            created_at=document["createdAt"],
            started_at=document.get("startedAt"),
            finished_at=document.get("finishedAt"),
        )


@strawberry.type(description="Two addresses of the register that may be one; mergeAddresses makes them one.")
class DuplicatePair:
    addresses: list[Address] = strawberry.field(description="The two addresses.")
    score: float = strawberry.field(description="How probable it is that they are the same, 0 to 1.")
    verdict: Verdict = strawberry.field(description="MATCH when they are the same; REVIEW when somebody should look.")
    evidence: list[Evidence] = strawberry.field(description="What speaks for and against it.")

    @classmethod
    def from_document(cls, document: Document) -> "DuplicatePair":
        return cls(
            addresses=[Address(id=ID(id)) for id in document["addressIds"]],
            score=document["score"],
            verdict=Verdict(document["verdict"]),
            evidence=Evidence.from_documents(document["evidence"]),
        )


@strawberry.type(description="A pair and its place in the list.")
class DuplicatePairEdge:
    cursor: str = strawberry.field(description="Where the list goes on after this pair.")
    node: DuplicatePair = strawberry.field(description="The pair.")


@strawberry.type(description="A page of pairs, the most probable first.")
class DuplicatePairConnection:
    edges: list[DuplicatePairEdge] = strawberry.field(description="The pairs with their cursors.")
    nodes: list[DuplicatePair] = strawberry.field(description="The pairs.")
    page_info: PageInfo = strawberry.field(description="Where this page lies in the list.")

    @strawberry.field(description="How many pairs there are so far.")
    async def total_count(self) -> int:
        return await in_thread(duplicate_store().count_pairs)

    @classmethod
    def of(cls, found: Sequence[Document], size: int, after: str | None) -> "DuplicatePairConnection":
        page = Page.of(found, size, after, _cursor_by_score)
        nodes = [DuplicatePair.from_document(one) for one in page.nodes]
        edges = [DuplicatePairEdge(cursor=at, node=node) for at, node in zip(page.cursors, nodes, strict=True)]
        return cls(edges=edges, nodes=nodes, page_info=page.info)


def score_position(after: str | None) -> Position | None:
    """The position of a list that is sorted by score."""
    return None if after is None else position_at(after, float, str)


def _cursor_by_score(document: Document) -> str:
    return cursor_at(float(document["score"]), document["_id"])
