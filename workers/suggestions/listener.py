"""The entrance through plain RabbitMQ; where Celery is to do it, it hands over and does no more."""

from collections.abc import Callable
from dataclasses import dataclass

from workers.chassis.facts import Heard, Refused
from workers.chassis.loop import Handler
from workers.suggestions.thank_reader import NoSuchSuggestion, Suggestions, thank_reader

TELLERS = {"suggestion.received.v1": "suggestions"}
"""every fact that is heard here, and the service that may tell it"""


@dataclass(frozen=True)
class Ears:
    """One method per fact."""

    suggestions: Suggestions
    hand_to_celery: Callable[[str], object] | None = None
    """enqueues the task that thanks; ``None``: it is done here"""

    def handlers(self) -> dict[str, Handler]:
        """Fact type → what to do."""
        return {"suggestion.received.v1": self.on_received}

    def on_received(self, heard: Heard) -> None:
        """A reader is to be thanked."""
        suggestion_id = heard.text("suggestionId")
        if self.hand_to_celery:
            self.hand_to_celery(suggestion_id)
            return
        try:
            thank_reader(suggestion_id, suggestions=self.suggestions)
        except NoSuchSuggestion as nobody:
            raise Refused(str(nobody)) from nobody
