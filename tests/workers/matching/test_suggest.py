"""What fits what somebody has typed so far: beginnings, slips, countries, changes since the snapshot."""

import random
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.matching.index import suggest as suggesting
from workers.matching.index.build import build, only_builder
from workers.matching.index.delta import Delta, Kept
from workers.matching.index.mapped import MappedIndex
from workers.matching.index.suggest import NoSnapshot, Suggestions
from workers.matching.index.words import spans_of, spans_with_slip, typed_words, words_of
from workers.matching.matcher import Address

REGISTER = {
    "lilas": Address("12 rue des Lilas", postal_code="76000", city="Rouen", country="FR"),
    "lilas-b": Address("125 rue des Lilas", postal_code="76000", city="Rouen", country="FR"),
    "eglise": Address("3 rue de l'Église", postal_code="75015", city="Paris", country="FR"),
    "winston": Address("9 Main St", city="Winston Hills", region="NSW", postal_code="2153", country="AU"),
    "winston-us": Address("9 Main Street", city="Winston-Salem", region="NC", country="US"),
    "connell": Address("1 O'Connell Street", city="Dublin", country="IE", name="Gresham Hotel"),
    "tokyo": Address("丸の内1-1", city="千代田区", region="東京都", country="JP"),
    "lenina": Address("ул. Ленина, д. 14", city="Москва", country="RU"),
}
ROWS = [(id, 1, address) for id, address in REGISTER.items()]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with only_builder(tmp_path):
        yield tmp_path


def in_snapshot(folder: Path, rows: Sequence[tuple[str, int, Address]]) -> Suggestions:
    index = MappedIndex(build(folder, rows))
    return Suggestions(lambda: index)


def in_delta(folder: Path, rows: Sequence[tuple[str, int, Address]]) -> Suggestions:
    snapshot = build(folder, [])
    delta = Delta(snapshot)
    delta.add([Kept(*row) for row in rows])
    index = MappedIndex(snapshot, delta.fresh)
    return Suggestions(lambda: index)


@pytest.fixture(params=[in_snapshot, in_delta], ids=["in the snapshot", "since then"])
def suggest(request: pytest.FixtureRequest, folder: Path) -> Suggestions:
    return request.param(folder, ROWS)  # type: ignore[no-any-return]


def ids(suggest: Suggestions, text: str, country: str | None = None, first: int = 8) -> list[str]:
    return [one.id for one in suggest(text, country, first)]


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("12 rue des li", None, ["lilas"]),
        ("rue des lilas 12", None, ["lilas", "lilas-b"]),
        ("LILAS, ROUEN", None, ["lilas", "lilas-b"]),
        ("eglise par", None, ["eglise"]),
        ("de l'égl", None, ["eglise"]),
        ("9 main street winst", None, ["winston-us", "winston"]),
        ("9 main st", "AU", ["winston"]),
        ("9 main st", "us", ["winston-us"]),
        ("main united", None, []),
        ("main australia", None, ["winston"]),
        ("oconnell", None, ["connell"]),
        ("connell gre", None, ["connell"]),
        ("千代田", None, ["tokyo"]),
        ("丸の内1", None, ["tokyo"]),
        ("ленина 14", None, ["lenina"]),
        ("lenina mos", None, ["lenina"]),
        ("12 rue du bac", None, []),
        ("- , '", None, []),
    ],
)
def test_every_typed_word_is_there_or_begins_there(
    suggest: Suggestions, text: str, country: str | None, expected: list[str]
) -> None:
    assert ids(suggest, text, country) == expected


@pytest.mark.parametrize("text", ["winstn hills", "winstoon hills", "winsotn hills", "wimston hills", "hills wimst"])
def test_a_slip_is_forgiven_where_too_little_fits_without(suggest: Suggestions, text: str) -> None:
    assert ids(suggest, text) == ["winston"]


def test_what_fits_without_a_slip_comes_first(folder: Path) -> None:
    suggest = in_snapshot(
        folder,
        [("slip", 1, Address("1 Marie Lane, Yorktown Heights")), ("plain", 1, Address("1 Maria Lane, Yorktown"))],
    )

    assert ids(suggest, "maria lane") == ["plain", "slip"]
    assert ids(suggest, "maria lane", first=1) == ["plain"]


def test_a_suggestion_is_the_whole_address_on_one_line(suggest: Suggestions) -> None:
    (found,) = suggest("gresham", None, 5)
    assert found.text == "Gresham Hotel, 1 O'Connell Street, Dublin, IE"
    assert [one.text for one in suggest("eglise", None, 5)] == ["3 rue de l'Église, 75015 Paris, FR"]


def test_never_more_than_asked_for(suggest: Suggestions) -> None:
    assert len(suggest("r", None, 2)) == 2


