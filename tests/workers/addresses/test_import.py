"""A file becomes part of the register: counted once, told once, whatever dies on the way."""

import json
import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pymongo
import pytest
import redis
from pika.adapters.blocking_connection import BlockingChannel
from pymongo.database import Database

from tests.workers.servers import MONGO_URL, Server, eventually
from tests.workers.telling import examples, made, tell, wait_for_listener
from workers.addresses.import_chunk import import_chunk
from workers.addresses.imports import Imports
from workers.addresses.model import Entry, search_text
from workers.addresses.register import Register

REPOSITORY = Path(__file__).parents[3]
REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
Documents = Database[dict[str, Any]]


def contract(name: str) -> dict[str, Any]:
    return dict(json.loads((REPOSITORY / f"subgraphs/addresses/contracts/{name}.document.json").read_text()))


def row(number: int, **more: str | None) -> dict[str, Any]:
    empty = dict.fromkeys(("name", "region"))
    said = {"address": f"{number} Rue des Lilas", "postalCode": "76000", "city": "Rouen", "country": "FR"}
    return {"row": number, "reference": f"r-{number}", **empty, **said, **more}


def file_import(documents: Documents, import_id: str, chunks: list[list[dict[str, Any]]], source: str = "test") -> None:
    for number, rows in enumerate(chunks):
        document = {"_id": f"{import_id}:{number}", "importId": import_id, "chunk": number, "rows": rows}
        documents["import_chunks"].insert_one(document)
    [example] = examples("subgraphs/addresses/contracts/address_import.document.json")
    total = sum(map(len, chunks))
    more = {"_id": import_id, "source": source, "total": total, "chunks": len(chunks), "createdAt": datetime.now(UTC)}
    documents["address_imports"].insert_one({**example, **more, "unsent": []})


@pytest.fixture
def documents(server: Server) -> Iterator[Documents]:
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(MONGO_URL, tz_aware=True)
    found = client[f"{server.namespace}_addresses"]
    validators = {"addresses": "address", "address_imports": "address_import", "import_chunks": "import_chunk"}
    for collection, name in validators.items():
        found.create_collection(collection, validator={"$jsonSchema": for_mongo(contract(name))})
    found["addresses"].create_index([("source", 1), ("reference", 1)], unique=True)
    yield found
    client.close()


