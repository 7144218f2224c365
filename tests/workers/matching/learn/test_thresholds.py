"""Thresholds are as low as the wanted precision allows."""

import json
from pathlib import Path

import pytest

from tests.workers.matching.learn.answers import answered
from workers.matching.__main__ import main
from workers.matching.learn.thresholds import Unreachable, pick

ANSWERS = [
    *(answered(0.99, right=True) for _ in range(6)),
    *(answered(0.80, right=True) for _ in range(2)),
    answered(0.70, right=False, is_there=False),
    answered(0.40, right=True),
]


def test_a_perfect_match_stops_above_the_first_mistake() -> None:
    picked = pick(ANSWERS, 1.0)

    assert picked.match == 0.71
    assert (picked.precision, picked.recall, picked.false_accept) == (1.0, round(8 / 9, 4), 0.0)
    assert picked.review == 0.40
    assert picked.review_share == 0.2


def test_a_lower_precision_lets_more_through() -> None:
    picked = pick(ANSWERS, 0.9)

    assert picked.match == 0.01
    assert (picked.precision, picked.recall, picked.false_accept) == (0.9, 1.0, 1.0)


def test_what_cannot_be_reached_is_said_with_what_can() -> None:
    with pytest.raises(Unreachable, match=r"50\.00% precise"):
        pick([answered(0.9, right=True), answered(0.9, right=False)], 0.99)


def test_the_command_prints_thresholds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    register, queries = tmp_path / "R.csv", tmp_path / "Q.csv"
    register.write_text("id,address,city,postal_code\na,12 Oak Street,Leeds,LS1 4AB\nb,14 Oak Street,Leeds,LS1 4AB\n")
    queries.write_text("id,address,city,postal_code,gold_id\nq,12 Oak St,Leeds,LS1 4AB,a\n")

    assert main(["thresholds", "--precision", "1", "--register", str(register), "--queries", str(queries)]) == 0

    said = json.loads(capsys.readouterr().out)
    assert (said["precision"], said["recall"]) == (1.0, 1.0)
    assert 0 < said["review"] <= said["match"] <= 1
