"""What changed is found at once, by every process; what is gone never is; builders may come, go and be killed."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pymongo
import pytest
from pymongo.database import Database

from tests.workers.matching.system import LILAS, System
from tests.workers.servers import MONGO_URL, Server, eventually
from workers.chassis.loop import Stop
from workers.matching.index import live as live_module
from workers.matching.index import shortlist
from workers.matching.index.build import FolderIsBusy, build, only_builder, usable
from workers.matching.index.builder import Builder, keep_building
from workers.matching.index.delta import Delta, Kept
from workers.matching.index.live import LiveIndex
from workers.matching.index.mapped import MappedIndex
from workers.matching.index.mongo import Change, MongoIndex
from workers.matching.index.snapshot import CURRENT, MANIFEST
from workers.matching.matcher import Address, exact_key, keys_of

FOCH = Address("12 avenue Foch", postal_code="76000", city="Rouen", country="FR")
ELM = Address("7 Elm Street", city="Springwood", country="US")
STREETS = ("rue des Lilas", "avenue Foch", "Elm Street", "Hauptstrasse", "Via Roma", "Kirchweg", "quai Voltaire")


@pytest.fixture
def database(server: Server) -> Iterator[Database[dict[str, Any]]]:
    with pymongo.MongoClient(MONGO_URL) as client:
        yield client[f"{server.namespace}_matching"]


@pytest.fixture
def store(database: Database[dict[str, Any]]) -> MongoIndex:
    store = MongoIndex(database)
    store.prepare()
    store.keep([Change("a-1", 1, LILAS)])
    return store


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with only_builder(tmp_path / "index"):
        yield tmp_path / "index"


def refreshed(folder: Path, store: MongoIndex, most_changes: int = 1_000) -> LiveIndex:
    live = LiveIndex(folder, store, most_changes=most_changes)
    live.refresh()
    return live


def ids(index: Any, typed: Address) -> list[str]:
    return [entry.id for entry in index.near([typed])[0]]


def kept(change: Change) -> Kept:
    address = change.address
    if address is None:
        return Kept(change.id, change.version, None)
    return Kept(change.id, change.version, address, keys_of(address), exact_key(address))


def test_without_a_snapshot_the_store_answers_at_once(tmp_path: Path, store: MongoIndex) -> None:
    live = refreshed(tmp_path, store)
    store.keep([Change("a-2", 1, FOCH)])

    assert live.mapped is None
    assert (live.exactly(LILAS), live.exactly(FOCH)) == ("a-1", "a-2")
    assert ids(live, FOCH)[0] == "a-2"


def test_what_comes_changes_and_goes_is_known_after_one_look(folder: Path, store: MongoIndex) -> None:
    assert Builder(folder, store).step()
    live = refreshed(folder, store)
    assert live.mapped
    assert live.exactly(LILAS) == "a-1"

    store.keep([Change("a-2", 1, FOCH)])
    live.refresh()
    assert (ids(live, FOCH), live.exactly(FOCH)) == (["a-2"], "a-2")

    store.keep([Change("a-2", 2, ELM)])
    live.refresh()
    assert "a-2" not in ids(live, FOCH)
    assert live.exactly(FOCH) is None
    assert (ids(live, ELM), live.exactly(ELM)) == (["a-2"], "a-2")

    store.keep([Change("a-1", 2, None), Change("a-2", 3, None)])
    live.refresh()
    assert [ids(live, one) for one in (LILAS, FOCH, ELM)] == [[], [], []]
    assert [live.exactly(one) for one in (LILAS, FOCH, ELM)] == [None] * 3

    store.keep([Change("a-1", 3, LILAS)])
    live.refresh()
    assert (ids(live, LILAS), live.exactly(LILAS)) == (["a-1"], "a-1")


def test_the_next_snapshot_takes_the_changes_in_and_the_delta_begins_anew(folder: Path, store: MongoIndex) -> None:
    builder = Builder(folder, store)
    builder.step()
    live = refreshed(folder, store)
    store.keep([Change("a-1", 2, None), Change("a-2", 1, FOCH), Change("a-3", 1, ELM)])
    searched = live.mapped

    assert builder.step() is None, "three changes are not worth one"
    snapshot = builder.step(least=3)
    live.refresh()

    assert snapshot
    assert live.mapped
    assert live.mapped.snapshot.folder == snapshot.folder
    assert len(snapshot) == 2
    assert live.delta is not None
    assert len(live.delta) == 0
    assert [ids(live, one) for one in (LILAS, FOCH, ELM)] == [["a-2"], ["a-2"], ["a-3"]]
    assert searched
    assert ids(searched, LILAS) == ["a-1"], "who was searching goes on with what was"


def test_any_split_into_snapshot_and_changes_finds_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Equals stand in the order of their rows, so a cut among them may fall on others.
    monkeypatch.setattr(shortlist, "MOST", 1_000)
    pick = random.Random(5)
    versions: dict[str, int] = {}
    changes = []
    for _ in range(900):
        id = f"a-{pick.randrange(300)}"
        versions[id] = versions.get(id, 0) + 1
        address = Address(
            f"{pick.randrange(1, 40)} {pick.choice(STREETS)}", postal_code=str(76_000 + pick.randrange(9)), city="Rouen"
        )
        changes.append(Change(id, versions[id], None if pick.random() < 0.2 else address))
    newest = {change.id: change for change in changes}
    rows = [(one.id, one.version, one.address) for one in newest.values() if one.address]
    whole = MappedIndex(build(folder, rows))
    queries = [one.address for one in pick.sample(changes, 120) if one.address]

    for cut in (0, 1, 400, 899):
        before = {change.id: change for change in changes[:cut]}
        snapshot = build(folder, [(one.id, one.version, one.address) for one in before.values() if one.address])
        delta, rest = Delta(snapshot), changes[cut:]
        while rest:
            step = pick.randrange(1, 80)
            # What overlaps is heard twice, and the older of it changes nothing.
            delta.add([kept(change) for change in changes[max(cut - 5, 0) : cut] + rest[:step]])
            rest = rest[step:]
        split = MappedIndex(snapshot, delta.fresh)
        for query in queries:
            assert set(ids(split, query)) <= {one[0] for one in rows}
            assert split.exactly(query) == whole.exactly(query)
            best, best_split = whole.near([query])[0], split.near([query])[0]
            assert {(one.id, one.version, one.written) for one in best_split} == {
                (one.id, one.version, one.written) for one in best
            }
        merged = build(folder, delta.changed(), base=snapshot, gone=delta.gone())
        assert {merged.entry(row).id for row in range(len(merged))} == {row[0] for row in rows}


def test_a_delta_stays_in_few_layers(folder: Path) -> None:
    delta = Delta(build(folder, []))
    for number in range(300):
        delta.add([kept(Change(f"a-{number}", 1, Address(f"{number} Elm Street", city="Springwood")))])

    assert len(delta.fresh.layers) < 8
    assert all(np.all(np.diff(layer.hashes.astype(np.int64)) > 0) for layer in delta.fresh.layers)


def test_with_too_much_to_remember_the_store_is_asked_until_there_is_a_new_snapshot(
    folder: Path, store: MongoIndex
) -> None:
    builder = Builder(folder, store)
    builder.step()
    live = refreshed(folder, store, most_changes=1)
    store.keep([Change("a-2", 1, FOCH), Change("a-3", 1, ELM)])
    live.refresh()
    assert live.mapped is None
    assert live.exactly(ELM) == "a-3"

    assert builder.step(least=1)
    live.refresh()
    assert live.mapped
    assert live.exactly(ELM) == "a-3"


def test_more_changes_than_a_builder_remembers_are_read_with_all_the_others(
    folder: Path, store: MongoIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.matching.index.live._MOST_AGAIN", 1)
    monkeypatch.setattr("workers.matching.index.builder.MOST_REMEMBERED", 1)
    builder = Builder(folder, store)
    builder.step()
    store.keep([Change("a-1", 2, None), Change("a-2", 1, FOCH), Change("a-3", 1, ELM)])

    snapshot = builder.step()

    assert snapshot
    assert {snapshot.entry(row).id for row in range(len(snapshot))} == {"a-2", "a-3"}


def test_a_snapshot_of_another_register_is_not_searched(
    folder: Path, store: MongoIndex, database: Database[dict[str, Any]]
) -> None:
    Builder(folder, store).step()
    database.drop_collection("known_addresses")
    store.prepare()
    store.keep([Change("a-2", 1, FOCH)])

    live = refreshed(folder, store)
    assert live.mapped is None
    assert (live.exactly(LILAS), live.exactly(FOCH)) == (None, "a-2")

    assert Builder(folder, store).step()
    live.refresh()
    assert live.mapped
    assert (live.exactly(LILAS), live.exactly(FOCH)) == (None, "a-2")


def test_a_damaged_snapshot_is_built_anew(folder: Path, store: MongoIndex) -> None:
    first = Builder(folder, store).step()
    assert first
    (first.folder / MANIFEST).write_text("{")

    assert refreshed(folder, store).mapped is None
    second = Builder(folder, store).step()
    assert second
    assert second.folder != first.folder
    assert refreshed(folder, store).exactly(LILAS) == "a-1"


def test_a_store_that_is_away_is_asked_again_and_nothing_is_missed(
    folder: Path, store: MongoIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    Builder(folder, store).step()
    monkeypatch.setattr(live_module, "ASKED_EVERY_SECONDS", 0.01)
    fails = threading.Event()
    failed = threading.Event()

    class Away(MongoIndex):
        def changed_since(self, moment: tuple[int, int], most: int) -> Any:
            if fails.is_set():
                failed.set()
                raise pymongo.errors.AutoReconnect("away")
            return store.changed_since(moment, most)

    live = LiveIndex(folder, Away(store._db))
    live.follow()
    assert live.mapped
    fails.set()
    assert failed.wait(10)
    store.keep([Change("a-2", 1, FOCH)])
    assert live.exactly(FOCH) == "a-2"
    fails.clear()
    eventually(lambda: live.mapped)
    assert live.exactly(FOCH) == "a-2"


def test_searching_goes_on_while_snapshots_are_swapped(folder: Path, store: MongoIndex) -> None:
    store.keep(Change(f"m-{number}", 1, Address(f"{number} Elm Street", city="Springwood")) for number in range(200))
    builder = Builder(folder, store)
    builder.step()
    live = refreshed(folder, store)
    done = threading.Event()
    wrong: list[object] = []

    def search() -> None:
        while not done.is_set():
            for number in range(0, 200, 7):
                found = ids(live, Address(f"{number} Elm Street", city="Springwood"))
                if f"m-{number}" not in found:
                    wrong.append((number, found))

    thread = threading.Thread(target=search)
    thread.start()
    for version in range(2, 12):
        store.keep(
            Change(f"m-{number}", version, Address(f"{number} Elm Street", city="Springwood")) for number in range(200)
        )
        live.refresh()
        builder.step(least=1)
        live.refresh()
    done.set()
    thread.join()

    assert not wrong
    assert live.mapped
    assert live.mapped.snapshot.folder.name == "snapshot-11"


PROGRAM = """
import sys
from pathlib import Path
from workers.chassis import mongo
from workers.matching.index import live
from workers.matching.index.mongo import MongoIndex
from workers.matching.matcher import Address
index = live.LiveIndex(Path(sys.argv[1]), MongoIndex(mongo.database("matching")))
index.follow()
assert index.mapped
print("ready", flush=True)
for line in sys.stdin:
    print(index.exactly(Address(line.strip(), city="Springwood", country="US")), flush=True)
