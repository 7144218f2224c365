"""A file is accepted at once, in chunks for the worker; what is wrong with it is said by row, and the rest goes on."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.conf import settings

from subgraphs.addresses import import_addresses as use_case
from subgraphs.addresses.model import AddressImport
from subgraphs.chassis.csv_upload import CsvLimits

REPOSITORY = Path(__file__).parents[3]
IMPORT = """
mutation ($file: Upload!, $source: String = "test") {
  done: importAddresses(file: $file, source: $source) {
    addressImport {
      id status fileName source total done rejected createdAt finishedAt
      rejectedRows(first: 100) { totalCount nodes { row line reason } pageInfo { hasNextPage endCursor } }
    }
    problems { field code message }
  }
}
"""
HEADER = "id,name,address,postal_code,city,region,country\n"


def _schema(path: str) -> dict[str, Any]:
    return json.loads((REPOSITORY / path).read_text())


def _valid(document: dict[str, Any], contract: str) -> None:
    plain = json.loads(json.dumps(document, default=lambda at: at.isoformat()))
    jsonschema.validate(plain, _schema(f"subgraphs/addresses/contracts/{contract}.document.json"))


def _file(*rows: str) -> bytes:
    return (HEADER + "".join(f"{row}\n" for row in rows)).encode()


async def test_the_rows_wait_in_chunks_and_the_import_comes_last(ask, db, commands) -> None:
    content = _file(*(f"r-{number},,{number} Main St,1000,Springfield,,us" for number in range(1, 502)))

    done = (await ask.upload(IMPORT, content, file_name="../../register.csv")).data["done"]

    asked = [name for name in commands.names if name != "aggregate"]
    assert asked == ["insert"] * 4, "three chunks and the import; nothing row by row"
    imported = done["addressImport"]
    assert (imported["status"], imported["total"], imported["done"], imported["rejected"]) == ("QUEUED", 501, 0, 0)
    assert imported["fileName"] == "register.csv"
    chunks = list(db["import_chunks"].find().sort("chunk"))
    assert [len(chunk["rows"]) for chunk in chunks] == [250, 250, 1]
    assert [chunk["_id"] for chunk in chunks] == [f"{imported['id']}:{number}" for number in range(3)]
    assert chunks[0]["rows"][0] == {
        "row": 1,
        "reference": "r-1",
        "name": None,
        "address": "1 Main St",
        "postalCode": "1000",
        "city": "Springfield",
        "region": None,
        "country": "US",
    }
    for chunk in chunks:
        _valid(chunk, "import_chunk")
    stored = db["address_imports"].find_one()
    _valid(stored, "address_import")
    progressed, requested = stored["unsent"]
    jsonschema.validate(progressed, _schema("workers/addresses/contracts/import_progressed.v1.json"))
    jsonschema.validate(requested, _schema("subgraphs/addresses/contracts/import_requested.v1.json"))
    assert (requested["subject"], requested["data"]) == (imported["id"], {"importId": imported["id"], "attempt": 1})
    assert progressed["data"]["total"] == 501


async def test_broken_rows_are_reported_and_the_rest_goes_on(ask, db) -> None:
    content = _file(
        "1,,1 Main St,,,,",
        "2,,,,,,",
        ",,2 Main St,,,,",
        "4,,too,few",
        '5,,"never closed,,,,',
        "6,,6 Main St,,,,",
        "1,,again,,,,",
        f"8,,{'x' * 501},,,,",
        f"{'9' * 201},,9 Main St,,,,",
        f"{'9' * 200},,{'x' * 500},,,,",
    )

    imported = (await ask.upload(IMPORT, content)).data["done"]["addressImport"]

    assert (imported["total"], imported["rejected"]) == (3, 7)
    assert [(row["row"], row["line"], row["reason"]) for row in imported["rejectedRows"]["nodes"]] == [
        (2, 3, "address is empty"),
        (3, 4, "id is empty"),
        (4, 5, "has 4 fields where the header has 7"),
        (5, 6, "opens a quote that is never closed"),
        (7, 8, "id '1' is that of row 1 already"),
        (8, 9, "address has 501 characters; 500 are allowed"),
        (9, 10, "id has 201 characters; 200 are allowed"),
    ]
    assert [row["row"] for row in db["import_chunks"].find_one()["rows"]] == [1, 6, 10]
    for row in db["rejected_rows"].find():
        _valid(row, "rejected_row")


async def test_rejected_rows_come_in_pages(ask) -> None:
    imported = (await ask.upload(IMPORT, _file(*(f"{n},,,,,," for n in range(150))))).data["done"]["addressImport"]

    assert imported["rejectedRows"]["totalCount"] == imported["rejected"] == 150
    rest = await ask(
        "query ($id: ID!, $after: String) { addressImport(id: $id) "
        "{ rejectedRows(first: 100, after: $after) { nodes { row } pageInfo { hasNextPage } } } }",
        id=imported["id"],
        after=imported["rejectedRows"]["pageInfo"]["endCursor"],
    )
    page = rest.data["addressImport"]["rejectedRows"]
    assert [row["row"] for row in page["nodes"]] == list(range(101, 151))
    assert not page["pageInfo"]["hasNextPage"]


async def test_a_file_without_a_usable_row_is_finished_at_once(ask, db) -> None:
    imported = (await ask.upload(IMPORT, _file("1,,,,,,"))).data["done"]["addressImport"]

    assert (imported["status"], imported["total"], imported["rejected"]) == ("FINISHED", 0, 1)
    assert imported["finishedAt"]
    stored = db["address_imports"].find_one()
    _valid(stored, "address_import")
    assert [fact["data"].get("status") for fact in stored["unsent"]] == ["FINISHED"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "FILE_EMPTY"),
        (b"id,name\n1,x\n", "COLUMN_MISSING"),
        (b"address\n1 Main St\n", "COLUMN_MISSING"),
        (b"id,address,address\n1,a,b\n", "COLUMN_TWICE"),
        (b"id,address\0\n1,x\n", "NOT_UTF8"),
        (b"\x1f\x8bno gzip at all", "BROKEN_FILE"),
        (b'{"type": "FeatureCollection", "features": []}', "UNKNOWN_FORMAT"),
    ],
    ids=str,
)
async def test_a_file_that_cannot_be_used(ask, db, content: bytes, code: str) -> None:
    done = (await ask.upload(IMPORT, content)).data["done"]

    assert done["addressImport"] is None
    assert [(problem["field"], problem["code"]) for problem in done["problems"]] == [("file", code)]
    assert _written(db) == 0


@pytest.mark.parametrize(("rows", "fits"), [(300, True), (301, False)])
async def test_how_many_rows_a_file_may_have(ask, db, monkeypatch, rows: int, fits: bool) -> None:
    monkeypatch.setattr(settings, "UPLOAD_LIMITS", CsvLimits(rows=300))

    done = (await ask.upload(IMPORT, _file(*(f"{n},,{n} Main St,,,," for n in range(rows))))).data["done"]

    if fits:
        assert done["addressImport"]["total"] == 300
    else:
        assert [problem["code"] for problem in done["problems"]] == ["TOO_MANY_ROWS"]
        assert _written(db) == 0, "what was written before the file turned out too long is gone"


@pytest.mark.parametrize(("more", "fits"), [(0, True), (1, False)])
async def test_how_many_bytes_a_file_may_have(ask, monkeypatch, more: int, fits: bool) -> None:
    content = _file("1,,1 Main St,,,,")
    monkeypatch.setattr(settings, "UPLOAD_LIMITS", CsvLimits(file_bytes=len(content) - more))

    done = (await ask.upload(IMPORT, content)).data["done"]

    assert [problem["code"] for problem in done["problems"]] == ([] if fits else ["FILE_TOO_LARGE"])


async def test_an_upload_far_too_large_is_refused_before_it_is_read(ask, monkeypatch) -> None:
    monkeypatch.setattr(settings, "UPLOAD_LIMITS", CsvLimits(file_bytes=1_000))

    answer = await ask.upload(IMPORT, b"x" * (1024 * 1024 + 1_001))

    assert answer.status == 413
    assert answer.body["errors"][0]["extensions"]["code"] == "FILE_TOO_LARGE"


@pytest.mark.parametrize("source", ["", "a b", "a:b", "-a", "x" * 101])
async def test_a_source_has_a_name_that_makes_ids(ask, db, source: str) -> None:
    query = IMPORT.replace('"test"', json.dumps(source))

    done = (await ask.upload(query, _file("1,,1 Main St,,,,"))).data["done"]

    assert [(problem["field"], problem["code"]) for problem in done["problems"]] == [("source", "INVALID_SOURCE")]
    assert _written(db) == 0


async def test_a_file_that_breaks_off_leaves_nothing_behind(ask, db, monkeypatch) -> None:
    keep = use_case._keep

    def fails_at_the_second(started: AddressImport, *rest: Any) -> None:
        if started.chunks == 1:
            raise RuntimeError("the connection broke")
        keep(started, *rest)

    monkeypatch.setattr(use_case, "_keep", fails_at_the_second)

    answer = await ask.upload(IMPORT, _file(*(f"{n},,{n} Main St,,,," for n in range(251)), "x,,,,,,"))

    assert answer.body["errors"][0]["extensions"]["code"] == "INTERNAL_ERROR"
    assert _written(db) == 0


async def test_imports_are_a_list(ask) -> None:
    for name in ("a.csv", "b.csv", "c.csv"):
        await ask.upload(IMPORT, _file("1,,1 Main St,,,,"), file_name=name)

    page = (await ask("{ addressImports(first: 2) { totalCount nodes { fileName } pageInfo { hasNextPage } } }")).data

    assert page["addressImports"] == {
        "totalCount": 3,
        "nodes": [{"fileName": "c.csv"}, {"fileName": "b.csv"}],
        "pageInfo": {"hasNextPage": True},
    }


def _written(db: Any) -> int:
    return sum(db[name].count_documents({}) for name in ("address_imports", "import_chunks", "rejected_rows", "outbox"))
