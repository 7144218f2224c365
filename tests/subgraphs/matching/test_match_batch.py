"""Somebody sends a file: its good rows wait in chunks, its broken ones say why, and a bad file leaves nothing."""

import asyncio
import io
import json
import tracemalloc
from pathlib import Path

import jsonschema
import pytest
from django.core.asgi import get_asgi_application
from django.test import AsyncClient, override_settings

from subgraphs.chassis.csv_upload import CsvLimits
from subgraphs.chassis.identity import TOKEN_HEADER
from subgraphs.matching import batch_store
from subgraphs.matching.match_batch import match_batch
from tests.subgraphs.matching.questions import BATCH, MATCH_BATCH

CONTRACTS = Path(batch_store.__file__).parent / "contracts"
HEADER = b"id,name,address,postal_code,city,region,country\n"


def rows(count: int) -> bytes:
    return b"".join(b"q-%d,,%d High Street,,Leeds,,GB\n" % (number, number) for number in range(1, count + 1))


def left_over(db) -> int:
    return sum(db[name].count_documents({}) for name in ("match_batches", "batch_chunks", "rejected_rows"))


async def test_the_rows_of_a_file_wait_in_chunks_of_a_hundred(ask, db) -> None:
    said = (await ask.upload(MATCH_BATCH, HEADER + rows(250), file_name="customers.csv")).data["matchBatch"]

    (document,) = db["match_batches"].find()
    chunks = list(db["batch_chunks"].find().sort("chunk"))
    assert said["problems"] == []
    assert said["matchBatch"] == {
        "id": document["_id"],
        "status": "QUEUED",
        "fileName": "customers.csv",
        "total": 250,
        "done": 0,
        "rejected": 0,
        "progress": 0.0,
    }
    assert [(chunk["chunk"], len(chunk["rows"])) for chunk in chunks] == [(0, 100), (1, 100), (2, 50)]
    assert [row["row"] for chunk in chunks for row in chunk["rows"]] == list(range(1, 251))
    assert chunks[0]["rows"][0] == {
        "row": 1,
        "queryId": "q-1",
        "address": {
            "name": None,
            "address": "1 High Street",
            "postalCode": None,
            "city": "Leeds",
            "region": None,
            "country": "GB",
        },
    }
    assert document["chunks"] == 3
    jsonschema.validate(document["unsent"][0], json.loads((CONTRACTS / "batch_requested.v1.json").read_text()))
    jsonschema.validate(document, json.loads((CONTRACTS / "match_batch.document.json").read_text()))
    for chunk in chunks:
        jsonschema.validate(chunk, json.loads((CONTRACTS / "batch_chunk.document.json").read_text()))


async def test_a_file_of_twenty_thousand_rows_never_lies_in_memory_as_a_whole(db) -> None:
    file = HEADER + b"".join(
        b"q-%d,%s,%d High Street,,Leeds,,GB\n" % (number, b"x" * 400, number) for number in range(1, 20_001)
    )
    limits = CsvLimits(2**30, 100_000, 500)

    def peak(content: bytes) -> int:
        upload = io.BytesIO(content)
        tracemalloc.start()
        try:
            kept = match_batch(upload, "customers.csv", limits=limits, store=batch_store.batch_store())
            assert isinstance(kept, dict)
            assert kept["total"] == content.count(b"\n") - 1
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    few = file[: file.index(b"q-4001,")]
    peak(few)

    assert peak(file) < 1.5 * peak(few)
    # Chunks of a hundred at first, and five hundred beyond ten thousand rows.
    assert db["batch_chunks"].count_documents({}) == 2 * 40 + (100 + 20)


async def test_broken_rows_are_reported_by_row_and_the_rest_goes_on(ask) -> None:
    file = HEADER + (
        b"1,,1 High Street,,Leeds,,GB\n"
        b"2,,,,Leeds,,GB\n"
        b"3,too,few\n"
        b'4,,"never closed,,Leeds,,GB\n'
        b"5,,caf\xe9,,Leeds,,GB\n"
        b"6,,6 High Street,,Leeds,,Atlantis\n"
        b"7,," + b"x" * 501 + b",,Leeds,,GB\n"
        b"8,,8 High Street,,Leeds,,Germany\n"
    )

    said = (await ask.upload(MATCH_BATCH, file)).data["matchBatch"]["matchBatch"]
    rejected = (await ask(BATCH, id=said["id"])).data["matchBatch"]["rejectedRows"]

    assert (said["total"], said["rejected"]) == (2, 6)
    assert rejected["totalCount"] == 6
    assert [(row["row"], row["line"], row["reason"]) for row in rejected["nodes"]] == [
        (2, 3, "address is empty"),
        (3, 4, "has 3 fields where the header has 7"),
        (4, 5, "opens a quote that is never closed"),
        (5, 6, "address is not UTF-8"),
        (6, 7, "country 'Atlantis' is no country or ISO 3166 code"),
        (7, 8, "address has 501 characters; 500 are allowed"),
    ]


