"""A suggestion and who sent it."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any


class SuggestionStatus(Enum):
    """Whether a reader was thanked."""

    RECEIVED = "RECEIVED"
    THANKED = "THANKED"


@dataclass(frozen=True)
class Suggestion:
    """What a reader would have us do."""

    id: str
    name: str
    email: str
    text: str
    status: SuggestionStatus
    received_at: datetime
    thanked_at: datetime | None = None
    letter_id: str | None = None
    """of the thank-you letter, once it is written"""

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> "Suggestion":
        """Read it from its document."""
        return cls(
            id=document["_id"],
            name=document["name"],
            email=document["email"],
            text=document["text"],
            status=SuggestionStatus(document["status"]),
            received_at=document["receivedAt"],
            thanked_at=document.get("thankedAt"),
            letter_id=document.get("letterId"),
        )
