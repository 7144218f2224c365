"""The letters, each a file in one folder, so that a restart keeps them."""

import asyncio
import os
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

_ID = re.compile(r"[0-9]{20}", re.ASCII)


@dataclass(frozen=True)
class Letter:
    """One letter, as far as a reader wants to know."""

    id: str
    received_at: str
    sender: str
    recipient: str
    subject: str
    message_id: str
    text: str
    html: str | None

    @classmethod
    def from_bytes(cls, letter_id: str, content: bytes) -> "Letter":
        """Read a letter as it came over the wire; one that is broken is shown as far as it can be read."""
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        return cls(
            id=letter_id,
            received_at=datetime.fromtimestamp(int(letter_id) / 1e9, UTC).isoformat(timespec="milliseconds"),
            sender=_header(message, "From"),
            recipient=_header(message, "To"),
            subject=_header(message, "Subject"),
            message_id=_header(message, "Message-ID"),
            text=_part(message, "plain") or "",
            html=_part(message, "html"),
        )


class Letters:
    """Every letter that came, newest first; the oldest make room."""

    def __init__(self, folder: Path, keep: int) -> None:
        self._folder = folder
        self._keep = keep
        folder.mkdir(parents=True, exist_ok=True)
        self._ids = sorted(file.stem for file in folder.glob("*.eml") if _ID.fullmatch(file.stem))
        self._cache: dict[str, Letter] = {}
        self._changed = asyncio.Condition()

    async def add(self, content: bytes) -> str:
        """Keep a letter: it is on the disk when this returns."""
        last = int(self._ids[-1]) if self._ids else 0
        letter_id = f"{max(time.time_ns(), last + 1):020d}"
        unfinished = self._folder / f"{letter_id}.part"
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(self._file(letter_id))
        self._ids.append(letter_id)
        while len(self._ids) > self._keep:
            oldest = self._ids.pop(0)
            self._cache.pop(oldest, None)
            self._file(oldest).unlink(missing_ok=True)
        async with self._changed:
            self._changed.notify_all()
        return letter_id

    def all(self) -> list[Letter]:
        """Every letter, newest first."""
        return [letter for letter_id in reversed(self._ids) if (letter := self.get(letter_id))]

    def get(self, letter_id: str) -> Letter | None:
        """One letter, if it is kept."""
        if letter_id not in self._cache:
            if not _ID.fullmatch(letter_id) or not self._file(letter_id).exists():
                return None
            self._cache[letter_id] = Letter.from_bytes(letter_id, self._file(letter_id).read_bytes())
        return self._cache[letter_id]

    def source(self, letter_id: str) -> bytes | None:
        """One letter as it came over the wire."""
        return self._file(letter_id).read_bytes() if self.get(letter_id) else None

    @property
    def newest(self) -> str:
        """The id of the newest letter, empty when there is none."""
        return self._ids[-1] if self._ids else ""

    async def wait_for_newer(self, known: str, timeout: float) -> str:
        """The newest id, as soon as it is not the known one or the time is up."""
        try:
            async with asyncio.timeout(timeout), self._changed:
                await self._changed.wait_for(lambda: self.newest != known)
        except TimeoutError:
            pass
        return self.newest

    def _file(self, letter_id: str) -> Path:
        return self._folder / f"{letter_id}.eml"


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name, ""))
    except (ValueError, IndexError, AttributeError):  # the standard library trips over some broken headers
        return ""


def _part(message: EmailMessage, kind: str) -> str | None:
    try:
        part = message.get_body((kind,))
        return str(part.get_content()) if part else None
    except (LookupError, ValueError, AttributeError):
        return None
