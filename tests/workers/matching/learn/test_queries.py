"""Labelled queries: noise that leaves an address what it is, and answers that are not in the register."""

import csv
import re
from pathlib import Path
from random import Random

import pytest

from workers.matching.learn import noise
from workers.matching.learn.generate import main
from workers.matching.learn.queries import Typed, halves, near, with_queries
from workers.matching.learn.registers import groups

ROWS, QUERIES = 6_000, 1_500


@pytest.fixture(scope="module")
def made() -> tuple[dict[str, tuple[str, ...]], list[Typed]]:
    register, queries = halves(with_queries(ROWS, 5, QUERIES))
    return {row[0]: row[1:] for row in register}, queries


def test_the_same_seed_makes_the_same_queries() -> None:
    assert halves(with_queries(800, 2, 200)) == halves(with_queries(800, 2, 200))


def test_a_fifth_of_the_answers_is_gone_and_the_register_is_as_large_as_before(
    made: tuple[dict[str, tuple[str, ...]], list[Typed]],
) -> None:
    register, queries = made
    gone = [typed for typed in queries if not typed.gold_id]

    assert len(register) == ROWS
    assert len(queries) == QUERIES
    assert 0.15 < len(gone) / QUERIES < 0.25
    assert {typed.kind for typed in gone} == {"gone_town", "gone_street", "gone_unit", "gone_number", "gone_suffix"}


def test_what_is_gone_is_not_in_the_register_in_the_register_s_own_words() -> None:
    whole = [place.row() for group in groups(ROWS, 5) for place in group]
    register, queries = halves(with_queries(ROWS, 5, QUERIES))
    known = {row[1:] for row in register}

    for typed in queries:
        original = whole[int(typed.id[1:])]
        assert (original in known) == bool(typed.gold_id)


def test_every_answer_is_in_the_register(made: tuple[dict[str, tuple[str, ...]], list[Typed]]) -> None:
    register, queries = made

    assert all(typed.gold_id in register for typed in queries if typed.gold_id)


def test_nothing_that_is_typed_is_empty(made: tuple[dict[str, tuple[str, ...]], list[Typed]]) -> None:
    _, queries = made

    for typed in queries:
        assert typed.address.strip() or typed.name.strip()
        assert typed.city or typed.postal_code or len(f"{typed.name} {typed.address}") > 6


def test_a_neighbour_shares_no_number_that_names_the_house() -> None:
    random, seen = Random(4), set()
    for group in groups(20_000, 6):
        for place in group:
            is_pair = place.style.numbers in ("double", "plain") and place.form == "house"
            parts = re.findall(r"\d+", place.number) if is_pair else []
            if len(parts) < 2:
                continue
            other, kind = near(place, {place.what()}, random)
            if kind == "gone_number":
                seen.add(place.style.numbers)
                assert set(re.findall(r"\d+", other.number)).isdisjoint(parts)
                assert place.style.numbers == "double" or int(re.findall(r"\d+", other.number)[0]) > int(parts[1])
    assert seen == {"double", "plain"}


def test_a_town_that_stands_in_has_another_code() -> None:
    random = Random(4)
    for group in groups(4_000, 6):
        other, kind = near(group[0]._replace(number="", unit=""), set(), random)
        assert kind == "gone_town"
        assert other.code != group[0].code


def test_a_street_is_mistyped_in_one_way_at_most(made: tuple[dict[str, tuple[str, ...]], list[Typed]]) -> None:
    noises = [set(typed.kind.split("+")) & noise.SLIPS for typed in made[1]]

    assert max(map(len, noises)) == 1


def test_what_is_written_right_before_the_number_stays_there() -> None:
    random = Random(2)
    turned = 0
    for group in groups(10_000, 9):
        for place in group:
            draft = noise.Draft.of(place)
            turned += noise.other_order(draft, random)
            noise.other_unit(draft, random)
            # Nobody writes `3/Main Street 12`.
            if re.search(r"\{u\}\W?\{line\}", draft.unit):
                assert draft.line.startswith("{number}")
    assert turned


@pytest.mark.parametrize("kind", [kind for _, kind in noise.KINDS], ids=lambda kind: kind.__name__)
def test_every_kind_of_noise_finds_something_and_leaves_number_and_unit(kind: noise.Noise) -> None:
    random, found = Random(1), 0
    for group in groups(4_000, 9):
        place = group[0]
        draft = noise.Draft.of(place)
        if kind(draft, random):
            found += 1
            assert draft.place == place
            if kind is not noise.other_number and place.number.isdigit():
                assert draft.number == place.number
    assert found


def test_both_files_are_written(tmp_path: Path) -> None:
    register, queries = tmp_path / "R.csv", tmp_path / "Q.csv"

    said = ["--rows", "400", "--output", str(register), "--queries", "60", "--queries-output", str(queries)]
    assert main(said) == 0

    with register.open(newline="", encoding="utf-8") as one, queries.open(newline="", encoding="utf-8") as other:
        rows, typed = list(csv.DictReader(one)), list(csv.DictReader(other))
    assert (len(rows), len(typed)) == (400, 60)
    assert list(typed[0])[-2:] == ["gold_id", "kind"]


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (["--queries", "5"], "belong together"),
        (["--queries", "500", "--queries-output", "Q.csv"], "at most one of each row"),
        (["--queries", "5", "--queries-output", "Q.csv", "--gone", "2"], "it goes from 0 to 1"),
    ],
)
def test_what_makes_no_sense_is_refused(
    said: list[str], problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["--rows", "50", "--output", str(tmp_path / "R.csv"), *said])

    assert problem in capsys.readouterr().err
