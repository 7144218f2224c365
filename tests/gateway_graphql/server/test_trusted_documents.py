"""Documents that clients were built with: asked by id, and alone where only those are trusted."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from gateway_graphql.server import ServerSettings
from gateway_graphql.server.trusted_documents import TrustedDocuments, WrongManifest, read_manifest
from tests.gateway_graphql.server.hardened import codes, hardened

ME = "query Me { me { id } }"
NAME = "query Name { me { name } }"
HASH = hashlib.sha256(ME.encode()).hexdigest()
APOLLO = {
    "format": "apollo-persisted-query-manifest",
    "version": 1,
    "operations": [{"id": HASH, "body": ME, "name": "Me", "type": "query"}],
}
MD5 = hashlib.md5(ME.encode(), usedforsecurity=False).hexdigest()
RELAY = {MD5: ME}
ANSWER = {"data": {"me": {"id": "1"}}}


def settings(folder: Path, manifest: Any, **more: Any) -> ServerSettings:
    file = folder / "trusted.json"
    file.write_text(json.dumps(manifest))
    return ServerSettings(trusted_documents=file, **more)


def persisted(digest: str) -> dict[str, Any]:
    return {"persistedQuery": {"version": 1, "sha256Hash": digest}}


@pytest.mark.parametrize(
    ("manifest", "named"),
    [
        (APOLLO, {"extensions": persisted(HASH)}),
        (APOLLO, {"documentId": HASH}),
        (RELAY, {"documentId": MD5}),
        (RELAY, {"documentId": f"sha256:{HASH}"}),
        (RELAY, {"extensions": persisted(HASH)}),
    ],
)
async def test_a_document_is_asked_by_its_id(tmp_path: Path, manifest: Any, named: dict[str, Any]) -> None:
    for only_trusted in (False, True):
        async with hardened(settings(tmp_path, manifest, only_trusted=only_trusted)) as gateway:
            assert await gateway.post(None, **named) == ANSWER
            assert await gateway.live(None, **named) == ANSWER


async def test_no_other_document_is_answered(tmp_path: Path) -> None:
    async with hardened(settings(tmp_path, APOLLO, only_trusted=True)) as gateway:
        assert await gateway.post(ME) == ANSWER
        unknown = persisted(hashlib.sha256(NAME.encode()).hexdigest())
        for ask in (gateway.post, gateway.live):
            assert codes(await ask(NAME)) == ["QUERY_NOT_IN_SAFELIST"]
            assert codes(await ask(NAME, extensions=unknown)) == ["QUERY_NOT_IN_SAFELIST"]
            assert codes(await ask(NAME, extensions=persisted(HASH))) == ["QUERY_NOT_IN_SAFELIST"]
            assert codes(await ask(NAME, documentId=HASH)) == ["QUERY_NOT_IN_SAFELIST"]
            assert codes(await ask(None, extensions=unknown)) == ["PERSISTED_QUERY_NOT_FOUND"]
            assert codes(await ask(None, documentId="unheard-of")) == ["PERSISTED_QUERY_NOT_FOUND"]
        assert len(gateway.subgraphs.requests) == 1


async def test_automatic_persisted_queries_go_on_beside_them(tmp_path: Path) -> None:
    known = persisted(hashlib.sha256(NAME.encode()).hexdigest())
    async with hardened(settings(tmp_path, APOLLO)) as gateway:
        assert codes(await gateway.post(None, extensions=known)) == ["PERSISTED_QUERY_NOT_FOUND"]
        assert codes(await gateway.post(NAME, extensions=known)) == []
        assert codes(await gateway.post(None, extensions=known)) == []


def test_a_changed_file_is_read_again_and_a_broken_one_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("gateway_graphql.server.trusted_documents.time.monotonic", lambda: now)
    file = tmp_path / "trusted.json"
    file.write_text(json.dumps({"1": ME}))
    documents = TrustedDocuments(file, look_every=5)

    def write(text: str) -> None:
        file.write_text(text)
        os.utime(file, ns=(0, int(now)))

    write(json.dumps({"2": NAME}))
    assert documents.text("1") == ME  # it is not time yet
    now = 6.0
    assert (documents.text("1"), documents.text("2")) == (None, NAME)
    now = 12.0
    write("{")
    assert documents.text("2") == NAME
    now = 18.0
    file.unlink()
    assert documents.has(NAME)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[", "this is not JSON"),
        ("[]", "there are no documents in it"),
        ('{"a": 1}', "there are no documents in it"),
        ('{"operations": [{"id": "a"}]}', "an operation has no body"),
        ('{"operations": [3]}', "an operation has no id"),
    ],
)
def test_what_is_no_manifest_says_why(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "trusted.json"
    file.write_text(text)
    with pytest.raises(WrongManifest, match=says):
        read_manifest(file)
    with pytest.raises(WrongManifest, match="cannot be read"):
        read_manifest(tmp_path / "none.json")
