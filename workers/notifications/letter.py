"""What a letter says."""

from collections.abc import Mapping, Sequence
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
    THANKS = "THANKS"
    """for a suggestion; the service that keeps it wrote the letter"""
    VOUCHER = "VOUCHER"
    """a discount is granted; the service that grants it wrote the letter"""
    ALERT = "ALERT"
    """something is wrong with a service, or well again"""


@dataclass(frozen=True)
class Recipient:
    """Who a letter is for."""

    subscriber_id: str | None
    """``None``: who is written to as somebody else"""
    name: str
    email: str


@dataclass(frozen=True)
class Attachment:
    """A file that comes with a letter."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Letter:
    """What a subscriber is told of their address."""

    match_task_id: str
    kind: Kind
    recipient: Recipient
    address: Mapping[str, Any]
    """the known address where there is one, otherwise as it was typed"""
    attachments: tuple[()] = ()

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
        return in_full(self.recipient, [paragraphs[0], address, *paragraphs[1:]])


@dataclass(frozen=True)
class HandedIn:
    """A letter that another service has written, and hands in to be sent."""

    id: str
    """chosen by whoever wrote it: handed in again, it is the same letter"""
    kind: Kind
    recipient: Recipient
    subject: str
    paragraphs: Sequence[str]
    attachments: Sequence[Attachment] = ()
    match_task_id: None = None
    """it is about no address"""

    @property
    def body(self) -> str:
        """The text, in paragraphs."""
        return in_full(self.recipient, self.paragraphs)


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


def in_full(recipient: Recipient, paragraphs: Sequence[str]) -> str:
    """The paragraphs with how a letter begins and ends."""
    name = one_line(recipient.name)
    return "\n\n".join([f"Dear {name}," if name else "Hello,", *paragraphs, "Kind regards,\nDoorstep"]) + "\n"


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
