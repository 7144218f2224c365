"""A batch of lines as it is heard: who says it, and what the lines are."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from workers.chassis.facts import Heard, Refused
from workers.chassis.identity import UnknownService, verify

FACT = "log.written.v1"
AUDIENCE = "log_lines"
"""what a token of lines is meant for"""
LEVELS = ("debug", "info", "warning", "error", "critical")
_OTHER_NAMES = {"warn": "warning", "exception": "error", "fatal": "critical"}
_MOST_TOKENS = 1_000
_CLOCKS_DIFFER = timedelta(minutes=1)
_LONGEST = 32 * 1024


@dataclass(frozen=True)
class Batch:
    """Lines of one process."""

    id: str
    service: str
    process: str
    instance: str
    leaves: bool
    lines: tuple[str, ...]

    @classmethod
    def from_fact(cls, body: bytes) -> "Batch":
        """
        Read it.

        :raises Refused: saying what is wrong with it.
        """
        heard = Heard.from_bytes(body)
        if heard.type != FACT:
            raise Refused(f"fact.type is {heard.type[:80]!r}, not {FACT}")
        return cls(
            id=heard.id,
            service=heard.source,
            process=heard.text("process")[:200],
            instance=heard.text("instance")[:200],
            leaves=heard.data.get("leaves") is True,
            lines=tuple(heard.texts("lines")),
        )

    def entries(self, now: datetime, *, kept: timedelta) -> "Iterator[Entry]":
        """Its lines as they are kept; what says nothing of when it was written was written now."""
        for number, line in enumerate(self.lines):
            yield Entry.from_line(line, self, number, now, kept)


@dataclass(frozen=True)
class Entry:
    """One line, and what of it can be asked for."""

    document: Mapping[str, Any]

    @classmethod
    def from_line(cls, line: str, batch: Batch, number: int, now: datetime, kept: timedelta) -> "Entry":
        """Read it; whatever it is, it is kept."""
        said = _read(line)
        time = _time(said.get("time"))
        if time is None or not now - kept < time < now + _CLOCKS_DIFFER:
            time = now
        document: dict[str, Any] = {
            "_id": entry_id(time, f"{batch.id}:{number}"),
            "time": time,
            "level": _level(said.get("level")),
            # Whose it is says the token, not the line.
            "service": batch.service,
            "process": _text(batch.process, 200),
            "event": _text(said.get("event"), 500) or "",
            "requestId": _text(said.get("request_id"), 200),
            "traceId": _text(said.get("trace_id"), 200),
            "line": _text(line, _LONGEST) or "",
        }
        for name, key in (("ms", "ms"), ("waitedMs", "waited_ms"), ("status", "status")):
            value = said.get(key)
            if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 2**53:
                document[name] = float(value)
        return cls(document)


def entry_id(time: datetime, rest: str = "") -> str:
    """An id that sorts by time."""
    return f"{int(time.timestamp() * 1000):012x}:{rest}"


class Tellers:
    """Who says a batch: the token is theirs, and good."""

    def __init__(self, public_keys: Mapping[str, str | Sequence[str]]) -> None:
        self._public_keys = public_keys
        self._known: dict[tuple[str, str], float] = {}

    def check(self, token: object, service: str, now: datetime) -> None:
        """:raises Refused: when the batch is not theirs."""
        until = self._known.get((service, str(token)), 0.0)
        if now.timestamp() < until:
            return
        try:
            claims = verify(token, audience=AUDIENCE, issuer=service, public_keys=self._public_keys)
        except UnknownService as unknown:
            raise Refused(str(unknown)) from unknown
        if len(self._known) >= _MOST_TOKENS:
            self._known.clear()
        # Looked at again now and then: a key may have been changed.
        self._known[service, str(token)] = min(float(claims["exp"]), now.timestamp() + 300)


def _read(line: str) -> Mapping[str, Any]:
    try:
        said = json.loads(line)
    except ValueError:
        said = None
    return said if isinstance(said, dict) else {"event": line}


def _time(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        return None
    time = time if time.tzinfo else time.replace(tzinfo=UTC)
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def _level(value: object) -> str:
    name = str(value or "info").lower()
    name = _OTHER_NAMES.get(name, name)
    return name if name in LEVELS else "info"


def _text(value: object, longest: int) -> str | None:
    if value is None or value == "":
        return None
    # Half a character is no text for a database.
    return str(value)[:longest].encode("utf-8", "replace").decode()
