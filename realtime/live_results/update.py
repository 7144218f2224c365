"""One update of one topic, as the stream keeps it."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

BEGINNING = "0-0"
"""the update id before every other"""

_UPDATE_ID = re.compile(r"\d{1,20}-\d{1,20}", re.ASCII)
_LARGEST_PART = 2**64 - 1


@dataclass(frozen=True)
class Update:
    """What changed, in the order it was told."""

    id: str
    """its place in the stream; what a client hands back as `after`"""
    number: int
    """1, 2, 3 … within the topic, so that a missing one can be seen"""
    at: datetime
    fact_type: str
    data: dict[str, Any]
    traceparent: str | None = None
    """the span that made it, where there are traces"""

    @classmethod
    def from_json(cls, update_id: str | None, text: str | bytes) -> "Update":
        """Read a stream's entry, or (without an id) a snapshot, which carries its own."""
        kept = json.loads(text)
        return cls(
            id=update_id or kept["updateId"],
            number=kept["number"],
            at=datetime.fromisoformat(kept["at"]),
            fact_type=kept["factType"],
            data=kept["data"],
            traceparent=kept.get("traceparent"),
        )


def is_update_id(text: str) -> bool:
    """Whether this could be the id of an update."""
    return bool(_UPDATE_ID.fullmatch(text)) and all(int(part) <= _LARGEST_PART for part in text.split("-"))
