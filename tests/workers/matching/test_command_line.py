"""``match`` and ``evaluate`` on files, without any server."""

import csv
import json
from pathlib import Path

import pytest

from workers.matching.__main__ import main

REGISTER = """id,name,address,postal_code,city,region,country
a-1,,12 rue des Lilas,76000,Rouen,,fr
a-2,,7 Elm Street,,Springwood,,us
"""
QUERIES = """id,address,postal_code,city,gold_id,kind
q-1,12 rue des Lillas,76000,Rouen,a-1,typo
q-2,"7 Elm St, Springwood",,,a-2;a-9,oneline
q-3,99 rue des Lilas,76000,Rouen,,neighbour
q-4,,,,,empty
"""


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    (tmp_path / "register.csv").write_text(REGISTER)
    (tmp_path / "queries.csv").write_text("\ufeff" + QUERIES, encoding="utf-8")
    return ["--register", str(tmp_path / "register.csv"), "--queries", str(tmp_path / "queries.csv")]


def test_match_writes_a_line_per_query(files: list[str], tmp_path: Path) -> None:
    assert main(["match", *files, "--output", str(tmp_path / "out.csv")]) == 0

    with (tmp_path / "out.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert list(lines[0]) == ["query_id", "address_id", "score", "verdict", "evidence"]
    assert [(line["query_id"], line["address_id"], line["verdict"]) for line in lines] == [
        ("q-1", "a-1", "match"),
        ("q-2", "a-2", "match"),
        ("q-3", "a-1", "new"),
        ("q-4", "", "new"),
    ]
    assert {one["field"] for one in json.loads(lines[0]["evidence"])} >= {"house number", "street"}


@pytest.mark.parametrize("at_once", [[], ["--at-once", "3"]], ids=["one by one", "as a set"])
def test_evaluate_prints_its_figures(files: list[str], at_once: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", *files, *at_once]) == 0

    said = json.loads(capsys.readouterr().out)
    assert {name: said[name] for name in ("precision", "recall", "f1", "top1", "false_accept", "review_share")} == {
        "precision": 1.0,
        "recall": 1.0,
        "f1": 1.0,
        "top1": 1.0,
        "false_accept": 0.0,
        "review_share": 0.0,
    }
    assert set(said) >= {"calibration_error", "queries_per_cpu_second", "p50_ms", "p99_ms", "peak_mib", "build_seconds"}


def test_a_file_that_cannot_be_used_is_named(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    Path(files[3]).write_text("address\n12 rue\n")

    assert main(["evaluate", *files]) == 2
    assert capsys.readouterr().err.strip().endswith("queries.csv: the header has no column id, gold_id")
    assert main(["evaluate", "--register", "nowhere.csv", *files[2:]]) == 2
