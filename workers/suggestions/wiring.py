"""What this worker is made of in production; everything connects when it is first used."""

from enum import Enum

from workers.chassis import mongo
from workers.chassis.env import Env, WrongSetting
from workers.suggestions.store import MongoSuggestions

SERVICE = "suggestions"


class LettersBy(Enum):
    """Through what a letter is offloaded."""

    RABBITMQ = "rabbitmq"
    CELERY = "celery"


def letters_by() -> LettersBy:
    """Through what letters are offloaded here (`SUGGESTIONS_LETTERS_BY`)."""
    text = Env(SERVICE).text("LETTERS_BY", LettersBy.RABBITMQ.value)
    try:
        return LettersBy(text)
    except ValueError:
        known = " or ".join(way.value for way in LettersBy)
        raise WrongSetting(f"SUGGESTIONS_LETTERS_BY is {text!r}; write {known}") from None


def suggestions() -> MongoSuggestions:
    """The suggestions of this installation."""
    return MongoSuggestions(mongo.database(SERVICE))
