"""What this worker hears: facts in, tasks and use cases out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from workers.addresses.learn_address import NewAddress, Policy
from workers.addresses.model import CONTENT
from workers.chassis.facts import Heard
from workers.chassis.loop import Handler

TELLERS = {
    "import.requested.v1": "addresses",
    "address.matched.v1": "matching",
    "address.review_requested.v1": "matching",
    "address.review_resolved.v1": "matching",
}
"""every fact that is heard here, and the service that may tell it"""

log = structlog.get_logger("register")


class Learning(Protocol):
    """The part of the register that is learnt."""

    def learn(self, new: NewAddress) -> bool:
        """Add the address; say whether the register changed."""
        ...

    def forget(self, match_task_id: str) -> bool:
        """Take it out again; say whether the register changed."""
        ...


@dataclass(frozen=True)
class Ears:
    """One method per fact."""

    begin_import: Callable[[str], object]
    learning: Learning
    policy: Policy
    register_has_changed: Callable[[], None]

    def handlers(self) -> dict[str, Handler]:
        """Fact type → what to do."""
        return {
            "import.requested.v1": self.on_import_requested,
            "address.matched.v1": self.on_matched,
            "address.review_requested.v1": self.on_review_requested,
            "address.review_resolved.v1": self.on_review_resolved,
        }

    def on_import_requested(self, heard: Heard) -> None:
        """A file waits to be brought in."""
        self.begin_import(heard.text("importId"))

    def on_matched(self, heard: Heard) -> None:
        """Matching calls an address new; the policy may be content with that, for the address of a subscriber."""
        is_subscribers = heard.optional_text("subscriberId") is not None
        if heard.text("status") == "NEW" and is_subscribers and self.policy is Policy.ACCEPT:
            self._learn(heard)

    def on_review_requested(self, _heard: Heard) -> None:
        """Nothing to learn as long as nobody has decided."""

    def on_review_resolved(self, heard: Heard) -> None:
        """A person calls an address new, or takes back what was decided."""
        match heard.text("status"):
            case "NEW":
                self._learn(heard)
            case _:
                self._forget(heard)

    def _learn(self, heard: Heard) -> None:
        typed = heard.fields("address")
        typed.text("address")
        address = {name: typed.optional_text(name) for name in CONTENT}
        if self.learning.learn(NewAddress(heard.text("matchTaskId"), address)):
            log.info("address learnt", match_task_id=heard.text("matchTaskId"))
            self.register_has_changed()

    def _forget(self, heard: Heard) -> None:
        if self.learning.forget(heard.text("matchTaskId")):
            log.info("address forgotten", match_task_id=heard.text("matchTaskId"))
            self.register_has_changed()
