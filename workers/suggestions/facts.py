"""The facts this worker tells."""

from collections.abc import Mapping
from typing import Any

from workers.chassis.facts import fact, repeatable_id


def suggestion_thanked(suggestion_id: str, letter: Mapping[str, Any]) -> dict[str, Any]:
    """The letter that thanks for a suggestion is written; whoever carries letters sends it."""
    return fact(
        "suggestion.thanked.v1",
        source="/suggestions",
        subject=suggestion_id,
        audience=["notifications"],
        id=repeatable_id("suggestion.thanked.v1", suggestion_id),
        data={"suggestionId": suggestion_id, "letter": dict(letter)},
    )
