"""The service's part of the graph: GraphQL in, use cases out."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any

import strawberry
from django.conf import settings
from graphql import GraphQLError
from strawberry import ID, Info
from strawberry.file_uploads import Upload

from subgraphs.chassis.csv_upload import CsvLimits
from subgraphs.chassis.paging import page_size
from subgraphs.chassis.text_fields import tidy
from subgraphs.chassis.threads import in_thread
from subgraphs.chassis_strawberry.guards import caller_of, known, scoped
from subgraphs.chassis_strawberry.pages import After, First
from subgraphs.chassis_strawberry.schema import subgraph_schema
from subgraphs.chassis_strawberry.shared_types import TypedAddressInput
from subgraphs.chassis_strawberry.typed_address import AddressLimits
from subgraphs.matching.batch_store import batch_store
from subgraphs.matching.batch_types import MatchBatch, MatchBatchConnection
from subgraphs.matching.cancel_match_batch import cancel_match_batch
from subgraphs.matching.claim_review import claim_review
from subgraphs.matching.duplicate_store import duplicate_store
from subgraphs.matching.duplicate_types import DuplicatePair, DuplicatePairConnection, DuplicateSearch, score_position
from subgraphs.matching.find_duplicates import cancel_duplicate_search, find_duplicates, tell_apart, undo_tell_apart
from subgraphs.matching.match_address import match_address
from subgraphs.matching.match_batch import match_batch
from subgraphs.matching.resolve_review import resolve_review
from subgraphs.matching.resume_match_batch import resume_match_batch
from subgraphs.matching.reviewer import Reviewer
from subgraphs.matching.task_store import task_store
from subgraphs.matching.task_types import (
    Address,
    AddressImport,
    MatchTask,
    MatchTaskConnection,
    Problem,
    Subscriber,
    time_position,
)
from subgraphs.matching.undo_review import undo_review

field, mutation = strawberry.federation.field, strawberry.federation.mutation

DUPLICATES = ("reviews", "register:write")
"""the scopes of those who decide which addresses are one"""

AddressIds = Annotated[list[ID], strawberry.argument(description="The two addresses of the pair.")]
TaskId = Annotated[ID, strawberry.argument(description="The match task's id.")]
BatchId = Annotated[ID, strawberry.argument(description="The batch's id.")]
SearchId = Annotated[ID, strawberry.argument(description="The id of the search for duplicates.")]
ReviewerName = Annotated[str, strawberry.argument(description="The name of the person who is looking.")]


@strawberry.input(description="An address to match.")
class MatchAddressInput:
    address: TypedAddressInput = strawberry.field(description="The address as it is typed.")


@strawberry.input(description="A reviewer's decision.")
class ResolveReviewInput:
    id: ID = strawberry.field(description="The match task in review.")
    reviewer: str = strawberry.field(description="The name of the person who decides, and who has claimed it.")
    address_id: ID | None = strawberry.field(
        default=None, description="The known address that was meant; null when it is a new one."
    )


@strawberry.type(description="What became of something done with a match task.")
class MatchTaskPayload:
    match_task: MatchTask | None = strawberry.field(description="The task; null when there are problems.")
    problems: list[Problem] = strawberry.field(description="Why it was refused; empty when it was not.")


@strawberry.type(description="What became of something done with a batch.")
class MatchBatchPayload:
    match_batch: MatchBatch | None = strawberry.field(description="The batch; null when there are problems.")
    problems: list[Problem] = strawberry.field(description="Why it was refused; empty when it was not.")


@strawberry.type(description="What became of something done with a search for duplicates.")
class DuplicateSearchPayload:
    duplicate_search: DuplicateSearch | None = strawberry.field(description="The search; null when there are problems.")
    problems: list[Problem] = strawberry.field(description="Why it was refused; empty when it was not.")


@strawberry.type(description="What became of a reviewer's word about a pair.")
class DuplicatePairPayload:
    duplicate_pair: DuplicatePair | None = strawberry.field(
        description="The pair as it was found; null when there are problems."
    )
    problems: list[Problem] = strawberry.field(description="Why it was refused; empty when it was not.")


@strawberry.type(description="What can be asked.")
class Query:
    @strawberry.field(description="One match task. An id nobody has heard of yet is QUEUED: it may be on its way.")
    async def match_task(self, info: Info, id: TaskId) -> MatchTask:
        return await MatchTask.resolve_reference(info, id)

    @field(description="One batch; null when there is none with this id.", **scoped("batches"))
    async def match_batch(self, info: Info, id: BatchId) -> MatchBatch | None:
        return await MatchBatch.resolve_reference(info, id)

    @field(description="The batches, the newest first.", **scoped("batches"))
    async def match_batches(self, first: First = 20, after: After = None) -> MatchBatchConnection:
        size = page_size(first)
        found = await in_thread(batch_store().page, size + 1, time_position(after))
        return MatchBatchConnection.of(found, size, after)

    @field(
        description="A search for duplicates, the newest one without an id; null when there is none.",
        **scoped(*DUPLICATES),
    )
    async def duplicate_search(
        self,
        id: Annotated[ID | None, strawberry.argument(description="Its id; null for the newest.")] = None,
    ) -> DuplicateSearch | None:
        found = await in_thread(duplicate_store().get, id)
        return DuplicateSearch.from_document(found) if found else None

    @field(
        description="Pairs of addresses that may be one, the most probable first, as the searches found them. "
        "A pair goes when one of its addresses is merged or removed.",
        **scoped(*DUPLICATES),
    )
    async def duplicates(self, first: First = 20, after: After = None) -> DuplicatePairConnection:
        size = page_size(first)
        found = await in_thread(duplicate_store().pairs, size + 1, score_position(after))
        return DuplicatePairConnection.of(found, size, after)

    @field(description="What waits for a reviewer, the oldest first; claimed items included.", **scoped("reviews"))
    async def review_queue(self, first: First = 20, after: After = None) -> MatchTaskConnection:
        size = page_size(first)
        found = await in_thread(task_store().in_review, size + 1, time_position(after))
        return MatchTaskConnection.of(found, size, after, lambda: in_thread(task_store().count_in_review))


@strawberry.type(description="What can be done.")
class Mutation:
    @mutation(description="Find the known address a typed one is; the matching goes on in the background.", **known())
    async def match_address(
        self, input: Annotated[MatchAddressInput, strawberry.argument(description="The address to match.")]
    ) -> MatchTaskPayload:
        limits = AddressLimits(settings.NAME_LENGTH, settings.ADDRESS_LENGTH, settings.FIELD_LENGTH)
        return await _task(match_address, input.address.as_value(), limits=limits, store=task_store())

    @mutation(
        description="Match a CSV file of addresses in the background. UTF-8 with a header: id, name, address (required), "
        "postal_code, city, region, country. Broken rows are reported, the rest goes on.",
        **scoped("batches"),
    )
    async def match_batch(
        self, file: Annotated[Upload, strawberry.argument(description="The CSV file.")]
    ) -> MatchBatchPayload:
        if not hasattr(file, "chunks"):
            raise GraphQLError(
                "file must be an uploaded file (GraphQL multipart request).", extensions={"code": "BAD_USER_INPUT"}
            )
        limits = CsvLimits(settings.BATCH_FILE_BYTES, settings.BATCH_ROWS, settings.BATCH_FIELD_LENGTH)
        return await _batch(match_batch, file, getattr(file, "name", None) or "", limits=limits, store=batch_store())

    @mutation(description="Stop a batch where it is; what is matched stays.", **scoped("batches"))
    async def cancel_match_batch(self, id: BatchId) -> MatchBatchPayload:
        return await _batch(cancel_match_batch, id, store=batch_store())

    @mutation(description="Let a cancelled or failed batch go on where it stopped.", **scoped("batches"))
    async def resume_match_batch(self, id: BatchId) -> MatchBatchPayload:
        return await _batch(resume_match_batch, id, store=batch_store())

    @mutation(
        description="Find addresses that the register has twice, in the background. While a search is under way, "
        "that one is given instead of another.",
        **scoped(*DUPLICATES),
    )
    async def find_duplicates(self) -> DuplicateSearchPayload:
        return await _search(find_duplicates, store=duplicate_store())

    @mutation(
        description="Stop a search for duplicates where it is; the pairs it has found stay.", **scoped(*DUPLICATES)
    )
    async def cancel_duplicate_search(self, id: SearchId) -> DuplicateSearchPayload:
        return await _search(cancel_duplicate_search, id, store=duplicate_store())

    @mutation(
        description="Say that two addresses of a pair are not the same one. It leaves the list, and no later search "
        "finds it again. Said twice, it is the same.",
        **scoped(*DUPLICATES),
    )
    async def tell_duplicates_apart(
        self,
        address_ids: AddressIds,
        reviewer: ReviewerName,
    ) -> DuplicatePairPayload:
        return await _pair(tell_apart, address_ids, reviewer, store=duplicate_store())

    @mutation(
        description="Take back that two addresses are not one; the pair is in the list again. Said twice, it is the same.",
        **scoped(*DUPLICATES),
    )
    async def undo_tell_duplicates_apart(self, address_ids: AddressIds) -> DuplicatePairPayload:
        return await _pair(undo_tell_apart, address_ids, store=duplicate_store())

    @mutation(
        description="Take an item of the review queue for a while, so that nobody else works on it.",
        **scoped("reviews"),
    )
    async def claim_review(self, info: Info, id: TaskId, reviewer: ReviewerName) -> MatchTaskPayload:
        return await _task(claim_review, id, _reviewer(info, reviewer), claim=_claim(), store=task_store())

    @mutation(description="Decide which known address a claimed item is, or that it is a new one.", **scoped("reviews"))
    async def resolve_review(
        self, info: Info, input: Annotated[ResolveReviewInput, strawberry.argument(description="The decision.")]
    ) -> MatchTaskPayload:
        reviewer = _reviewer(info, input.reviewer)
        return await _task(resolve_review, input.id, reviewer, input.address_id, store=task_store())

    @mutation(
        description="Take one's own decision back; the item is in review again, claimed by oneself.",
        **scoped("reviews"),
    )
    async def undo_review(self, info: Info, id: TaskId, reviewer: ReviewerName) -> MatchTaskPayload:
        undo = timedelta(seconds=settings.UNDO_SECONDS)
        return await _task(undo_review, id, _reviewer(info, reviewer), claim=_claim(), undo=undo, store=task_store())


schema = subgraph_schema(
    query=Query,
    mutation=Mutation,
    types=[MatchTask, MatchBatch, Subscriber, Address, AddressImport],
    debug=lambda: settings.DEBUG,
)


async def _task(use_case: Callable[..., Any], *arguments: Any, **named: Any) -> MatchTaskPayload:
    outcome = await in_thread(use_case, *arguments, **named)
    if isinstance(outcome, list):
        return MatchTaskPayload(match_task=None, problems=Problem.from_refusals(outcome))
    return MatchTaskPayload(match_task=MatchTask.from_document(outcome["_id"], outcome), problems=[])


async def _pair(use_case: Callable[..., Any], *arguments: Any, **named: Any) -> DuplicatePairPayload:
    outcome = await in_thread(use_case, *arguments, **named)
    if isinstance(outcome, list):
        return DuplicatePairPayload(duplicate_pair=None, problems=Problem.from_refusals(outcome))
    return DuplicatePairPayload(duplicate_pair=DuplicatePair.from_document(outcome), problems=[])


async def _batch(use_case: Callable[..., Any], *arguments: Any, **named: Any) -> MatchBatchPayload:
    outcome = await in_thread(use_case, *arguments, **named)
    if isinstance(outcome, list):
        return MatchBatchPayload(match_batch=None, problems=Problem.from_refusals(outcome))
    return MatchBatchPayload(match_batch=MatchBatch.from_document(outcome), problems=[])


async def _search(use_case: Callable[..., Any], *arguments: Any, **named: Any) -> DuplicateSearchPayload:
    outcome = await in_thread(use_case, *arguments, **named)
    if isinstance(outcome, list):
        return DuplicateSearchPayload(duplicate_search=None, problems=Problem.from_refusals(outcome))
    return DuplicateSearchPayload(duplicate_search=DuplicateSearch.from_document(outcome), problems=[])


def _reviewer(info: Info, name: str) -> Reviewer:
    return Reviewer(tidy(name) or "", caller_of(info).subject)


def _claim() -> timedelta:
    return timedelta(seconds=settings.CLAIM_SECONDS)
