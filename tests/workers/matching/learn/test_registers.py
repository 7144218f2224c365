"""Registers that are made up: as large as asked for, always the same, every address another one."""

import csv
from itertools import chain
from pathlib import Path

import pytest

from workers.matching.learn.generate import main
from workers.matching.learn.registers import Place, groups
from workers.matching.learn.styles import names, styles


def places(rows: int, seed: int) -> list[Place]:
    return list(chain.from_iterable(groups(rows, seed)))


@pytest.mark.parametrize("rows", [1, 43, 3_000])
def test_a_register_has_exactly_the_rows_asked_for(rows: int) -> None:
    assert len(places(rows, 1)) == rows


def test_the_same_seed_makes_the_same_register_and_another_one_another() -> None:
    assert places(2_000, 7) == places(2_000, 7)
    assert places(2_000, 7) != places(2_000, 8)


def test_no_address_is_in_a_register_twice() -> None:
    rows = [place.row()[1:] for place in places(20_000, 3)]

    assert len(set(rows)) == len(rows)


def test_every_country_is_there_with_units_boxes_and_houses_without_a_number() -> None:
    made = places(40_000, 1)

    assert {place.style.country for place in made} == set(styles())
    assert {place.form for place in made} == {"house", "box", "rural"}
    assert any(place.unit for place in made)
    assert any(place.house and not place.number for place in made)
    assert any("-" in place.number and place.style.country == "gb" for place in made), "no range of numbers"


def test_every_country_has_names_of_its_own() -> None:
    for country in styles():
        known = names(country)
        assert known.streets
        assert known.towns
        assert known.surnames
        assert known.given


def test_a_file_has_the_columns_that_evaluate_reads(tmp_path: Path) -> None:
    output = tmp_path / "R.csv"

    assert main(["--rows", "50", "--output", str(output)]) == 0

    with output.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 50
    assert list(rows[0]) == ["id", "name", "address", "postal_code", "city", "region", "country"]
    assert len({row["id"] for row in rows}) == 50


def test_a_register_without_rows_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--rows", "0", "--output", str(tmp_path / "R.csv")])

    assert "ask for one or more" in capsys.readouterr().err
