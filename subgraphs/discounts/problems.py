"""What can be wrong with what somebody wants; data in the answer, not an error."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class ProblemCode(Enum):
    """What is wrong, for programs."""

    BLANK = "BLANK"
    TOO_LONG = "TOO_LONG"
    INVALID_CHARACTERS = "INVALID_CHARACTERS"
    TOO_MANY = "TOO_MANY"


DESCRIPTIONS: Mapping[str, str] = {
    "BLANK": "A required field is empty.",
    "TOO_LONG": "A field has more characters than allowed.",
    "INVALID_CHARACTERS": "A field holds what is no text.",
    "TOO_MANY": "More at once than is allowed.",
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
