"""The facts this service tells."""

from typing import Any

from subgraphs.chassis.facts import fact
from subgraphs.suggestions.model import Suggestion


def suggestion_received(suggestion: Suggestion) -> dict[str, Any]:
    """A reader sent a suggestion; whoever thanks them reads it where it is kept."""
    return fact(
        "suggestion.received.v1",
        source="/suggestions",
        subject=suggestion.id,
        audience=["suggestions"],
        data={"suggestionId": suggestion.id},
    )
