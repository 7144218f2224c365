"""What can be wrong with what somebody wants; data in the answer, not an error."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class ProblemCode(Enum):
    """What is wrong, for programs."""

    NOT_FOUND = "NOT_FOUND"
    NOT_SENT_YET = "NOT_SENT_YET"


DESCRIPTIONS: Mapping[str, str] = {
    "NOT_FOUND": "Nothing has this id.",
    "NOT_SENT_YET": "The letter is still on its way for the first time.",
}


def describe(code: ProblemCode | None) -> str:
    """The description of a code, or of all of them."""
    return DESCRIPTIONS[code.value] if code else "Why an input is refused."


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong."""

    code: ProblemCode
    message: str
    field: str | None = None
