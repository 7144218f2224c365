"""The content of an uploaded file: in memory while it is small, on disk beyond that."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterable

__all__ = ["SpooledFile", "close_all"]

IN_MEMORY = 1024 * 1024


class SpooledFile:
    """Written once as the request arrives, then read by chunks, as often as it must be sent."""

    def __init__(self, in_memory: int = IN_MEMORY) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=in_memory)  # noqa: SIM115 (closed with the request)
        self._in_memory = in_memory
        self.size = 0

    def write(self, data: bytes) -> None:
        """Append; to the page cache at worst, so not worth a thread."""
        self._file.write(data)
        self.size += len(data)

    def rewind(self) -> None:
        """All is written; the next one reads from the beginning."""
        self._file.seek(0)

    async def read(self, size: int = -1, /) -> bytes:
        """The next chunk. A large file may have to come from the disk, so it is read in a thread."""
        if self.size <= self._in_memory:
            return self._file.read(size)
        return await asyncio.to_thread(self._file.read, size)

    async def seek(self, offset: int, /) -> int:
        """Go to ``offset``."""
        return self._file.seek(offset)

    def close(self) -> None:
        """Give the memory, or the disk space, back."""
        self._file.close()


def close_all(files: Iterable[SpooledFile]) -> None:
    """Close them."""
    for file in files:
        file.close()
