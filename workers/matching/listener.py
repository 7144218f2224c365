"""Facts to tasks, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from workers.chassis.facts import Fields, Heard, Refused
from workers.chassis.loop import Handler
from workers.matching.index.mongo import Change
from workers.matching.keep_index import KeptIndex, keep_index
from workers.matching.matcher import Address

TELLERS = {
    "address.submitted.v1": "subscribers",
    "address.changed.v1": "subscribers",
    "subscriber.unsubscribed.v1": "subscribers",
    "match.requested.v1": "matching",
    "batch.requested.v1": "matching",
    "duplicates.requested.v1": "matching",
    "register.changed.v1": "addresses",
}
"""what is heard here, and who alone may tell it"""

_KEPT_CHANGES = frozenset({"added", "changed"})
_GONE_CHANGES = frozenset({"merged", "removed"})


class Queue(Protocol):
    """What the listener needs of the store of tasks."""

    def queue(self, task_id: str, address: Mapping[str, Any], subscriber_id: str | None) -> bool: ...

    def cancel(self, task_id: str) -> bool: ...


class Enqueue(Protocol):
    """Where tasks go."""

    def match_submission(self, task_id: str) -> None: ...

    def begin_match_batch(self, batch_id: str, attempt: int) -> None: ...

    def find_duplicates(self, search_id: str) -> None: ...


class Pairs(Protocol):
    """What the listener needs of the store of duplicates."""

    def forget(self, address_ids: Sequence[str]) -> None: ...


@dataclass(frozen=True)
class Ears:
    """Hears facts for matching."""

    tasks: Queue
    index: KeptIndex
    enqueue: Enqueue
    pairs: Pairs

    def handlers(self) -> dict[str, Handler]:
        """Fact type → what to do."""
        return {
            "address.submitted.v1": self.on_address_submitted,
            "address.changed.v1": self.on_address_changed,
            "subscriber.unsubscribed.v1": self.on_subscriber_unsubscribed,
            "match.requested.v1": self.on_match_requested,
            "batch.requested.v1": self.on_batch_requested,
            "duplicates.requested.v1": self.on_duplicates_requested,
            "register.changed.v1": self.on_register_changed,
        }

    def on_address_submitted(self, heard: Heard) -> None:
        """Somebody subscribed: match what was typed."""
        self._match(heard.text("matchTaskId"), heard.fields("address"), heard.text("subscriberId"))

    def on_address_changed(self, heard: Heard) -> None:
        """A subscriber typed another address: the former one need not be matched any more."""
        if previous := heard.optional_text("previousMatchTaskId"):
            self.tasks.cancel(previous)
        self.on_address_submitted(heard)

    def on_subscriber_unsubscribed(self, heard: Heard) -> None:
        """Nobody waits for the answer any more."""
        if task_id := heard.optional_text("matchTaskId"):
            self.tasks.cancel(task_id)

    def on_match_requested(self, heard: Heard) -> None:
        """Somebody asked for one match."""
        self._match(heard.text("matchTaskId"), heard.fields("address"), None)

    def on_batch_requested(self, heard: Heard) -> None:
        """A file waits to be matched."""
        self.enqueue.begin_match_batch(heard.text("batchId"), heard.number("attempt"))

    def on_duplicates_requested(self, heard: Heard) -> None:
        """Somebody wants to know which addresses the register has twice."""
        self.enqueue.find_duplicates(heard.text("duplicateSearchId"))

    def on_register_changed(self, heard: Heard) -> None:
        """The register has changed."""
        changes = [_change(one) for one in heard.each("addresses")]
        keep_index(changes, heard.optional_text("importId"), heard.optional_number("chunk"), index=self.index)
        self.pairs.forget([change.id for change in changes if change.address is None])

    def _match(self, task_id: str, typed: Fields, subscriber_id: str | None) -> None:
        typed.text("address")
        if self.tasks.queue(task_id, address_from(typed).as_document(), subscriber_id):
            self.enqueue.match_submission(task_id)


def _change(one: Fields) -> Change:
    kind = one.text("change")
    if kind not in _KEPT_CHANGES | _GONE_CHANGES:
        raise Refused(f"{one.where}.change is {kind!r}, neither added, changed, merged nor removed")
    address = address_from(one) if kind in _KEPT_CHANGES else None
    return Change(one.text("id"), one.number("version"), address)


def address_from(fields: Fields) -> Address:
    """An address as facts carry it."""
    return Address(
        address=fields.optional_text("address") or "",
        name=fields.optional_text("name"),
        postal_code=fields.optional_text("postalCode"),
        city=fields.optional_text("city"),
        region=fields.optional_text("region"),
        country=fields.optional_text("country"),
    )