def for_mongo(schema: Any) -> Any:
    """The words of a contract that MongoDB's `$jsonSchema` knows; where `bsonType` is given, it is the type."""
    if isinstance(schema, list):
        return [for_mongo(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    dropped = {"$schema", "$id", "format", "examples", "x-told-by", "x-heard-by", "const"}
    dropped |= {"type"} if "bsonType" in schema else set()
    kept = {name: part for name, part in schema.items() if name not in dropped}
    names = {"integer": "int"}
    if "type" in kept:
        types = kept.pop("type")
        kept["bsonType"] = [names.get(t, t) for t in types] if isinstance(types, list) else names.get(types, types)
    if "properties" in kept:
        kept["properties"] = {name: for_mongo(part) for name, part in kept["properties"].items()}
    if "items" in kept:
        kept["items"] = for_mongo(kept["items"])
    return kept


def run_chunk(documents: Documents, import_id: str, number: int) -> bool:
    return import_chunk(
        import_id,
        number,
        imports=Imports(documents),
        register=Register(documents),
        register_has_changed=lambda: None,
    )


def counts(documents: Documents, import_id: str) -> dict[str, Any]:
    found = documents["address_imports"].find_one({"_id": import_id})
    assert found
    return {name: found[name] for name in ("status", "done", "added", "changed", "unchanged")}


def told(documents: Documents, import_id: str) -> list[dict[str, Any]]:
    """Every change that was told, over all chunks."""
    chunks = documents["import_chunks"].find({"importId": import_id}).sort("chunk")
    return [change for chunk in chunks for fact in chunk.get("unsent", []) for change in fact["data"]["addresses"]]


def test_rows_are_added_then_unchanged_then_changed(documents: Documents) -> None:
    file_import(documents, "i-1", [[row(1), row(2)], [row(3)]])
    file_import(documents, "i-2", [[row(1), row(2, city="Paris")], [row(3), row(4)]])
    for import_id in ("i-1", "i-2"):
        assert all(run_chunk(documents, import_id, number) for number in (0, 1))

    assert counts(documents, "i-1") == {"status": "FINISHED", "done": 3, "added": 3, "changed": 0, "unchanged": 0}
    assert counts(documents, "i-2") == {"status": "FINISHED", "done": 4, "added": 1, "changed": 1, "unchanged": 2}
    assert [(change["change"], change["version"], change["city"]) for change in told(documents, "i-2")] == [
        ("changed", 2, "Paris"),
        ("added", 1, "Rouen"),
    ]
    for document in documents["addresses"].find():
        shown = {name: str(value) if isinstance(value, datetime) else value for name, value in document.items()}
        jsonschema.validate(shown, contract("address"))


def test_coordinates_are_kept_and_never_forgotten(documents: Documents) -> None:
    there = {"latitude": 49.4, "longitude": 1.1}
    imports = [row(1) | there, row(1), row(1) | there | {"longitude": 1.2}, row(1, city="Paris")]
    for number, said in enumerate(imports):
        file_import(documents, f"i-{number}", [[said]])
        run_chunk(documents, f"i-{number}", 0)

    assert [counts(documents, f"i-{number}")["unchanged"] for number in range(4)] == [0, 1, 0, 0]
    found = documents["addresses"].find_one({})
    assert found is not None
    assert (found["latitude"], found["longitude"], found["city"], found["version"]) == (49.4, 1.2, "Paris", 3)


def test_progress_is_told_with_the_numbers_of_the_document(documents: Documents) -> None:
    file_import(documents, "i-1", [[row(1), row(2)], [row(2, city="Paris")]])
    for number in (1, 0):
        run_chunk(documents, "i-1", number)

    found = documents["address_imports"].find_one({"_id": "i-1"})
    assert found
    first, last = (fact["data"] for fact in found["unsent"])
    assert (first["status"], first["done"], first["total"], first["added"]) == ("RUNNING", 1, 3, 1)
    assert (last["status"], last["done"], last["rejected"]) == ("FINISHED", 3, 1)
    assert found["finishedAt"] is not None
    schema = json.loads((REPOSITORY / "workers/addresses/contracts/import_progressed.v1.json").read_text())
    for fact in found["unsent"]:
        jsonschema.validate(fact, schema)


def test_a_chunk_done_twice_counts_and_tells_once(documents: Documents) -> None:
    file_import(documents, "i-1", [[row(1)]])

    assert [run_chunk(documents, "i-1", 0) for _ in range(3)] == [True, False, False]
    assert counts(documents, "i-1")["done"] == 1
    assert len(told(documents, "i-1")) == 1


class Died(Exception):
    """The process was killed here."""


STEPS = ("keep_comparison", "bring_in", "tell_changes", "count")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_whoever_dies_in_the_middle_leaves_nothing_half_done(
    documents: Documents, monkeypatch: pytest.MonkeyPatch, step: str, when: str
) -> None:
    file_import(documents, "i-0", [[row(1), row(2)]])
    run_chunk(documents, "i-0", 0)
    file_import(documents, "i-1", [[row(1), row(2, city="Paris"), row(3)]])
    owner = Register if step == "bring_in" else Imports
    whole = getattr(owner, step)

    def dies(*args: Any, **kwargs: Any) -> None:
        if when == "after":
            whole(*args, **kwargs)
        raise Died

    with monkeypatch.context() as killing:
        killing.setattr(owner, step, dies)
        with pytest.raises(Died):
            run_chunk(documents, "i-1", 0)
    run_chunk(documents, "i-1", 0)

    assert counts(documents, "i-1") == {"status": "FINISHED", "done": 3, "added": 1, "changed": 1, "unchanged": 1}
    assert sorted(change["change"] for change in told(documents, "i-1")) == ["added", "changed"]
    assert sorted(found["version"] for found in documents["addresses"].find()) == [1, 1, 2]


def test_of_rows_with_the_same_reference_the_last_one_counts(documents: Documents) -> None:
    file_import(documents, "i-1", [[row(1), row(1, city="Paris"), row(2)]])
    run_chunk(documents, "i-1", 0)

    assert counts(documents, "i-1") == {"status": "FINISHED", "done": 3, "added": 2, "changed": 0, "unchanged": 1}
    assert documents["addresses"].find_one({"reference": "r-1"})["city"] == "Paris"  # type: ignore[index]


def test_what_a_person_changes_meanwhile_is_seen_before_it_is_replaced(
    documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_import(documents, "i-0", [[row(1)]])
    run_chunk(documents, "i-0", 0)
    file_import(documents, "i-1", [[row(1, city="Paris")]])
    known = Register.known
    edits = iter(["Lyon"])

    def somebody_edits(register: Register, ids: Any) -> Any:
        found = known(register, ids)
        for city in edits:
            # After the comparison was read, and after the versions to be written were read.
            documents["addresses"].update_one({}, {"$set": {"city": city}, "$inc": {"version": 1}})
        return found

    monkeypatch.setattr(Register, "known", somebody_edits)
    run_chunk(documents, "i-1", 0)

    found = documents["addresses"].find_one({})
    assert found is not None
    assert (found["city"], found["version"]) == ("Paris", 3)
    assert [(change["city"], change["version"]) for change in told(documents, "i-1")] == [("Paris", 3)]


def test_an_address_somebody_removed_keeps_its_status_and_stays_out_of_the_index(documents: Documents) -> None:
    file_import(documents, "i-0", [[row(1)]])
    run_chunk(documents, "i-0", 0)
    documents["addresses"].update_one({}, {"$set": {"status": "REMOVED"}, "$inc": {"version": 1}})
    file_import(documents, "i-1", [[row(1, city="Paris")]])
    run_chunk(documents, "i-1", 0)

    found = documents["addresses"].find_one({})
    assert found is not None
    assert (found["status"], found["city"], found["version"]) == ("REMOVED", "Paris", 3)
    assert told(documents, "i-1") == []
    assert counts(documents, "i-1")["changed"] == 1


def test_an_import_that_fails_says_why_and_tells_it(documents: Documents) -> None:
    file_import(documents, "i-1", [[row(1)], [row(2)]])
    run_chunk(documents, "i-1", 0)
    for reason in ("the first reason", "another"):
        Imports(documents).fail("i-1", reason, datetime.now(UTC))

    found = documents["address_imports"].find_one({"_id": "i-1"})
    assert found is not None
    assert (found["status"], found["problem"]) == ("FAILED", "the first reason")
    assert [(fact["data"]["status"], fact["data"]["done"]) for fact in found["unsent"]] == [
        ("RUNNING", 1),
        ("FAILED", 1),
    ]


def test_the_words_for_as_you_type_are_made_as_the_contract_says() -> None:
    [example] = examples("subgraphs/addresses/contracts/address.document.json")

    assert search_text(example) == example["searchText"]
    assert search_text({"address": "Straße 5-a", "name": "Straße"}) == ["5", "a", "straße"]
    assert Entry("febrl4", "rec-12-org", {}).id == Entry("febrl4", "rec-12-org", {"city": "x"}).id


def test_the_real_processes_import_a_file_though_the_worker_is_killed(
    server: Server, channel: BlockingChannel, documents: Documents
) -> None:
    rows = [row(number) for number in range(1, 2001)]
    file_import(documents, "i-1", [rows[start : start + 50] for start in range(0, 2000, 50)])
    listener = server.process("-m", "workers.addresses", "listen", REDIS_URL=REDIS_URL)
    queue = f"{server.namespace}.tasks.addresses"
    arguments = ("-m", "celery", "-A", "workers.addresses.tasks", "worker", "-Q", queue, "-c", "1", "-l", "WARNING")
    worker = server.process(*arguments, REDIS_URL=REDIS_URL)
    store = redis.Redis.from_url(REDIS_URL)
    try:
        wait_for_listener(channel, server, "addresses")
        wait_for_listener(channel, server, "tasks.addresses")
        requested = {"importId": "i-1", "attempt": 1}
        tell(channel, server, made("import.requested.v1", requested, source="/addresses"))
        some = random.randint(100, 1000)  # wherever it is killed, nothing may be lost
        eventually(lambda: counts(documents, "i-1")["done"] >= some, within=60)
        worker.kill()
        worker.wait()
        worker = server.process(*arguments, REDIS_URL=REDIS_URL)
        eventually(lambda: counts(documents, "i-1")["status"] == "FINISHED", within=90)
        generation = int(store.get(f"{server.namespace}:register_generation") or 0)
    finally:
        for process in (listener, worker):
            process.terminate()
        for process in (listener, worker):
            process.wait(20)
        store.delete(f"{server.namespace}:register_generation")

    assert counts(documents, "i-1") == {
        "status": "FINISHED", "done": 2000, "added": 2000, "changed": 0, "unchanged": 0,
    }  # fmt: skip
    assert documents["addresses"].count_documents({"version": 1}) == 2000
    assert len({change["id"] for change in told(documents, "i-1")}) == len(told(documents, "i-1")) == 2000
    assert generation >= 40
