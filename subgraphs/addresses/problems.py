"""What can be wrong with what somebody wants of the register; data in the answer, not an error."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from subgraphs.chassis.text_fields import refusal_of

MOST_CHARACTERS = 500


class ProblemCode(Enum):
    """What is wrong, for programs."""

    BLANK = "BLANK"
    TOO_LONG = "TOO_LONG"
    INVALID_CHARACTERS = "INVALID_CHARACTERS"
    UNKNOWN_COUNTRY = "UNKNOWN_COUNTRY"
    INVALID_SOURCE = "INVALID_SOURCE"
    NOT_FOUND = "NOT_FOUND"
    NOT_ACTIVE = "NOT_ACTIVE"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    TOO_MANY = "TOO_MANY"
    SAME_ADDRESS = "SAME_ADDRESS"
    FILE_TOO_LARGE = "FILE_TOO_LARGE"
    FILE_EMPTY = "FILE_EMPTY"
    NOT_UTF8 = "NOT_UTF8"
    COLUMN_MISSING = "COLUMN_MISSING"
    COLUMN_TWICE = "COLUMN_TWICE"
    TOO_MANY_ROWS = "TOO_MANY_ROWS"
    BROKEN_HEADER = "BROKEN_HEADER"
    BROKEN_FILE = "BROKEN_FILE"
    UNKNOWN_FORMAT = "UNKNOWN_FORMAT"
    UNKNOWN_ENCODING = "UNKNOWN_ENCODING"
    INVALID_DELIMITER = "INVALID_DELIMITER"


DESCRIPTIONS: Mapping[str, str] = {
    "BLANK": "A required field is empty.",
    "TOO_LONG": "A field has more characters than allowed.",
    "INVALID_CHARACTERS": "A field holds what is no text.",
    "UNKNOWN_COUNTRY": "No country has this code or name.",
    "INVALID_SOURCE": "The name of a source holds other characters than letters, digits, dots, hyphens, underscores.",
    "NOT_FOUND": "Nothing has this id.",
    "NOT_ACTIVE": "The address is merged or removed.",
    "ALREADY_EXISTS": "The source has an address with this reference already.",
    "VERSION_CONFLICT": "Somebody changed the address meanwhile.",
    "TOO_MANY": "More at once than is allowed.",
    "SAME_ADDRESS": "An address cannot be merged into itself.",
    "FILE_TOO_LARGE": "The file has more bytes than allowed.",
    "FILE_EMPTY": "The file has no header.",
    "NOT_UTF8": "The file is not encoded as UTF-8.",
    "COLUMN_MISSING": "The header lacks a required column.",
    "COLUMN_TWICE": "The header names a column more than once.",
    "TOO_MANY_ROWS": "The file has more rows than allowed.",
    "BROKEN_HEADER": "The first line of the file cannot be read.",
    "BROKEN_FILE": "The file is damaged and cannot be unpacked.",
    "UNKNOWN_FORMAT": "The file has none of the known formats.",
    "UNKNOWN_ENCODING": "No encoding has this name.",
    "INVALID_DELIMITER": "Fields cannot be separated by this.",
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


def text_problems(values: Mapping[str, str | None], required: frozenset[str] = frozenset({"address"})) -> list[Problem]:
    """What is wrong with the texts of an address, by the names the graph has for them."""
    refusals = (
        refusal_of(text, field, limit=MOST_CHARACTERS, required=field in required) for field, text in values.items()
    )
    problems = [Problem(ProblemCode(found.code), found.message, found.field) for found in refusals if found]
    country = values.get("country")
    if country is not None and not (len(country) == 2 and country.isascii() and country.isalpha()):
        problems.append(
            Problem(
                ProblemCode.UNKNOWN_COUNTRY,
                f"country must be a code of two letters such as DE, not {country[:40]!r}.",
                "country",
            )
        )
    return problems
