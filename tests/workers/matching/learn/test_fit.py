"""Fitting finds the weights that examples were drawn from; what it learns on one half it keeps on the other."""

import json
import math
from pathlib import Path
from random import Random

from tests.workers.matching.learn.answers import answered
from workers.matching.evaluate import answer, calibration_error
from workers.matching.index.memory import MemoryIndex
from workers.matching.learn.examples import Example
from workers.matching.learn.fit import Model, fit
from workers.matching.learn.train import learn, made
from workers.matching.matcher.evidence import Finding
from workers.matching.matcher.weights import FILE, weights

TRUE: Model = {
    "version": 1,
    "prior": -1.0,
    "evidence": {"postal code": {"levels": {"same": 3.0, "one_slip": 1.0, "part": -1.0, "other": -2.0}}},
}


def drawn(count: int, seed: int) -> list[Example]:
    """Examples as often right as the true weights say."""
    random, levels = Random(seed), TRUE["evidence"]["postal code"]["levels"]
    found = []
    for _ in range(count):
        candidates = random.choices(list(levels), k=3)
        odds = [1.0, *(math.exp(TRUE["prior"] + levels[one]) for one in candidates)]
        meant = random.choices(range(-1, 3), odds)[0]
        found.append(Example(tuple((Finding("postal code", one),) for one in candidates), frozenset({meant} - {-1})))
    return found


def test_known_weights_are_found_again() -> None:
    blank: Model = {
        "version": 1,
        "prior": 0.0,
        "evidence": {"postal code": {"levels": dict.fromkeys(TRUE["evidence"]["postal code"]["levels"], 0.0)}},
    }

    fitted = fit(blank, drawn(20_000, 1), ridge=0.01)

    for level, worth in TRUE["evidence"]["postal code"]["levels"].items():
        assert (
            abs(fitted["prior"] + fitted["evidence"]["postal code"]["levels"][level] - (TRUE["prior"] + worth)) < 0.15
        )


def test_more_alike_never_counts_less() -> None:
    model: Model = {
        "version": 1,
        "prior": 0.0,
        "evidence": {"city": {"levels": {"said": 0.0}, "curve": [[0.0, -1.0], [0.5, 0.0], [1.0, 1.0]]}},
    }
    # Here the less alike are more often right.
    said = [(0.0, True), (0.5, True), (0.5, False), (1.0, False)] * 50
    contrary = [Example(((Finding("city", "said", x),),), frozenset({0} if right else ())) for x, right in said]

    heights = [y for _, y in fit(model, contrary)["evidence"]["city"]["curve"]]

    assert heights == sorted(heights)


def test_without_examples_nothing_changes() -> None:
    assert fit(TRUE, []) == TRUE


def test_the_same_examples_give_a_file_that_can_be_read_and_says_what_it_learned_from(tmp_path: Path) -> None:
    # One is there, with the weights in use; the other is not there yet, and begins with the same.
    files = [tmp_path / "one.json", tmp_path / "other.json"]
    files[0].write_text(FILE.read_text(encoding="utf-8"), encoding="utf-8")
    for file in files:
        learn(file, [("made", made(3, 1_500, 150))])

    assert files[0].read_text() == files[1].read_text()
    assert weights(files[0]).version == json.loads(FILE.read_text(encoding="utf-8"))["version"] + 1
    assert json.loads(files[0].read_text())["trained_on"] == {"made": 150}


def test_what_is_given_is_about_as_often_right_on_queries_it_never_saw() -> None:
    register, queries = made(11, 4_000, 800)

    assert calibration_error(answer(MemoryIndex(register), queries)) < 0.05


def test_an_overconfident_answer_is_found_out() -> None:
    assert calibration_error([answered(0.95, right=False)] * 10) > 0.9
