"""Files that travel in the variables of an operation, as the GraphQL multipart request spec has them."""

from __future__ import annotations

from typing import Any, Protocol

__all__ = ["ReadableByChunks", "Upload", "uploads_in"]


class ReadableByChunks(Protocol):
    """The content of a file: read a chunk at a time, and rewound when it has to be read again."""

    async def read(self, size: int = -1, /) -> bytes:
        """The next chunk of at most ``size`` bytes; empty at the end."""
        ...

    async def seek(self, offset: int, /) -> int:
        """Go to ``offset``; only ever called with 0."""
        ...


class Upload:
    """A file of a multipart request. Variables hold it where the client put it; planning never looks inside."""

    __slots__ = ("content", "content_type", "filename")

    def __init__(self, filename: str, content_type: str, content: ReadableByChunks) -> None:
        self.filename = filename
        self.content_type = content_type
        self.content = content

    def __repr__(self) -> str:
        return f"Upload({self.filename!r}, {self.content_type!r})"


def uploads_in(variables: Any, path: str = "variables") -> list[tuple[str, Upload]]:
    """Every file inside ``variables`` with its path as the multipart spec writes it: ``variables.files.0``."""
    if isinstance(variables, Upload):
        return [(path, variables)]
    if isinstance(variables, dict):
        return [found for name, value in variables.items() for found in uploads_in(value, f"{path}.{name}")]
    if isinstance(variables, (list, tuple)):
        return [found for index, value in enumerate(variables) for found in uploads_in(value, f"{path}.{index}")]
    return []
