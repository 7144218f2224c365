"""Batches in MongoDB: the file's rows, how far they are, what was found; the batch document has its own outbox."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any

from pymongo import ASCENDING, DESCENDING, ReturnDocument
from pymongo.collection import Collection
from pymongo.database import Database

from subgraphs.chassis import mongo
from subgraphs.chassis.clock import now
from subgraphs.matching.lists import Position, at_once, beyond, count_of_each, first_of_each

Document = dict[str, Any]

NEWEST_FIRST = (("createdAt", DESCENDING), ("_id", DESCENDING))
BY_ROW = (("row", ASCENDING),)

_ROWS_WRITTEN_TOGETHER = 2_000
_COUNTS = ("total", "done", "matched", "inReview", "new", "failed", "rejected")


class BatchRows:
    """The rows of a file on their way into the store; at most a few thousand are held in memory."""

    def __init__(
        self,
        batch_id: str,
        chunk_rows: Callable[[int], int],
        chunks: Collection[Document],
        rejected: Collection[Document],
        batches: Collection[Document],
    ) -> None:
        self._batch_id = batch_id
        self._chunk_rows = chunk_rows
        self._chunks = chunks
        self._rejected_rows = rejected
        self._batches = batches
        self._begun_at = now()
        self._rows: list[Document] = []
        self._waiting_chunks: list[Document] = []
        self._waiting_rejected: list[Document] = []
        self._in_chunks = 0
        self.accepted = 0
        self.rejected = 0
        self.chunks = 0
        self.first_reason: str | None = None
        self.kept = False

    def add(self, row: int, query_id: str, address: Document) -> None:
        """A row to match."""
        self._rows.append({"row": row, "queryId": query_id, "address": address})
        self.accepted += 1
        if len(self._rows) == self._chunk_rows(self._in_chunks):
            self._close_chunk()

    def reject(self, row: int, line: int, reason: str) -> None:
        """A row that cannot be used."""
        self.first_reason = self.first_reason or f"line {line} {reason}"
        self.rejected += 1
        self._waiting_rejected.append(
            {"_id": f"{self._batch_id}:{row}", "batchId": self._batch_id, "row": row, "line": line, "reason": reason}
        )
        if len(self._waiting_rejected) >= _ROWS_WRITTEN_TOGETHER:
            self._write()

    def keep(self, batch: Document, *facts: Document) -> None:
        """Write what is left, and last the batch with its facts: from here on it is accepted."""
        if self._rows:
            self._close_chunk()
        self._write()
        self._batches.insert_one({**batch, "chunks": self.chunks, "unsent": list(facts)})
        self.kept = True

    def forget(self) -> None:
        """Remove what was written of a file that is not accepted."""
        self._chunks.delete_many({"batchId": self._batch_id})
        self._rejected_rows.delete_many({"batchId": self._batch_id})

    def _close_chunk(self) -> None:
        self._waiting_chunks.append(
            {
                "_id": f"{self._batch_id}:{self.chunks}",
                "batchId": self._batch_id,
                "chunk": self.chunks,
                "createdAt": self._begun_at,
                "rows": self._rows,
            }
        )
        self.chunks += 1
        self._in_chunks += len(self._rows)
        self._rows = []
        if sum(len(chunk["rows"]) for chunk in self._waiting_chunks) >= _ROWS_WRITTEN_TOGETHER:
            self._write()

    def _write(self) -> None:
        if self._waiting_chunks:
            self._chunks.insert_many(self._waiting_chunks, ordered=False)
            self._waiting_chunks = []
        if self._waiting_rejected:
            self._rejected_rows.insert_many(self._waiting_rejected, ordered=False)
            self._waiting_rejected = []


class BatchStore:
    """What is remembered of batches."""

    def __init__(self, db: Database[Document]) -> None:
        self._batches: Collection[Document] = db["match_batches"]
        self._chunks: Collection[Document] = db["batch_chunks"]
        self._rejected: Collection[Document] = db["rejected_rows"]
        self._results: Collection[Document] = db["match_results"]
        self._indexed_chunks: Collection[Document] = db["indexed_chunks"]
        self._known_addresses: Collection[Document] = db["known_addresses"]

    @contextmanager
    def rows_of(self, batch_id: str, chunk_rows: Callable[[int], int]) -> Iterator[BatchRows]:
        """
        A place for the rows of a new batch; whatever is not kept at the end is removed.

        :param chunk_rows: how many rows the chunk gets that begins after so many rows
        """
        rows = BatchRows(batch_id, chunk_rows, self._chunks, self._rejected, self._batches)
        try:
            yield rows
        finally:
            if not rows.kept:
                rows.forget()

    def get(self, batch_id: str) -> Document | None:
        """One batch."""
        return self.get_many([batch_id])[0]

    def get_many(self, ids: Sequence[str]) -> list[Document | None]:
        """Several batches with one query, in the order of their ids."""
        hidden = {"unsent": False, "finishedChunks": False}
        batches = self._batches.find({"_id": {"$in": list(set(ids))}}, hidden, batch_size=at_once(len(ids)))
        found = {batch["_id"]: batch for batch in batches}
        return [found.get(id) for id in ids]

    def page(self, size: int, after: Position | None) -> list[Document]:
        """The newest batches beyond a position."""
        hidden = {"unsent": False, "finishedChunks": False}
        return list(self._batches.find(beyond(NEWEST_FIRST, after), hidden).sort(list(NEWEST_FIRST)).limit(size))

    def count(self) -> int:
        """How many batches there are."""
        return self._batches.count_documents({})

    def results_of_each(
        self, ids: Sequence[str], size: int, after: Position | None, verdict: str | None
    ) -> dict[str, list[Document]]:
        """The first results of each batch beyond a row, with one query for all."""
        wanted = {**beyond(BY_ROW, after), **({} if verdict is None else {"verdict": verdict})}
        return first_of_each(self._results, "batchId", ids, size, BY_ROW, wanted)

    def results_beyond(self, batch_id: str, row: int, size: int) -> list[Document]:
        """So many results there are by now beyond a row, in the order of the file."""
        return _beyond_row(self._results, batch_id, row, size)

    def rejected_beyond(self, batch_id: str, row: int, size: int) -> list[Document]:
        """So many rejected rows beyond a row, in the order of the file."""
        return _beyond_row(self._rejected, batch_id, row, size)

    def known_addresses(self, ids: Sequence[str]) -> dict[str, Document]:
        """What the register says of addresses, as far as matching has heard, with one query for all."""
        wanted = {"_id": {"$in": list(set(ids))}, "removed": {"$ne": True}}
        found = self._known_addresses.find(wanted, {"keys": False, "exact": False}, batch_size=at_once(len(ids)))
        return {known["_id"]: known for known in found}

    def count_results(self, batch_id: str, verdict: str | None) -> int:
        """How many results a batch has."""
        wanted = {"batchId": batch_id, **({} if verdict is None else {"verdict": verdict})}
        return self._results.count_documents(wanted)

    def rejected_of_each(self, ids: Sequence[str], size: int, after: Position | None) -> dict[str, list[Document]]:
        """The first rejected rows of each batch beyond a row, with one query for all."""
        return first_of_each(self._rejected, "batchId", ids, size, BY_ROW, beyond(BY_ROW, after))

    def count_rejected_of_each(self, ids: Sequence[str]) -> dict[str, int]:
        """How many rows of each batch were rejected, with one query for all."""
        return count_of_each(self._rejected, "batchId", ids)

    def indexed(self, import_ids: Sequence[str]) -> list[int]:
        """How many addresses of each import can be found already, with one query for all."""
        sums = self._indexed_chunks.aggregate(
            [
                {"$match": {"importId": {"$in": list(set(import_ids))}}},
                {"$group": {"_id": "$importId", "count": {"$sum": "$count"}}},
            ],
            batchSize=at_once(len(import_ids)),
        )
        found = {entry["_id"]: entry["count"] for entry in sums}
        return [found.get(id, 0) for id in import_ids]

    def cancel(self, batch_id: str, at: datetime, fact: Document) -> Document | None:
        """Stop a batch and tell it with the counts of this very moment; ``None`` when it is over already."""
        told = {"$mergeObjects": ["$$told", {"data": {"$mergeObjects": ["$$told.data", _current_counts()]}}]}
        return self._batches.find_one_and_update(
            {"_id": batch_id, "status": {"$in": ["QUEUED", "RUNNING"]}},
            [
                {
                    "$set": {
                        "status": "CANCELLED",
                        "finishedAt": at,
                        "unsent": {
                            "$concatArrays": ["$unsent", [{"$let": {"vars": {"told": {"$literal": fact}}, "in": told}}]]
                        },
                    }
                }
            ],
            return_document=ReturnDocument.AFTER,
        )

    def resume(self, batch_id: str, attempt: int, *facts: Document) -> Document | None:
        """Let a batch go on; ``None`` when it is not stopped, or somebody else resumed it meanwhile."""
        return self._batches.find_one_and_update(
            {"_id": batch_id, "attempt": attempt - 1, "status": {"$in": ["CANCELLED", "FAILED"]}},
            {
                "$set": {"status": "QUEUED", "attempt": attempt, "finishedAt": None},
                "$push": {"unsent": {"$each": list(facts)}},
            },
            return_document=ReturnDocument.AFTER,
        )


@cache
def batch_store() -> BatchStore:
    """The store of this process."""
    return BatchStore(mongo.database("matching"))


def _beyond_row(collection: Collection[Document], batch_id: str, row: int, size: int) -> list[Document]:
    wanted = {"batchId": batch_id, "row": {"$gt": row}}
    return list(collection.find(wanted, batch_size=at_once(size)).sort(list(BY_ROW)).limit(size))


def _current_counts() -> Document:
    return {name: f"${name}" for name in _COUNTS}
