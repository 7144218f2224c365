"""What a watching client receives, type by type. The entities are stubs: their fields come from the other subgraphs."""

from datetime import datetime
from enum import Enum
from typing import Self

import strawberry
from strawberry.federation.schema_directives import Key

from realtime.live_results.log_tail import Line
from realtime.live_results.update import Update

described = strawberry.field
UPDATE_ID = "The id of this update; hand the last one you saw back as `after` and you miss nothing."
UPDATED_AT = "When it happened."


@strawberry.enum(description="How far the matching of one address is.")
class MatchTaskStatus(Enum):
    QUEUED = strawberry.enum_value("QUEUED", description="Waits for a worker.")
    RUNNING = strawberry.enum_value("RUNNING", description="A worker is at it.")
    MATCHED = strawberry.enum_value("MATCHED", description="It is a known address.")
    IN_REVIEW = strawberry.enum_value("IN_REVIEW", description="A person has to look.")
    NEW = strawberry.enum_value("NEW", description="No known address is meant; it is a new one.")
    FAILED = strawberry.enum_value("FAILED", description="It could not be matched; problem says why.")
    CANCELLED = strawberry.enum_value("CANCELLED", description="It is not wanted any more.")


@strawberry.enum(description="How far a file of addresses is.")
class MatchBatchStatus(Enum):
    QUEUED = strawberry.enum_value("QUEUED", description="Waits for a worker.")
    RUNNING = strawberry.enum_value("RUNNING", description="Its rows are being matched.")
    FINISHED = strawberry.enum_value("FINISHED", description="Every row has its result.")
    CANCELLED = strawberry.enum_value("CANCELLED", description="Stopped by somebody; it can be resumed.")
    FAILED = strawberry.enum_value("FAILED", description="Stopped by a failure; it can be resumed.")


@strawberry.enum(description="Where an import of addresses into the register stands.")
class AddressImportStatus(Enum):
    QUEUED = strawberry.enum_value("QUEUED", description="Accepted, and waiting for its turn.")
    RUNNING = strawberry.enum_value("RUNNING", description="Being written into the register.")
    FINISHED = strawberry.enum_value("FINISHED", description="Every accepted row is in the register.")
    FAILED = strawberry.enum_value("FAILED", description="It could not go on.")


@strawberry.enum(description="How far a claim is.")
class DiscountClaimStatus(Enum):
    QUEUED = strawberry.enum_value("QUEUED", description="Waits for a worker.")
    ISSUED = strawberry.enum_value("ISSUED", description="There is a voucher.")
    REFUSED = strawberry.enum_value("REFUSED", description="There is no discount; `refusal` says why.")


@strawberry.enum(description="What happened to the review queue.")
class ReviewQueueChange(Enum):
    ADDED = strawberry.enum_value("ADDED", description="This task now waits for a person.")
    RESOLVED = strawberry.enum_value("RESOLVED", description="A person has decided this task.")


@strawberry.enum(description="How the sending of a letter ended.")
class LetterOutcome(Enum):
    SENT = strawberry.enum_value("SENT", description="The mail server took it.")
    FAILED = strawberry.enum_value("FAILED", description="It could not be sent.")


@strawberry.federation.type(
    keys=[Key(fields="id", resolvable=False)],  # type: ignore[arg-type]
    description="The matching of one typed address.",
)
class MatchTask:
    id: strawberry.ID = described(description="Its id; it can be watched from the moment it is known.")


@strawberry.federation.type(
    keys=[Key(fields="id", resolvable=False)],  # type: ignore[arg-type]
    description="A file of addresses to match.",
)
class MatchBatch:
    id: strawberry.ID = described(description="Opaque and stable.")


@strawberry.federation.type(
    keys=[Key(fields="id", resolvable=False)],  # type: ignore[arg-type]
    description="A file on its way into the register.",
)
class AddressImport:
    id: strawberry.ID = described(description="The id of the import.")


@strawberry.federation.type(
    keys=[Key(fields="id", resolvable=False)],  # type: ignore[arg-type]
    description="What somebody asked for with a purchase, and what became of it.",
)
class DiscountClaim:
    id: strawberry.ID = described(description="Its id.")


@strawberry.federation.type(
    keys=[Key(fields="id", resolvable=False)],  # type: ignore[arg-type]
    description="A letter.",
)
class Notification:
    id: strawberry.ID = described(description="The id of the letter.")


@strawberry.type(description="A match task, at the moment it changed.")
class MatchTaskUpdate:
    update_id: str = described(description=UPDATE_ID)
    at: datetime = described(description=UPDATED_AT)
    status: MatchTaskStatus = described(description="Where the task stood then.")
    match_task: MatchTask = described(description="The task, as it is now.")

    @classmethod
    def from_update(cls, update: Update) -> Self:
        """What the stream keeps, as the client sees it."""
        return cls(
            update_id=update.id,
            at=update.at,
            status=MatchTaskStatus(update.data["status"]),
            match_task=MatchTask(id=strawberry.ID(update.data["matchTaskId"])),
        )


@strawberry.type(description="A batch, at the moment it got further.")
class MatchBatchUpdate:
    update_id: str = described(description=UPDATE_ID)
    at: datetime = described(description=UPDATED_AT)
    status: MatchBatchStatus = described(description="Where the batch stood then.")
    total: int = described(description="How many rows were accepted.")
    done: int = described(description="How many of them had a result.")
    matched: int = described(description="How many are a known address.")
    in_review: int = described(description="How many somebody should look at.")
    new: int = described(description="How many are near no known address.")
    failed: int = described(description="How many could not be matched.")
    rejected: int = described(description="How many rows of the file could not be read as an address.")
    match_batch: MatchBatch = described(description="The batch, as it is now.")

    @classmethod
    def from_update(cls, update: Update) -> Self:
        """What the stream keeps, as the client sees it."""
        data = update.data
        return cls(
            update_id=update.id,
            at=update.at,
            status=MatchBatchStatus(data["status"]),
            total=data["total"],
            done=data["done"],
            matched=data["matched"],
            in_review=data["inReview"],
            new=data["new"],
            failed=data["failed"],
            rejected=data["rejected"],
            match_batch=MatchBatch(id=strawberry.ID(data["batchId"])),
        )