async def test_rejected_rows_come_in_pages(ask) -> None:
    said = (await ask.upload(MATCH_BATCH, HEADER + rows(1) + b"broken\n" * 5)).data["matchBatch"]["matchBatch"]
    seen, after = [], None
    for _ in range(3):
        page = (await ask(BATCH, id=said["id"], first=2, after=after)).data["matchBatch"]["rejectedRows"]
        seen += [row["row"] for row in page["nodes"]]
        after = page["pageInfo"]["endCursor"]

    assert seen == [2, 3, 4, 5, 6]
    assert page["pageInfo"]["hasNextPage"] is False


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (b"", "FILE_EMPTY"),
        (b"\n\n", "FILE_EMPTY"),
        (HEADER, "NO_USABLE_ROW"),
        (HEADER + b"1,,,,,,\n", "NO_USABLE_ROW"),
        (b"id,street\n1,x\n", "COLUMN_MISSING"),
        (b"address,city,city\nx,y,z\n", "COLUMN_TWICE"),
        ((HEADER + rows(1)).decode().encode("utf-16"), "NOT_UTF8"),
        (b'"id,address\n1,x\n', "BROKEN_HEADER"),
    ],
)
async def test_a_file_that_cannot_be_used_is_a_problem_and_leaves_nothing(ask, db, file: bytes, code: str) -> None:
    said = (await ask.upload(MATCH_BATCH, file)).data["matchBatch"]

    assert said["matchBatch"] is None
    assert [(problem["field"], problem["code"]) for problem in said["problems"]] == [("file", code)]
    assert left_over(db) == 0


@pytest.mark.parametrize(("more", "code"), [(0, None), (1, "TOO_MANY_ROWS")])
@override_settings(BATCH_ROWS=230)
async def test_a_file_may_have_so_many_rows_and_no_more(ask, db, more: int, code: str | None) -> None:
    said = (await ask.upload(MATCH_BATCH, HEADER + rows(230 + more))).data["matchBatch"]

    assert [problem["code"] for problem in said["problems"]] == ([code] if code else [])
    assert (left_over(db) == 0) is bool(code)


@pytest.mark.parametrize(("more", "code"), [(0, None), (1, "FILE_TOO_LARGE")])
@override_settings(BATCH_FILE_BYTES=len(HEADER + rows(5)))
async def test_a_file_may_have_so_many_bytes_and_no_more(ask, db, more: int, code: str | None) -> None:
    said = (await ask.upload(MATCH_BATCH, HEADER + rows(5) + b"\n" * more)).data["matchBatch"]

    assert [problem["code"] for problem in said["problems"]] == ([code] if code else [])
    assert (left_over(db) == 0) is bool(code)


@pytest.mark.parametrize(("length", "rejected"), [(500, 0), (501, 1)])
async def test_a_field_may_be_so_long_and_no_longer(ask, length: int, rejected: int) -> None:
    file = HEADER + rows(1) + b"2,,%s,,Leeds,,GB\n" % (b"x" * length)

    said = (await ask.upload(MATCH_BATCH, file)).data["matchBatch"]["matchBatch"]

    assert (said["total"], said["rejected"]) == (2 - rejected, rejected)


async def test_a_store_that_breaks_half_way_leaves_nothing(ask, db, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("subgraphs.matching.match_batch.batch_requested", broken)

    answer = await ask.upload(MATCH_BATCH, HEADER + rows(3000))

    assert answer.body["errors"][0]["extensions"] == {"code": "INTERNAL_SERVER_ERROR"}
    assert left_over(db) == 0


async def test_a_file_that_is_none_is_an_error(ask) -> None:
    answer = await ask('mutation { matchBatch(file: "text") { problems { code } } }')

    assert answer.messages == ["file must be an uploaded file (GraphQL multipart request)."]


@pytest.mark.parametrize(
    "form",
    [
        b"",
        b"nonsense",
        b'--b\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{\r\n--b--\r\n',
        b'--b\r\nContent-Disposition: form-data; name="operations"\r\n\r\n[1]\r\n--b--\r\n',
        b'--b\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{"query":"{__typename}"}\r\n'
        b'--b\r\nContent-Disposition: form-data; name="map"\r\n\r\n{"0":["variables.file"]}\r\n--b--\r\n',
    ],
)
async def test_a_broken_form_is_a_bad_request(ask, form: bytes) -> None:
    response = await AsyncClient().post(
        "/graphql", data=form, content_type="multipart/form-data; boundary=b", headers={TOKEN_HEADER: ask.token()}
    )

    assert response.status_code == 400
    assert response.json()["errors"][0]["message"]


async def test_a_file_sent_in_chunks_without_a_length_is_read_too(ask) -> None:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="operations"\r\n\r\n'
        + json.dumps({"query": MATCH_BATCH, "variables": {"file": None}}).encode()
        + b'\r\n--b\r\nContent-Disposition: form-data; name="map"\r\n\r\n{"0":["variables.file"]}'
        + b'\r\n--b\r\nContent-Disposition: form-data; name="0"; filename="a.csv"\r\n\r\n'
        + HEADER
        + rows(3)
        + b"\r\n--b--\r\n"
    )
    headers = [
        (b"content-type", b"multipart/form-data; boundary=b"),
        (b"host", b"testserver"),
        (TOKEN_HEADER.lower().encode(), ask.token().encode()),
    ]
    parts = [
        {"type": "http.request", "body": body[at : at + 100], "more_body": True} for at in range(0, len(body), 100)
    ]
    waiting = [*parts, {"type": "http.request", "body": b"", "more_body": False}]
    sent: list[dict] = []

    async def receive() -> dict:
        return waiting.pop(0) if waiting else await asyncio.Event().wait()

    async def send(message: dict) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/graphql", "headers": headers, "query_string": b""}
    await get_asgi_application()(scope, receive, send)

    assert json.loads(sent[1]["body"])["data"]["matchBatch"]["matchBatch"]["total"] == 3