"""


def test_a_new_address_is_found_by_every_process(folder: Path, store: MongoIndex, server: Server) -> None:
    Builder(folder, store).step()
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(folder)],
            env={**os.environ, **server.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]

    def asked(process: "subprocess.Popen[str]") -> str:
        assert process.stdin
        assert process.stdout
        process.stdin.write("7 Elm Street\n")
        process.stdin.flush()
        return process.stdout.readline().strip()

    try:
        for process in processes:
            assert process.stdout
            assert "ready" in map(str.strip, process.stdout)
            assert asked(process) == "None"
        store.keep([Change("a-3", 1, ELM)])
        for process in processes:
            eventually(lambda process=process: asked(process) == "a-3", within=2)  # type: ignore[misc]
    finally:
        for process in processes:
            process.kill()
            process.wait()


def test_only_one_process_builds(tmp_path: Path, store: MongoIndex) -> None:
    with only_builder(tmp_path), pytest.raises(FolderIsBusy):
        keep_building(tmp_path, store, Stop())


def test_the_workers_search_what_the_builder_builds(server: Server, tmp_path: Path) -> None:
    system = System(server)
    folder = str(tmp_path / "index")
    try:
        system.start("index", "-m", "workers.matching", "index", MATCHING_INDEX_FOLDER=folder)
        eventually(lambda: (tmp_path / "index" / CURRENT).exists())
        system.start("relay", "-m", "workers.outbox_relay")
        system.start("listener", "-m", "workers.matching", "listen")
        system.start_celery("tasks", "matching", MATCHING_INDEX_FOLDER=folder)
        assert system.answered(system.submit(LILAS))["addressId"] == "a-1"
        told = {"change": "added", "id": "a-3", "version": 1, **ELM.as_document()}
        system.tell("register.changed.v1", {"importId": None, "chunk": None, "addresses": [told]}, source="addresses")
        eventually(lambda: system.database("matching")["known_addresses"].find_one({"_id": "a-3"}))

        def answered() -> bool:
            return bool(system.answered(system.submit(ELM))["addressId"] == "a-3")

        eventually(answered, within=2)
        opened = [line for line in system.output["tasks"] if "snapshot opened" in line]
        assert len(opened) == 1, system.output["tasks"]
        assert json.loads(opened[0])["addresses"] == 1
    finally:
        system.stop()


def test_a_builder_that_is_killed_leaves_the_old_snapshot_and_no_process(server: Server, tmp_path: Path) -> None:
    system = System(server)
    try:
        index = MongoIndex(system.database("matching"))
        index.keep(Change(f"m-{number}", 1, Address(f"{number} Elm Street", city="X")) for number in range(11_000))
        environment = {"MATCHING_INDEX_FOLDER": str(tmp_path)}
        system.start("index", "-m", "workers.matching", "index", **environment)
        killed = system.processes["index"]
        children = eventually(lambda: [pid for pid in _children(killed.pid) if "spawn_main" in _command(pid)])
        killed.send_signal(signal.SIGKILL)
        killed.wait()

        eventually(lambda: not any("spawn_main" in _command(pid) for pid in children))
        assert usable(tmp_path) is None
        system.start("next", "-m", "workers.matching", "index", **environment)
        eventually(lambda: (tmp_path / CURRENT).exists(), within=60)
        snapshot = usable(tmp_path)
        assert snapshot
        assert len(snapshot) == 11_001
    finally:
        system.stop()


def _children(pid: int) -> list[int]:
    try:
        tasks = Path(f"/proc/{pid}/task").iterdir()
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except FileNotFoundError:
        return []


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