@strawberry.type(description="An import, at the moment it got further.")
class AddressImportUpdate:
    update_id: str = described(description=UPDATE_ID)
    at: datetime = described(description=UPDATED_AT)
    status: AddressImportStatus = described(description="Where the import stood then.")
    total: int = described(description="How many rows were accepted.")
    done: int = described(description="How many of them had been written.")
    added: int = described(description="How many addresses the register did not know.")
    changed: int = described(description="How many known addresses got new contents.")
    unchanged: int = described(description="How many were known exactly like this.")
    rejected: int = described(description="How many rows of the file could not be read as an address.")
    address_import: AddressImport = described(description="The import, as it is now.")

    @classmethod
    def from_update(cls, update: Update) -> Self:
        """What the stream keeps, as the client sees it."""
        data = update.data
        return cls(
            update_id=update.id,
            at=update.at,
            status=AddressImportStatus(data["status"]),
            total=data["total"],
            done=data["done"],
            added=data["added"],
            changed=data["changed"],
            unchanged=data["unchanged"],
            rejected=data["rejected"],
            address_import=AddressImport(id=strawberry.ID(data["importId"])),
        )


@strawberry.type(description="A discount claim, at the moment it was decided.")
class DiscountClaimUpdate:
    update_id: str = described(description=UPDATE_ID)
    at: datetime = described(description=UPDATED_AT)
    status: DiscountClaimStatus = described(description="Where the claim stood then.")
    discount_claim: DiscountClaim = described(description="The claim, as it is now.")

    @classmethod
    def from_update(cls, update: Update) -> Self:
        """What the stream keeps, as the client sees it."""
        return cls(
            update_id=update.id,
            at=update.at,
            status=DiscountClaimStatus(update.data["status"]),
            discount_claim=DiscountClaim(id=strawberry.ID(update.data["claimId"])),
        )


@strawberry.type(description="A task that joined or left the review queue.")
class ReviewQueueUpdate:
    update_id: str = described(description=UPDATE_ID)
    at: datetime = described(description=UPDATED_AT)
    change: ReviewQueueChange = described(description="Whether it joined or left.")
    match_task: MatchTask = described(description="The task, as it is now.")

    @classmethod
    def from_update(cls, update: Update) -> Self:
        """What the stream keeps, as the client sees it."""
        waits = update.data["status"] == MatchTaskStatus.IN_REVIEW.value
        return cls(
            update_id=update.id,
            at=update.at,
            change=ReviewQueueChange.ADDED if waits else ReviewQueueChange.RESOLVED,
            match_task=MatchTask(id=strawberry.ID(update.data["matchTaskId"])),
        )


@strawberry.type(description="A letter, at the moment its sending ended.")
class LetterUpdate:
    update_id: str = described(description=UPDATE_ID)
    at: datetime = described(description=UPDATED_AT)
    outcome: LetterOutcome = described(description="How its sending ended.")
    notification: Notification = described(description="The letter, as it is now.")

    @classmethod
    def from_update(cls, update: Update) -> Self:
        """What the stream keeps, as the client sees it."""
        return cls(
            update_id=update.id,
            at=update.at,
            outcome=LetterOutcome.SENT if update.fact_type == "letter.sent.v1" else LetterOutcome.FAILED,
            notification=Notification(id=strawberry.ID(update.data["notificationId"])),
        )


@strawberry.enum(description="How much a log line matters.")
class LogLevel(Enum):
    DEBUG = strawberry.enum_value("DEBUG", description="Of use to developers alone.")
    INFO = strawberry.enum_value("INFO", description="As it should be.")
    WARNING = strawberry.enum_value("WARNING", description="It goes on, but somebody may want to know.")
    ERROR = strawberry.enum_value("ERROR", description="Something could not be done.")
    CRITICAL = strawberry.enum_value("CRITICAL", description="The process cannot go on.")


@strawberry.federation.type(
    keys=[Key(fields="id", resolvable=False)],  # type: ignore[arg-type]
    description="One log line of a service.",
)
class LogEntry:
    id: strawberry.ID = described(description="The id of the entry; ids sort by time.")


@strawberry.type(description="A log line as it comes.")
class LogTailLine:
    entry: LogEntry = described(description="Where it is kept.")
    time: datetime = described(description="When it was written.")
    level: LogLevel = described(description="How much it matters.")
    service: str = described(description="Which service wrote it.")
    process: str | None = described(description="Which of its processes.")
    event: str = described(description="What happened.")
    request_id: str | None = described(description="The request it belongs to, through all services.")
    line: str = described(description="The whole line as it was written, in JSON; secrets are hidden.")
    skipped: int = described(description="How many lines before it were lost, because they were not read in time.")

    @classmethod
    def from_line(cls, line: Line) -> Self:
        """A line, as the client sees it."""
        entry = line.entry
        return cls(
            entry=LogEntry(id=strawberry.ID(entry["_id"])),
            time=datetime.fromisoformat(entry["time"]),
            level=LogLevel(entry["level"].upper()),
            service=entry["service"],
            process=entry.get("process"),
            event=entry["event"],
            request_id=entry.get("requestId"),
            line=entry["line"],
            skipped=line.skipped,
        )
