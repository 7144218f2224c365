"""Suggestions in MongoDB."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pymongo.database import Database


class MongoSuggestions:
    """The collection `suggestions`, which the subgraph of the same name fills."""

    def __init__(self, database: "Database[dict[str, Any]]") -> None:
        self._suggestions = database["suggestions"]

    def find(self, suggestion_id: str) -> Mapping[str, Any] | None:
        """One suggestion."""
        return self._suggestions.find_one({"_id": suggestion_id})

    def thanked(self, suggestion_id: str, letter_id: str, now: datetime, fact: Mapping[str, Any]) -> bool:
        """Note that its letter is written, together with the fact that says so; ``False`` when it was before."""
        changed = self._suggestions.update_one(
            {"_id": suggestion_id, "status": "RECEIVED"},
            {
                "$set": {"status": "THANKED", "thankedAt": now, "letterId": letter_id},
                "$push": {"unsent": dict(fact)},
            },
        )
        return changed.modified_count == 1
