"""Files of addresses in the graph, made of their documents."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import ID, Info

from subgraphs.chassis.paging import cursor_at, page_size, position_at
from subgraphs.chassis.threads import in_thread
from subgraphs.chassis_strawberry.guards import any_of, caller_of
from subgraphs.chassis_strawberry.pages import After, First, Page, PageInfo
from subgraphs.chassis_strawberry.shared_types import TypedAddress
from subgraphs.matching.batch_store import batch_store
from subgraphs.matching.codes import MatchBatchStatus, Verdict
from subgraphs.matching.downloads import download_links
from subgraphs.matching.lists import Position
from subgraphs.matching.loaders import PageOf
from subgraphs.matching.task_types import Address, Evidence, RunnerUp, cursor_by_time, typed_address

federation = strawberry.federation
Document = Mapping[str, Any]

LARGEST_RESULT_PAGE = 1000

FirstResults = Annotated[int, strawberry.argument(description="How many nodes the page may hold, 1000 at most.")]


@strawberry.type(description="A row of a file that could not be used.")
class RejectedQuery:
    row: int = strawberry.field(description="Its number; 1 is the first row below the header.")
    line: int = strawberry.field(description="The line of the file where it begins, as an editor counts.")
    reason: str = strawberry.field(description="Why it could not be used.")


@strawberry.type(description="A rejected row and its place in the list.")
class RejectedQueryEdge:
    cursor: str = strawberry.field(description="Where the list goes on after this row.")
    node: RejectedQuery = strawberry.field(description="The rejected row.")


@strawberry.type(description="A page of rejected rows, in the order of the file.")
class RejectedQueryConnection:
    edges: list[RejectedQueryEdge] = strawberry.field(description="The rows with their cursors.")
    nodes: list[RejectedQuery] = strawberry.field(description="The rows.")
    page_info: PageInfo = strawberry.field(description="Where this page lies in the list.")
    batch_id: strawberry.Private[str]

    @strawberry.field(description="How many rows were rejected.")
    async def total_count(self, info: Info) -> int:
        return await info.context["rejected_count"].load(self.batch_id)


@strawberry.type(description="What was found for one row of a file.")
class MatchResult:
    row: int = strawberry.field(description="Its number; 1 is the first row below the header.")
    query_id: str = strawberry.field(description="The file's own id of the row; its number where it has none.")
    typed_address: TypedAddress = strawberry.field(description="The address in the file.")
    verdict: Verdict | None = strawberry.field(description="What the engine thinks; null when the row failed.")
    score: float | None = strawberry.field(description="How probable the best candidate is, 0 to 1.")
    address: Address | None = strawberry.field(description="The best candidate; null when nothing is near.")
    evidence: list[Evidence] = strawberry.field(description="What speaks for and against it.")
    runner_up: RunnerUp | None = strawberry.field(description="The second best candidate; null when there is none.")
    problem: str | None = strawberry.field(description="Why the row could not be matched; null when it could.")

    @classmethod
    def from_document(cls, document: Document) -> "MatchResult":
        return cls(
            row=document["row"],
            query_id=document["queryId"],
            typed_address=typed_address(document["address"]),
            verdict=Verdict(document["verdict"]) if document.get("verdict") else None,
            score=document.get("score"),
            address=Address.at(document.get("addressId")),
            evidence=Evidence.from_documents(document.get("evidence")),
            runner_up=RunnerUp.from_document(document.get("runnerUp")),
            problem=document.get("problem"),
        )


@strawberry.type(description="Where the files of a batch can be read for a while.")
class BatchDownload:
    results_url: str = strawberry.field(
        description="A CSV file with the results there are by now, in the order of the rows."
    )
    rejected_rows_url: str = strawberry.field(description="A CSV file with the rows that could not be used, and why.")
    expires_at: datetime = strawberry.field(description="When the links end; ask again for new ones.")


@strawberry.type(description="A result and its place in the list.")
class MatchResultEdge:
    cursor: str = strawberry.field(description="Where the list goes on after this result.")
    node: MatchResult = strawberry.field(description="The result.")


@strawberry.type(description="A page of results, in the order of the file.")
class MatchResultConnection:
    edges: list[MatchResultEdge] = strawberry.field(description="The results with their cursors.")
    nodes: list[MatchResult] = strawberry.field(description="The results.")
    page_info: PageInfo = strawberry.field(description="Where this page lies in the list.")
    batch_id: strawberry.Private[str]
    verdict: strawberry.Private[str | None]

    @strawberry.field(description="How many results there are so far.")
    async def total_count(self) -> int:
        return await in_thread(batch_store().count_results, self.batch_id, self.verdict)


@federation.type(keys=["id"], requires_scopes=any_of("batches"), description="A file of addresses to match.")
class MatchBatch:
    id: ID = strawberry.field(description="Opaque and stable.")
    status: MatchBatchStatus = strawberry.field(description="How far it is.")
    file_name: str = strawberry.field(description="What the file was called.")
    total: int = strawberry.field(description="How many rows are to be matched.")
    done: int = strawberry.field(description="How many rows have their result.")
    matched: int = strawberry.field(description="How many rows are known addresses.")
    in_review: int = strawberry.field(description="How many rows somebody should look at.")
    new: int = strawberry.field(description="How many rows are new addresses.")
    failed: int = strawberry.field(description="How many rows could not be matched.")
    rejected: int = strawberry.field(description="How many rows of the file could not be used; rejectedRows says why.")
    progress: float = strawberry.field(description="The part that is done, 0 to 1.")
    rows_per_second: float | None = strawberry.field(
        description="How fast rows were matched lately; null when it is not running, or too early to say."
    )
    created_at: datetime = strawberry.field(description="When the file was accepted.")
    started_at: datetime | None = strawberry.field(description="When a worker began.")
    finished_at: datetime | None = strawberry.field(description="When it ended, in whatever way.")

    @strawberry.field(description="Links to its results and rejected rows as files, also while it is running.")
    def download(self) -> BatchDownload:
        results, rejected_rows, until = download_links(self.id)
        return BatchDownload(results_url=results, rejected_rows_url=rejected_rows, expires_at=until)

    @strawberry.field(description="The rows of the file that could not be used, in the order of the file.")
    async def rejected_rows(self, info: Info, first: First = 20, after: After = None) -> RejectedQueryConnection:
        size = page_size(first)
        found = await info.context["rejected_rows"].load(PageOf(self.id, size + 1, _row_position(after)))
        page = Page.of(found, size, after, _cursor_by_row)
        nodes = [RejectedQuery(row=one["row"], line=one["line"], reason=one["reason"]) for one in page.nodes]
        edges = [RejectedQueryEdge(cursor=at, node=node) for at, node in zip(page.cursors, nodes, strict=True)]
        return RejectedQueryConnection(edges=edges, nodes=nodes, page_info=page.info, batch_id=self.id)

    @strawberry.field(description="What was found for each row, in the order of the file; rows still to come lack.")
    async def results(
        self,
        info: Info,
        first: FirstResults = 20,
        after: After = None,
        verdict: Annotated[Verdict | None, strawberry.argument(description="Only those with this verdict.")] = None,
    ) -> MatchResultConnection:
        size, only = page_size(first, largest=LARGEST_RESULT_PAGE), verdict.name if verdict else None
        found = await info.context["results"].load(PageOf(self.id, size + 1, _row_position(after), only))
        page = Page.of(found, size, after, _cursor_by_row)
        nodes = [MatchResult.from_document(one) for one in page.nodes]
        edges = [MatchResultEdge(cursor=at, node=node) for at, node in zip(page.cursors, nodes, strict=True)]
        return MatchResultConnection(edges=edges, nodes=nodes, page_info=page.info, batch_id=self.id, verdict=only)

    @classmethod
    def from_document(cls, document: Document) -> "MatchBatch":
        total, done = document["total"], document["done"]
        return cls(
            id=ID(document["_id"]),
            status=MatchBatchStatus(document["status"]),
            file_name=document["fileName"],
            total=total,
            done=done,
            matched=document["matched"],
            in_review=document["inReview"],
            new=document["new"],
            failed=document["failed"],
            rejected=document["rejected"],
            progress=min(1.0, done / total) if total else 1.0,
            rows_per_second=(document.get("pace") or {}).get("rowsPerSecond")
            if document["status"] == "RUNNING"
            else None,
            created_at=document["createdAt"],
            started_at=document.get("startedAt"),
            finished_at=document.get("finishedAt"),
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: str) -> "MatchBatch | None":
        if not caller_of(info).may("batches"):
            return None
        found = await info.context["batches"].load(id)
        return cls.from_document(found) if found else None


@strawberry.type(description="A batch and its place in the list.")
class MatchBatchEdge:
    cursor: str = strawberry.field(description="Where the list goes on after this batch.")
    node: MatchBatch = strawberry.field(description="The batch.")


@strawberry.type(description="A page of batches, the newest first.")
class MatchBatchConnection:
    edges: list[MatchBatchEdge] = strawberry.field(description="The batches with their cursors.")
    nodes: list[MatchBatch] = strawberry.field(description="The batches.")
    page_info: PageInfo = strawberry.field(description="Where this page lies in the list.")

    @strawberry.field(description="How many batches there are.")
    async def total_count(self) -> int:
        return await in_thread(batch_store().count)

    @classmethod
    def of(cls, found: Sequence[Document], size: int, after: str | None) -> "MatchBatchConnection":
        page = Page.of(found, size, after, cursor_by_time)
        nodes = [MatchBatch.from_document(one) for one in page.nodes]
        edges = [MatchBatchEdge(cursor=at, node=node) for at, node in zip(page.cursors, nodes, strict=True)]
        return cls(edges=edges, nodes=nodes, page_info=page.info)


def _row_position(after: str | None) -> Position | None:
    return None if after is None else position_at(after, int)


def _cursor_by_row(document: Document) -> str:
    return cursor_at(document["row"])
