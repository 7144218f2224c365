"""Imports in MongoDB: their rows in chunks, and how far they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.database import Database

from workers.addresses.facts import import_progressed, progress_of, register_changed
from workers.addresses.model import Entry


@dataclass(frozen=True)
class Comparison:
    """What a chunk means for the register, found out before anything was changed."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: int
    """rows that say what the register says already"""
    repeated: int = 0
    """rows whose reference comes again further down"""

    def document(self) -> dict[str, Any]:
        """As it is kept with the chunk."""
        return {
            "added": list(self.added),
            "changed": list(self.changed),
            "unchanged": self.unchanged,
            "repeated": self.repeated,
        }


@dataclass(frozen=True)
class Chunk:
    """A part of an import that is worked off in one go."""

    import_id: str
    number: int
    entries: tuple[Entry, ...]
    comparison: Comparison | None
    """what an earlier attempt found out, if there was one"""
    is_told: bool
    """whether its changes are on their way to whoever listens"""

    @property
    def id(self) -> str:
        """The id of its document."""
        return f"{self.import_id}:{self.number}"


class Imports:
    """The imports, their chunks, and the facts they tell."""

    def __init__(self, database: "Database[dict[str, Any]]") -> None:
        self._imports = database["address_imports"]
        self._chunks = database["import_chunks"]

    def begin(self, import_id: str) -> list[int] | None:
        """Call it running; the chunks that are still to be done, or none where there is no such import."""
        self._imports.update_one({"_id": import_id, "status": "QUEUED"}, {"$set": {"status": "RUNNING"}})
        found = self._imports.find_one({"_id": import_id}, {"chunks": True, "finishedChunks": True})
        if found is None:
            return None
        return sorted(set(range(found["chunks"])) - set(found["finishedChunks"]))

    def open_chunk(self, import_id: str, number: int) -> Chunk | None:
        """A chunk that still has to be done, none when it is done or gone."""
        still_open = {"_id": import_id, "finishedChunks": {"$ne": number}}
        owner = self._imports.find_one(still_open, {"source": True})
        document = self._chunks.find_one({"_id": f"{import_id}:{number}"}) if owner else None
        if owner is None or document is None:
            return None
        found = document.get("comparison")
        return Chunk(
            import_id=import_id,
            number=number,
            entries=tuple(Entry.from_row(owner["source"], row) for row in document["rows"]),
            comparison=Comparison(tuple(found["added"]), tuple(found["changed"]), found["unchanged"], found["repeated"])
            if found
            else None,
            is_told=document.get("told", False),
        )

    def keep_comparison(self, chunk: Chunk, comparison: Comparison) -> Comparison:
        """Remember what was found out, unless another attempt has done so before; the one that stands."""
        document = self._chunks.find_one_and_update(
            {"_id": chunk.id},
            [{"$set": {"comparison": {"$ifNull": ["$comparison", {"$literal": comparison.document()}]}}}],
            return_document=ReturnDocument.AFTER,
        )
        if document is None:
            return comparison
        stands = document["comparison"]
        return Comparison(tuple(stands["added"]), tuple(stands["changed"]), stands["unchanged"], stands["repeated"])

    def tell_changes(self, chunk: Chunk, changes: Sequence[dict[str, Any]]) -> None:
        """Promise that whoever listens hears of the changes, once."""
        told = (
            [register_changed(changes, chunk.id, 1, import_id=chunk.import_id, chunk=chunk.number)] if changes else []
        )
        self._chunks.update_one(
            {"_id": chunk.id, "told": {"$ne": True}},
            {"$set": {"told": True}, "$push": {"unsent": {"$each": told}}},
        )

    def count(self, chunk: Chunk, comparison: Comparison, now: datetime) -> bool:
        """
        Count the chunk and tell how far the import is; both, and only once.

        The numbers the fact carries are those of the document after the count, so MongoDB puts them in.
        """
        added, changed = len(comparison.added), len(comparison.changed)
        unchanged = comparison.unchanged + comparison.repeated
        counts = {"done": added + changed + unchanged, "added": added, "changed": changed, "unchanged": unchanged}
        finished = {"$gte": [{"$size": "$finishedChunks"}, "$chunks"]}
        progressed = import_progressed(chunk.import_id, f"chunk-{chunk.number}", progress_of({}))
        told = {name: {"$literal": value} for name, value in progressed.items() if name != "data"}
        data = {"importId": {"$literal": chunk.import_id}} | {name: f"${name}" for name in progress_of({})}
        counted = self._imports.update_one(
            {"_id": chunk.import_id, "finishedChunks": {"$ne": chunk.number}},
            [
                {"$set": {name: {"$add": [f"${name}", number]} for name, number in counts.items()}},
                {"$set": {"finishedChunks": {"$concatArrays": ["$finishedChunks", [chunk.number]]}}},
                {
                    "$set": {
                        "status": {"$cond": [finished, "FINISHED", "RUNNING"]},
                        "finishedAt": {"$cond": [finished, now, None]},
                    }
                },
                {"$set": {"unsent": {"$concatArrays": [{"$ifNull": ["$unsent", []]}, [told | {"data": data}]]}}},
            ],
        )
        return counted.modified_count == 1

    def fail(self, import_id: str, problem: str, now: datetime) -> None:
        """Say that the import cannot go on, and why; the first reason stands."""
        unfinished = {"_id": import_id, "status": {"$in": ["QUEUED", "RUNNING"]}}
        if (found := self._imports.find_one(unfinished)) is None:
            return
        fact = import_progressed(import_id, "failed", progress_of(found | {"status": "FAILED"}))
        self._imports.update_one(
            unfinished,
            {"$set": {"status": "FAILED", "problem": problem, "finishedAt": now}, "$push": {"unsent": fact}},
        )
