"""What this worker hears: who waits, what was decided, and which letters that makes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from workers.chassis.facts import Heard, Refused
from workers.chassis.loop import Handler
from workers.notifications.facts import handed_in, moment
from workers.notifications.letter import Kind, Recipient
from workers.notifications.recipients import Concern, Decision, Recipients
from workers.notifications.store import Notifications

ADDRESS = ("name", "address", "postalCode", "city", "region", "country")
FINAL = (Kind.CONFIRMED, Kind.CONFIRMED_AS_TYPED)
"""letters that say what was decided; the other one says that it takes a while"""

HANDED_IN = {
    "suggestion.thanked.v1": Kind.THANKS,
    "voucher.issued.v1": Kind.VOUCHER,
    "alert.opened.v1": Kind.ALERT,
    "alert.cleared.v1": Kind.ALERT,
}
"""facts that are letters other services wrote, and what they say"""

log = structlog.get_logger("letters")


@dataclass(frozen=True)
class Ears:
    """One method per fact."""

    recipients: Recipients
    notifications: Notifications
    send_letter: Callable[[str], object]
    """enqueues the task that sends"""
    look_again_later: Callable[[str], object]
    """enqueues the task that writes when a review takes long"""

    def handlers(self) -> dict[str, Handler]:
        """Fact type → what to do."""
        return {
            "address.submitted.v1": self.on_submitted,
            "address.changed.v1": self.on_changed,
            "subscriber.unsubscribed.v1": self.on_unsubscribed,
            "address.matched.v1": self.on_decided,
            "address.review_requested.v1": self.on_decided,
            "address.review_resolved.v1": self.on_decided,
            "address.match_failed.v1": self.on_failed,
            "letter.requested.v1": self.on_letter_requested,
            **dict.fromkeys(HANDED_IN, self.on_handed_in),
        }

    def on_submitted(self, heard: Heard) -> None:
        """Somebody waits for this task."""
        person = heard.fields("recipient")
        recipient = Recipient(heard.text("subscriberId"), person.text("name"), person.text("email"))
        typed = _address(heard, "address")
        self._see_to(self.recipients.remember(heard.text("matchTaskId"), recipient, typed))

    def on_changed(self, heard: Heard) -> None:
        """Somebody waits for this task, and no longer for the previous one."""
        self.recipients.drop(heard.text("previousMatchTaskId"))
        self.on_submitted(heard)

    def on_unsubscribed(self, heard: Heard) -> None:
        """Whoever has left gets no letters about the address."""
        self.recipients.drop(heard.text("matchTaskId"))

    def on_decided(self, heard: Heard) -> None:
        """The task has its verdict, or somebody is to look at it."""
        if heard.optional_text("subscriberId") is None:
            return
        known = _address(heard, "knownAddress") if isinstance(heard.data.get("knownAddress"), dict) else None
        status = heard.text("status")
        if status not in ("MATCHED", "IN_REVIEW", "NEW"):
            raise Refused(f"data.status is {status!r}, not one of MATCHED, IN_REVIEW, NEW")
        self._see_to(self.recipients.decide(heard.text("matchTaskId"), Decision(status, moment(heard), known)))

    def on_failed(self, heard: Heard) -> None:
        """Nothing to write about; somebody should hear of it all the same."""
        log.error("match failed", match_task_id=heard.text("matchTaskId"), problem=heard.optional_text("problem"))
        if heard.optional_text("subscriberId") is not None:
            self.recipients.decide(heard.text("matchTaskId"), Decision("FAILED", moment(heard)))

    def on_letter_requested(self, heard: Heard) -> None:
        """A person asked for a letter again."""
        self.send_letter(heard.text("notificationId"))

    def on_handed_in(self, heard: Heard) -> None:
        """Another service has written a letter."""
        for letter in handed_in(heard, HANDED_IN[heard.type]):
            if self.notifications.intend(letter, datetime.now(UTC)):
                self.send_letter(letter.id)

    def _see_to(self, concern: Concern) -> None:
        if letter := concern.letter(*FINAL):
            if self.notifications.intend(letter, datetime.now(UTC)):
                self.send_letter(letter.id)
        elif concern.letter(Kind.CHECKING):
            self.look_again_later(concern.match_task_id)


def write_when_still_in_review(
    match_task_id: str, *, recipients: Recipients, notifications: Notifications, send_letter: Callable[[str], object]
) -> None:
    """Use case: a while has passed; whoever still waits for a person to decide is told so."""
    concern = recipients.find(match_task_id)
    letter = concern.letter(Kind.CHECKING) if concern else None
    if letter and notifications.intend(letter, datetime.now(UTC)):
        send_letter(letter.id)


def _address(heard: Heard, name: str) -> dict[str, str | None]:
    typed = heard.fields(name)
    typed.text("address")
    return {part: typed.optional_text(part) for part in ADDRESS}
