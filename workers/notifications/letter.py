"""What a letter says."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import NAMESPACE_URL, uuid5


class Kind(StrEnum):
    """The letters there are."""

    CONFIRMED = "CONFIRMED"
    """the address is a known one"""
    CHECKING = "CHECKING"
    """somebody looks at it, and that takes a while"""
    CONFIRMED_AS_TYPED = "CONFIRMED_AS_TYPED"
    """the address is new, and accepted as it was typed"""


@dataclass(frozen=True)
class Recipient:
    """Who a letter is for."""

    subscriber_id: str
    name: str
    email: str


@dataclass(frozen=True)
class Letter:
    """One letter that is meant to be sent."""

    match_task_id: str
    kind: Kind
    recipient: Recipient
    address: Mapping[str, Any]
    """the known address where there is one, otherwise as it was typed"""

    @property
    def id(self) -> str:
        """One letter of a kind for a task, however often its reason is heard."""
        return str(uuid5(NAMESPACE_URL, f"doorstep:{self.match_task_id}:{self.kind.value}"))

    @property
    def subject(self) -> str:
        """The line above it."""
        return _SUBJECTS[self.kind]

    @property
    def body(self) -> str:
        """The text, in paragraphs."""
        paragraphs = _PARAGRAPHS[self.kind]
        address = "\n".join(f"    {line}" for line in address_lines(self.address))
        greeting = f"Dear {one_line(self.recipient.name)}," if one_line(self.recipient.name) else "Hello,"
        return "\n\n".join([greeting, paragraphs[0], address, *paragraphs[1:], "Kind regards,\nDoorstep"]) + "\n"


_SUBJECTS = {
    Kind.CONFIRMED: "Your address is confirmed",
    Kind.CHECKING: "We are checking your address",
    Kind.CONFIRMED_AS_TYPED: "Your address is noted as you wrote it",
}

_NOT_RIGHT = "Is something not right? Change your address where you subscribed, and we look again."

_PARAGRAPHS = {
    Kind.CONFIRMED: ("Thank you for subscribing. We found your address; this is where everything will go:", _NOT_RIGHT),
    Kind.CHECKING: (
        "Thank you for subscribing. We are not quite sure about the address you gave us, so one of us has a look at it:",
        "You need not do anything. We write again as soon as it is clear. If you see a slip yourself, change your "
        "address where you subscribed.",
    ),
    Kind.CONFIRMED_AS_TYPED: (
        "Thank you for subscribing. Your address is new to us; we use it just as you wrote it:",
        _NOT_RIGHT,
    ),
}


def address_lines(address: Mapping[str, Any]) -> list[str]:
    """The address as it stands on an envelope."""

    def part(name: str) -> str:
        return one_line(address.get(name) or "")

    lines = [
        part("name"),
        part("address"),
        f"{part('postalCode')} {part('city')}".strip(),
        part("region"),
        part("country"),
    ]
    return [line for line in lines if line]


def one_line(text: str) -> str:
    """The text without line breaks and without anything that does not print."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
