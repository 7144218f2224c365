"""A request with files, as the GraphQL multipart request spec writes it; the files are streamed, never held."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import orjson

from gateway_graphql.execution.uploads import ReadableByChunks, Upload

__all__ = ["MultipartBody"]

CHUNK = 256 * 1024


@dataclass(frozen=True)
class MultipartBody:
    """What to send: its headers are known before the first chunk, because many servers need Content-Length."""

    headers: dict[str, str]
    _parts: tuple[tuple[bytes, ReadableByChunks | None], ...]
    """bytes, then the file that follows them"""

    @classmethod
    async def of(cls, operations: bytes, uploads: Sequence[tuple[str, Upload]]) -> MultipartBody:
        """The body for this operation and its files, each with the path of its variable."""
        boundary = f"doorstep-{secrets.token_hex(16)}"
        # The same file may be used at several places; it is sent once.
        places: dict[int, list[str]] = {}
        files: dict[int, Upload] = {}
        for path, upload in uploads:
            places.setdefault(id(upload), []).append(path)
            files[id(upload)] = upload
        numbers = {key: str(number) for number, key in enumerate(places)}
        where = orjson.dumps({numbers[key]: paths for key, paths in places.items()})
        head = _field(boundary, "operations", operations) + _field(boundary, "map", where)
        parts: list[tuple[bytes, ReadableByChunks | None]] = []
        length = 0
        for key, upload in files.items():
            head += _file_head(boundary, numbers[key], upload)
            parts.append((head, upload.content))
            length += len(head) + await _size_of(upload.content)
            head = b"\r\n"
        tail = head + f"--{boundary}--\r\n".encode()
        parts.append((tail, None))
        length += len(tail)
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Content-Length": str(length)}
        return cls(headers, tuple(parts))

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body, a chunk at a time."""
        for text, content in self._parts:
            yield text
            if content is None:
                continue
            await content.seek(0)
            while chunk := await content.read(CHUNK):
                yield chunk


def _field(boundary: str, name: str, value: bytes) -> bytes:
    return f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + value + b"\r\n"


def _file_head(boundary: str, name: str, upload: Upload) -> bytes:
    # Browsers escape these three the same way; a name must not end its header.
    filename = upload.filename.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    content_type = upload.content_type.replace("\r", "").replace("\n", "") or "application/octet-stream"
    return (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        f"Content-Type: {content_type}\r\n\r\n"
    ).encode()


async def _size_of(content: ReadableByChunks) -> int:
    size = getattr(content, "size", None)
    if isinstance(size, int):
        return size
    counted = 0
    await content.seek(0)
    while chunk := await content.read(CHUNK):
        counted += len(chunk)
    return counted