def test_without_a_snapshot_it_says_so() -> None:
    with pytest.raises(NoSnapshot, match="no snapshot"):
        Suggestions(lambda: None)("12 rue", None, 8)


def test_changes_since_the_snapshot_count(folder: Path) -> None:
    snapshot = build(folder, ROWS)
    delta = Delta(snapshot)
    now = [MappedIndex(snapshot, delta.fresh)]
    suggest = Suggestions(lambda: now[-1])
    assert ids(suggest, "lilas") == ["lilas", "lilas-b"]

    moved = REGISTER["lilas-b"]
    delta.add([Kept("lilas", 2, None), Kept("lilas-b", 2, Address("7 quai Voltaire", city="Paris"))])
    now.append(MappedIndex(snapshot, delta.fresh))
    assert ids(suggest, "lilas") == []
    assert ids(suggest, "quai volt") == ["lilas-b"]

    delta.add([Kept("lilas-b", 3, moved), Kept("new", 1, Address("1 rue des Lilas", city="Lyon"))])
    now.append(MappedIndex(snapshot, delta.fresh))
    assert ids(suggest, "quai volt") == []
    assert sorted(ids(suggest, "lilas")) == ["lilas-b", "new"]

    now.append(MappedIndex(build(folder, delta.changed(), base=snapshot, gone=delta.gone())))
    assert sorted(ids(suggest, "lilas")) == ["lilas-b", "new"]


def test_somebody_may_ask_while_words_are_looked_up(folder: Path) -> None:
    snapshot = build(folder, ROWS)
    delta = Delta(snapshot)
    now = [MappedIndex(snapshot, delta.fresh)]
    suggest = Suggestions(lambda: now[-1])

    def come() -> None:
        for row in made(2_000):
            delta.add([Kept(*row)])
            index = MappedIndex(snapshot, delta.fresh)
            suggest.catch_up(index)
            now.append(index)

    coming = threading.Thread(target=come)
    coming.start()
    counts = [len(suggest("rou 3", None, 2_000))]
    while coming.is_alive():
        counts.append(len(suggest("rou 3", None, 2_000)))
    coming.join()

    assert counts == sorted(counts)
    fits = [address for _, _, address in made(2_000) if address.address.startswith("3") and address.city == "Rouen"]
    assert len(suggest("rou 3", None, 2_000)) == len(fits)


STREETS = ("rue des Lilas", "avenue Foch", "Elm Street", "Hauptstrasse", "Via Roma", "Kirchweg", "quai Voltaire")


def made(count: int) -> list[tuple[str, int, Address]]:
    pick = random.Random(2)
    return [
        (f"m-{n}", 1, Address(f"{pick.randrange(1, 40)} {pick.choice(STREETS)}", city=pick.choice(("Rouen", "Romans"))))
        for n in range(count)
    ]


@pytest.mark.parametrize("text", ["1", "12 r", "ro", "kirch rom", "voltaire quai 3", "foch rouen 7"])
def test_all_that_fits_is_found_and_nothing_else(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggesting, "_AT_ONCE", 50)
    rows = made(400)
    snapshot = build(folder, rows[:150])
    delta = Delta(snapshot)
    delta.add([Kept(*row) for row in rows[100:]])
    index = MappedIndex(snapshot, delta.fresh)

    *whole, last = typed_words(text)
    fits = {
        id
        for id, _, address in rows
        for words in [words_of(address)]
        if all(typed in words if typed.isdigit() else any(word.startswith(typed) for word in words) for typed in whole)
        and any(word.startswith(last) for word in words)
    }
    assert fits
    assert set(ids(Suggestions(lambda: index), text, first=400)) >= fits
    found = ids(Suggestions(lambda: index), text, first=len(fits))
    assert set(found) == fits
    assert len(found) == len(fits)


def test_words_are_the_same_however_the_snapshot_came_about(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.matching.index.build_words._AT_ONCE", 100)
    rows = made(200)
    gone = [f"m-{n}" for n in range(0, 150, 3)]
    after = build(folder, rows[150:], base=build(folder, rows[:150]), gone=gone)
    whole = build(folder, [row for row in rows if row[0] not in gone])

    kept = np.diff(after.word_starts) > 0
    assert after.words[kept].tolist() == whole.words.tolist()
    assert after.word_rows.tolist() == whole.word_rows.tolist()
    assert after.words[after.row_words].tolist() == whole.words[whole.row_words].tolist()
    assert after.row_word_starts.tolist() == whole.row_word_starts.tolist()


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_has_words_within_bounds(text: str) -> None:
    for word in typed_words(text):
        for low, high in (*spans_of(word, is_last=True), *spans_with_slip(word, is_last=False)):
            assert low < high
            assert len(low) <= 15
            assert high.isascii()
