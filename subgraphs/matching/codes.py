"""The enums of matching's part of the graph."""

from enum import Enum

import strawberry

_value = strawberry.enum_value


@strawberry.enum(description="How far the matching of one address is.")
class MatchTaskStatus(Enum):
    QUEUED = _value("QUEUED", description="Waits for a worker.")
    RUNNING = _value("RUNNING", description="A worker is at it.")
    MATCHED = _value("MATCHED", description="It is a known address.")
    IN_REVIEW = _value("IN_REVIEW", description="A person has to look.")
    NEW = _value("NEW", description="No known address is meant; it is a new one.")
    FAILED = _value("FAILED", description="It could not be matched; problem says why.")
    CANCELLED = _value("CANCELLED", description="It is not wanted any more.")


@strawberry.enum(description="How far a file of addresses is.")
class MatchBatchStatus(Enum):
    QUEUED = _value("QUEUED", description="Waits for a worker.")
    RUNNING = _value("RUNNING", description="Its rows are being matched.")
    FINISHED = _value("FINISHED", description="Every row has its result.")
    CANCELLED = _value("CANCELLED", description="Stopped by somebody; it can be resumed.")
    FAILED = _value("FAILED", description="Stopped by a failure; it can be resumed.")


@strawberry.enum(description="How far a search for duplicates is.")
class DuplicateSearchStatus(Enum):
    QUEUED = _value("QUEUED", description="Waits for a worker.")
    RUNNING = _value("RUNNING", description="Addresses are being compared.")
    FINISHED = _value("FINISHED", description="Every address was compared.")
    CANCELLED = _value("CANCELLED", description="Stopped by somebody.")
    FAILED = _value("FAILED", description="Stopped by a failure; problem says why.")


@strawberry.enum(description="What the engine thinks of the best candidate.")
class Verdict(Enum):
    MATCH = _value("MATCH", description="This is the address.")
    REVIEW = _value("REVIEW", description="Somebody should look.")
    NEW = _value("NEW", description="This one is new.")


@strawberry.enum(description="Why an input is refused.")
class ProblemCode(Enum):
    BLANK = _value("BLANK", description="A required field is empty.")
    TOO_LONG = _value("TOO_LONG", description="A field has more characters than allowed.")
    INVALID_CHARACTERS = _value("INVALID_CHARACTERS", description="A field holds what is no text.")
    UNKNOWN_COUNTRY = _value("UNKNOWN_COUNTRY", description="No country has this code or name.")
    INVALID_POSTAL_CODE = _value("INVALID_POSTAL_CODE", description="The country has no postal codes of this form.")
    INCOMPLETE_ADDRESS = _value("INCOMPLETE_ADDRESS", description="The address has neither a city nor a postal code.")
    FILE_TOO_LARGE = _value("FILE_TOO_LARGE", description="The file has more bytes than allowed.")
    FILE_EMPTY = _value("FILE_EMPTY", description="The file has no header.")
    NOT_UTF8 = _value("NOT_UTF8", description="The file is not encoded as UTF-8.")
    BROKEN_HEADER = _value("BROKEN_HEADER", description="The first line of the file cannot be read.")
    COLUMN_MISSING = _value("COLUMN_MISSING", description="The header lacks a required column.")
    COLUMN_TWICE = _value("COLUMN_TWICE", description="The header names a column more than once.")
    TOO_MANY_ROWS = _value("TOO_MANY_ROWS", description="The file has more rows than allowed.")
    NO_USABLE_ROW = _value("NO_USABLE_ROW", description="Not one row of the file can be used.")
    UNKNOWN_MATCH_BATCH = _value("UNKNOWN_MATCH_BATCH", description="No batch has this id.")
    UNKNOWN_DUPLICATE_SEARCH = _value("UNKNOWN_DUPLICATE_SEARCH", description="No search for duplicates has this id.")
    UNKNOWN_DUPLICATE_PAIR = _value(
        "UNKNOWN_DUPLICATE_PAIR", description="No search has found these two addresses to be one."
    )
    NOT_RUNNING = _value("NOT_RUNNING", description="It is over; there is nothing to cancel.")
    NOT_RESUMABLE = _value("NOT_RESUMABLE", description="The batch was neither cancelled nor has it failed.")
    UNKNOWN_MATCH_TASK = _value("UNKNOWN_MATCH_TASK", description="No match task has this id yet.")
    NOT_IN_REVIEW = _value("NOT_IN_REVIEW", description="The item does not wait for a reviewer any more.")
    CLAIMED_BY_SOMEBODY_ELSE = _value("CLAIMED_BY_SOMEBODY_ELSE", description="Another reviewer is looking at it.")
    NOT_CLAIMED = _value("NOT_CLAIMED", description="The reviewer has not claimed the item, or the claim has ended.")
    UNKNOWN_ADDRESS = _value("UNKNOWN_ADDRESS", description="No known address has this id.")
    NOT_UNDOABLE = _value("NOT_UNDOABLE", description="There is no decision this reviewer can take back.")
