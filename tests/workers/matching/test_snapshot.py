"""A snapshot finds what an index in memory finds; what is damaged or half written never counts."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workers.matching.test_index import REGISTER, TYPED
from workers.matching.index import build as building
from workers.matching.index import shortlist
from workers.matching.index.build import FolderIsBusy, build, only_builder, usable
from workers.matching.index.mapped import MappedIndex
from workers.matching.index.memory import MemoryIndex
from workers.matching.index.of_file import index_of_file
from workers.matching.index.postings import Postings, pairs_of
from workers.matching.index.rows import Entry, entry, pack, unpack
from workers.matching.index.snapshot import CURRENT, MANIFEST, Snapshot, UnusableSnapshot, current
from workers.matching.matcher import Address

ROWS = [(id, 1, address) for id, address in REGISTER.items()]
STREETS = ("rue des Lilas", "avenue Foch", "Elm Street", "Hauptstrasse", "Via Roma")
MANY = [
    (
        f"m-{number}",
        1,
        Address(f"{number % 90 + 1} {STREETS[number % 5]}", postal_code=f"{10_000 + number % 37}", city="Rouen"),
    )
    for number in range(600)
]
CSV = "id,address,city\n" + "".join(f"{id},{address.address},{address.city}\n" for id, _, address in MANY)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with only_builder(tmp_path / "index"):
        yield tmp_path / "index"


def ids(index: MappedIndex | MemoryIndex, typed: Address) -> set[str]:
    return {entry.id for entry in near(index, typed)}


def near(index: MappedIndex | MemoryIndex, typed: Address) -> list[Entry]:
    return index.near([typed])[0]


def contents(snapshot: Snapshot) -> set[Entry]:
    return {snapshot.entry(row) for row in range(len(snapshot))}


def test_a_snapshot_finds_what_an_index_in_memory_finds(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shortlist, "WORTH", 0.0)
    mapped, memory = MappedIndex(build(folder, ROWS)), MemoryIndex(REGISTER.items())

    for typed in TYPED:
        assert ids(mapped, typed) == ids(memory, typed)
        assert mapped.exactly(typed) == memory.exactly(typed)
    for id, address in REGISTER.items():
        assert mapped.exactly(address) == id
        assert entry(id, 1, address) in near(mapped, address)


def test_what_shares_much_less_than_the_best_is_not_compared(folder: Path) -> None:
    mapped, memory = MappedIndex(build(folder, ROWS)), MemoryIndex(REGISTER.items())

    assert [entry.id for entry in near(mapped, TYPED[0])] == ["a-1"]
    assert ids(memory, TYPED[0]) == {"a-1", "a-2", "a-3"}


def test_an_exact_spelling_that_two_have_means_neither(folder: Path) -> None:
    assert MappedIndex(build(folder, [*ROWS, ("a-9", 1, REGISTER["a-1"])])).exactly(REGISTER["a-1"]) is None


def test_frequent_keys_bring_nothing_in_but_rank(folder: Path) -> None:
    many = [(f"m-{number}", 1, Address(f"5 Main Street, flat {number}", city="Crowdham")) for number in range(1_000)]
    index = MappedIndex(
        build(folder, [*many, ("x", 1, Address("5 Main Street", postal_code="AB1 2CD", city="Crowdham"))])
    )

    assert near(index, Address("5 Main Street", postal_code="AB1 2CD", city="Crowdham"))[0].id == "x"
    assert near(index, Address("5 Main Street", city="Crowdham")), "the rarest of them opens the list"


@pytest.mark.parametrize("inline", [10_000, 2_000], ids=["in this process", "in two processes"])
def test_what_changed_is_all_that_is_built_anew(folder: Path, inline: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "_AT_ONCE", 100)
    monkeypatch.setattr(building, "_INLINE", inline // 10)
    before = build(folder, MANY, processes=2)
    fresh = [("m-7", 2, REGISTER["a-1"]), ("new", 1, REGISTER["a-4"])]

    after = build(folder, fresh, base=before, gone=["m-1", "m-599", "nobody"])

    kept = [row for row in MANY if row[0] not in {"m-1", "m-7", "m-599"}]
    whole = build(folder, [*kept, *fresh])
    assert len(after) == len(whole) == 599
    assert contents(after) == contents(whole) == {entry(*row) for row in [*kept, *fresh]}
    assert np.array_equal(after.postings.hashes, whole.postings.hashes)
    for _, _, address in [*MANY[:50], *fresh]:
        assert near(MappedIndex(after), address) == near(MappedIndex(whole), address)
    assert after.row_of("m-1") is None
    assert after.entry(after.row_of("m-7") or 0).version == 2


def test_who_has_the_old_snapshot_open_goes_on_reading_it(folder: Path) -> None:
    old = MappedIndex(build(folder, ROWS))
    for _ in range(4):
        build(folder, MANY)

    assert not old.snapshot.folder.exists()
    assert ids(old, TYPED[0]) == {"a-1"}
    assert len(list(folder.glob("snapshot-*"))) == 2


def test_an_empty_register_has_a_snapshot_too(folder: Path) -> None:
    index = MappedIndex(build(folder, []))

    assert near(index, TYPED[0]) == []
    assert index.exactly(TYPED[0]) is None


def test_only_one_builds_in_a_folder(folder: Path) -> None:
    with pytest.raises(FolderIsBusy, match="another process builds here"), only_builder(folder):
        pass


def _flip(folder: Path) -> None:
    file = folder / "rows"
    contents = bytearray(file.read_bytes())
    contents[len(contents) // 2] ^= 1
    file.write_bytes(contents)


def _cut(folder: Path) -> None:
    os.truncate(folder / "key_rows", (folder / "key_rows").stat().st_size - 4)


def _lose(folder: Path) -> None:
    (folder / "row_starts").unlink()


def _older(folder: Path) -> None:
    said = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**said, "format": 0}))


def _other_matcher(folder: Path) -> None:
    said = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**said, "matcher": "another"}))


def _scribble(folder: Path) -> None:
    (folder / MANIFEST).write_text("{")


def _mislead(folder: Path) -> None:
    (folder.parent / CURRENT).write_text("nowhere")


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (_flip, "rows: its checksum"),
        (_cut, "key_rows: .* bytes, .* were written"),
        (_lose, "row_starts: No such file"),
        (_older, "was written by format 0"),
        (_other_matcher, "was written by matcher another"),
        (_scribble, "manifest.json is damaged"),
        (_mislead, "manifest.json: No such file"),
    ],
)
def test_what_is_damaged_or_old_is_refused_and_built_anew(
    tmp_path: Path, damage: Callable[[Path], None], reason: str
) -> None:
    register, folder = tmp_path / "register.csv", tmp_path / "index"
    register.write_text(CSV)
    index_of_file(register, folder)
    found = current(folder)
    assert found
    damage(found)

    with pytest.raises(UnusableSnapshot, match=reason):
        usable(folder)
    assert len(index_of_file(register, folder).snapshot) == len(MANY)
    assert usable(folder)


def test_the_index_of_a_file_is_kept_until_the_file_changes(tmp_path: Path) -> None:
    register, folder = tmp_path / "register.csv", tmp_path / "index"
    register.write_text(CSV)
    first = index_of_file(register, folder).snapshot.folder
    assert index_of_file(register, folder).snapshot.folder == first

    register.write_text(CSV + "x,1 Elm Street,Springwood\n")
    assert index_of_file(register, folder).exactly(Address("1 Elm St", city="Springwood")) == "x"


def test_a_killed_builder_leaves_the_old_snapshot(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    with only_builder(folder):
        build(folder, ROWS)
    code = f"""
