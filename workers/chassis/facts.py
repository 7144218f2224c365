"""
How a fact is made, and how it is read: strict about what we use, indifferent to the rest.

A fact is a CloudEvents 1.0 envelope. It is saved in the ``unsent`` list of the document whose change it tells; the
relay publishes it and takes it out again.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import NAMESPACE_URL, uuid4, uuid5

from workers.chassis import tracing
from workers.chassis.logs import current_request_id

T = TypeVar("T")


class Refused(Exception):
    """A message that can never be handled; the text says why. It is set aside, not tried again."""


def fact(
    type: str,
    *,
    source: str,
    subject: str,
    audience: Sequence[str],
    data: Mapping[str, Any],
    id: str | None = None,
    request_id: str | None = None,
) -> dict[str, Any]:
    """
    One fact, ready for the outbox.

    :param source: the service that tells it, such as ``/matching``
    :param audience: the services it is meant for; nobody else may act on it
    :param id: given where the same fact could be told twice (:func:`repeatable_id`), otherwise random
    :param request_id: the request it belongs to; by default the one being worked for now
    """
    envelope = {
        "specversion": "1.0",
        "id": id or str(uuid4()),
        "type": type,
        "source": source,
        "subject": subject,
        "time": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "audience": list(audience),
        "data": dict(data),
    }
    if request_id := request_id or current_request_id():
        envelope["requestid"] = request_id
    if traceparent := tracing.traceparent():
        envelope[tracing.TRACEPARENT] = traceparent
    return envelope


def repeatable_id(type: str, subject: str, attempt: object = 1) -> str:
    """The same id for the same fact, however often it is told."""
    return str(uuid5(NAMESPACE_URL, f"doorstep:{type}:{subject}:{attempt}"))


def _kind(type: type) -> str:
    kinds = {"str": "a text", "int": "a number", "float": "a number", "dict": "an object", "list": "a list"}
    return kinds.get(type.__name__, "null" if type is None.__class__ else type.__name__)


@dataclass(frozen=True)
class Fields:
    """Named values of a message; asking for one that is missing or of another kind refuses the message."""

    values: Mapping[str, Any]
    where: str = "data"

    def text(self, name: str) -> str:
        """A text that is there and not empty."""
        value = self._of(name, str)
        if not value:
            raise Refused(f"{self.where}.{name} is empty")
        return value

    def optional_text(self, name: str) -> str | None:
        """A text, or ``None`` where it is absent, null or empty."""
        return (self._of(name, str) or None) if self.values.get(name) is not None else None

    def number(self, name: str) -> int:
        """A whole number."""
        value = self._of(name, int)
        if isinstance(value, bool):
            raise Refused(f"{self.where}.{name} is true or false, not a number")
        return value

    def optional_number(self, name: str) -> int | None:
        """A whole number, or ``None`` where it is absent or null."""
        return self.number(name) if self.values.get(name) is not None else None

    def fields(self, name: str) -> "Fields":
        """An object inside this one."""
        return Fields(self._of(name, dict), f"{self.where}.{name}")

    def texts(self, name: str) -> list[str]:
        """The texts of a list."""
        found = self._of(name, list)
        for index, item in enumerate(found):
            if not isinstance(item, str):
                raise Refused(f"{self.where}.{name}[{index}] is {_kind(type(item))}, not a text")
        return list(found)

    def each(self, name: str) -> "list[Fields]":
        """The objects of a list."""
        found = []
        for index, item in enumerate(self._of(name, list)):
            where = f"{self.where}.{name}[{index}]"
            if not isinstance(item, dict):
                raise Refused(f"{where} is {_kind(type(item))}, not an object")
            found.append(Fields(item, where))
        return found

    def _of(self, name: str, kind: type[T]) -> T:
        if name not in self.values:
            raise Refused(f"{self.where}.{name} is missing")
        value = self.values[name]
        if not isinstance(value, kind):
            raise Refused(f"{self.where}.{name} is {_kind(type(value))}, not {_kind(kind)}")
        return value


@dataclass(frozen=True)
class Heard(Fields):
    """A fact as a listener hears it: ``values`` is its data."""

    id: str = ""
    type: str = ""
    source: str = ""
    """the service that tells it, without the slash"""
    subject: str = ""
    time: str = ""
    audience: tuple[str, ...] = ()
    request_id: str | None = None
    envelope: Mapping[str, Any] = field(default_factory=dict)
    """the whole CloudEvent, for those who pass it on"""

    @property
    def data(self) -> Mapping[str, Any]:
        """What the fact tells."""
        return self.values

    @classmethod
    def from_bytes(cls, body: bytes) -> "Heard":
        """
        Read an envelope.

        :raises Refused: saying what is wrong with it.
        """
        try:
            envelope = json.loads(body)
        except ValueError as wrong:
            raise Refused(f"the message is not JSON: {wrong}") from wrong
        if not isinstance(envelope, dict):
            raise Refused("the message is no JSON object")
        read = Fields(envelope, "fact")
        return cls(
            values=read.fields("data").values,
            id=read.text("id"),
            type=read.text("type"),
            source=read.text("source").removeprefix("/"),
            subject=read.text("subject"),
            time=read.text("time"),
            audience=tuple(str(name) for name in envelope.get("audience") or ()),
            request_id=read.optional_text("requestid"),
            envelope=envelope,
        )
