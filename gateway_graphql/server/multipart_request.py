"""Reads a GraphQL multipart request: the files go to disk as they arrive, never into memory as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from gateway_graphql.execution.gateway import GraphQLRequest
from gateway_graphql.execution.uploads import Upload
from gateway_graphql.server.asgi import HttpRequest, Refused, too_large
from gateway_graphql.server.json_text import loads
from gateway_graphql.server.persisted_documents import PersistedDocuments
from gateway_graphql.server.request_body import from_parameters, malformed
from gateway_graphql.server.settings import Limits
from gateway_graphql.server.spooled_file import SpooledFile

__all__ = ["read_multipart"]


async def read_multipart(
    request: HttpRequest, limits: Limits, headers: Mapping[str, str], documents: PersistedDocuments
) -> GraphQLRequest:
    """The operation with its files in its variables; ``request.files`` holds what has to be closed afterwards."""
    _, options = parse_options_header(request.headers["content-type"])
    boundary = options.get(b"boundary")
    if not boundary:
        raise malformed("The Content-Type multipart/form-data names no boundary.")
    parts = _Parts(limits, request.files)
    try:
        parser = MultipartParser(boundary, parts.callbacks())  # type: ignore[arg-type]
        async for chunk in request.chunks():
            parser.write(chunk)
        parser.finalize()
    except FormParserError as problem:
        raise malformed(f"The body is not multipart/form-data: {problem}.") from None
    if not parts.ended:
        raise malformed("The multipart body ends in the middle.")
    return _with_files(parts.operation(headers, documents), parts.places(), parts.uploads)


class _Parts:
    """Takes what the parser finds: ``operations``, then ``map``, then the files it names."""

    def __init__(self, limits: Limits, files: list[SpooledFile]) -> None:
        self._limits = limits
        self._files = files
        self._fields: dict[str, bytearray] = {}
        self._places: dict[str, list[str]] | None = None
        self.uploads: dict[str, Upload] = {}
        self.ended = False
        self._headers: dict[str, bytearray] = {}
        self._header_name = bytearray()
        self._header_value = bytearray()
        self._name = ""
        self._file: SpooledFile | None = None

    def callbacks(self) -> dict[str, Any]:
        """For the parser."""
        return {
            "on_part_begin": self._part_begins,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value_comes,
            "on_header_end": self._header_ends,
            "on_headers_finished": self._headers_end,
            "on_part_data": self._data,
            "on_part_end": self._part_ends,
            "on_end": self._ends,
        }

    def operation(self, headers: Mapping[str, str], documents: PersistedDocuments) -> GraphQLRequest:
        """The operation, with null where the files belong."""
        return from_parameters(self._json("operations"), headers, documents, self._limits)

    def places(self) -> dict[str, list[str]]:
        """Field name of a file → the paths where it belongs."""
        if self._places is None:
            places = self._json("map")
            if not isinstance(places, dict) or not all(
                isinstance(paths, list) and all(isinstance(path, str) for path in paths) for paths in places.values()
            ):
                raise malformed('The field `map` must be an object such as {"0": ["variables.file"]}.')
            if len(places) > self._limits.upload_files:
                raise _too_many(self._limits.upload_files)
            self._places = places
        return self._places

    def _json(self, name: str) -> Any:
        if name not in self._fields:
            raise malformed(
                f"The multipart field `{name}` is missing (or comes too late): send `operations`, then `map`, then the files."
            )
        try:
            return loads(bytes(self._fields[name]))
        except orjson.JSONDecodeError as problem:
            raise malformed(f"The multipart field `{name}` is not JSON: {problem}.") from None

    def _part_begins(self) -> None:
        self._headers = {}
        self._file = None

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _header_value_comes(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _header_ends(self) -> None:
        self._headers[self._header_name.decode("latin-1").lower()] = self._header_value
        self._header_name, self._header_value = bytearray(), bytearray()

    def _headers_end(self) -> None:
        _, options = parse_options_header(bytes(self._headers.get("content-disposition", b"")))
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        if self._name in ("operations", "map") and b"filename" not in options:
            if self._name in self._fields:
                raise malformed(f"The multipart field `{self._name}` comes twice.")
            self._fields[self._name] = bytearray()
            return
        if self._name not in self.places():
            raise malformed(f"The file {self._name!r} is not in `map`; say there which variable it belongs to.")
        if self._name in self.uploads:
            raise malformed(f"The file {self._name!r} comes twice.")
        if len(self.uploads) >= self._limits.upload_files:
            raise _too_many(self._limits.upload_files)
        self._file = SpooledFile()
        self._files.append(self._file)
        filename = options.get(b"filename", b"").decode("utf-8", "replace")
        content_type = self._headers.get("content-type", bytearray(b"application/octet-stream")).decode("latin-1")
        self.uploads[self._name] = Upload(filename, content_type, self._file)

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._file is None:
            field = self._fields[self._name]
            if len(field) + end - start > self._limits.json_bytes:
                raise too_large(f"The multipart field `{self._name}`", self._limits.json_bytes, "limits.json_bytes")
            field += data[start:end]
            return
        if self._file.size + end - start > self._limits.upload_file_bytes:
            named = self.uploads[self._name].filename or self._name
            raise too_large(f"The file {named!r}", self._limits.upload_file_bytes, "limits.upload_file_bytes")
        self._file.write(data[start:end])

    def _part_ends(self) -> None:
        if self._file is not None:
            self._file.rewind()
        elif self._name == "map":
            self.places()

    def _ends(self) -> None:
        self.ended = True


def _with_files(
    request: GraphQLRequest, places: Mapping[str, list[str]], uploads: Mapping[str, Upload]
) -> GraphQLRequest:
    variables: dict[str, Any] = {"variables": dict(request.variables)}
    for name, paths in places.items():
        if name not in uploads:
            raise malformed(f"The file {name!r} is in `map`, but was not sent.")
        for path in paths:
            _put(variables, path, uploads[name])
    return replace(request, variables=variables["variables"])


def _put(variables: dict[str, Any], path: str, upload: Upload) -> None:
    """Replace the null at this path with the file."""
    steps = path.split(".")
    wrong = malformed(f"`map` names {path!r}, but there is no null at that place in `operations` to put a file.")
    if len(steps) < 2 or steps[0] != "variables":
        raise wrong
    holder: Any = variables
    for step in steps[:-1]:
        holder = _at(holder, step, wrong)
    last = steps[-1]
    if _at(holder, last, wrong) is not None:
        raise wrong
    if isinstance(holder, list):
        holder[int(last)] = upload
    else:
        holder[last] = upload


def _at(holder: Any, step: str, wrong: Refused) -> Any:
    if isinstance(holder, dict) and step in holder:
        return holder[step]
    if isinstance(holder, list) and step.isdigit() and int(step) < len(holder):
        return holder[int(step)]
    raise wrong


def _too_many(limit: int) -> Refused:
    return Refused(
        413,
        "PAYLOAD_TOO_LARGE",
        f"The request has more than {limit} files. The limit is the setting limits.upload_files of the gateway.",
        limit=limit,
        setting="limits.upload_files",
    )