import os, signal
from pathlib import Path
from tests.workers.matching.test_snapshot import MANY
from workers.matching.index.build import build, only_builder
def rows():
    yield from MANY
    os.kill(os.getpid(), signal.SIGKILL)
with only_builder(Path({str(folder)!r})):
    build(Path({str(folder)!r}), rows())
"""
    killed = subprocess.run([sys.executable, "-c", code], timeout=60)

    assert killed.returncode == -signal.SIGKILL
    assert list(folder.glob("unfinished-*"))
    snapshot = usable(folder)
    assert snapshot
    assert len(snapshot) == len(ROWS)
    with only_builder(folder):
        assert not list(folder.glob("unfinished-*"))
        assert len(build(folder, MANY)) == len(MANY)


@given(
    st.lists(
        st.tuples(st.integers(0, 2**32 - 1) | st.integers(0, 9), st.integers(0, 2**32 - 2)), max_size=60, unique=True
    )
)
def test_postings_are_a_dictionary_of_rows(pairs: list[tuple[int, int]]) -> None:
    hashes, rows = (np.array([pair[side] for pair in pairs], np.uint32) for side in (0, 1))
    postings = Postings.of_pairs(pairs_of(hashes, rows))
    wanted = sorted({hash for hash, _ in pairs} | {0, 5, 2**32 - 1})

    begins, counts = postings.find(np.array(wanted, np.uint32))

    for hash, begin, count in zip(wanted, begins, counts, strict=True):
        assert postings.rows[begin : begin + count].tolist() == sorted(row for own, row in pairs if own == hash)
    assert np.array_equal(postings.between(0, 2**32), np.sort(pairs_of(hashes, rows)))


def test_a_row_comes_back_as_it_was() -> None:
    for id, address in REGISTER.items():
        packed = pack(entry(id, 3, address))
        assert unpack(packed) == entry(id, 3, address)
        assert unpack(packed).address == address
