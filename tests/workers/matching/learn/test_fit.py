"""Fitting finds the weights that examples were drawn from; what it learns on one half it keeps on the other."""

import json
import math
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.workers.matching.learn.answers import answered
from workers.matching.evaluate import answer, calibration_error
from workers.matching.index.memory import MemoryIndex
from workers.matching.learn.examples import Example, examples
from workers.matching.learn.fit import Model, fit
from workers.matching.learn.held_out import as_document, by_source, loss
from workers.matching.learn.train import START, apart, by_hand, learn, made, written
from workers.matching.matcher.evidence import Finding
from workers.matching.matcher.weights import FILE, WrongWeights, weights, weights_of

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


def test_a_doubt_is_left_for_a_person_to_settle_however_seldom_it_is_right() -> None:
    model: Model = {"version": 1, "prior": 0.0, "evidence": {"unit": {"levels": {"missing": -5.0, "same": 1.0}}}}
    never = [Example(((Finding("unit", "missing"),),), frozenset())] * 5_000

    assert fit(model, never, is_stretched=False)["evidence"]["unit"]["levels"]["missing"] == -5.5


def test_weights_that_were_held_back_are_stretched_until_they_are_as_sure_as_they_may_be() -> None:
    shown, held_out = drawn(2_000, 3), drawn(2_000, 4)
    model: Model = {**json.loads(FILE.read_text(encoding="utf-8")), "prior": 0.0}
    model["evidence"]["postal code"]["levels"] |= dict.fromkeys(TRUE["evidence"]["postal code"]["levels"], 0.0)

    timid, sure = (fit(model, shown, ridge=500.0, is_stretched=is_stretched) for is_stretched in (False, True))

    factor = sure["prior"] / timid["prior"]
    assert factor > 1.1
    for level, worth in timid["evidence"]["postal code"]["levels"].items():
        assert sure["evidence"]["postal code"]["levels"][level] == pytest.approx(factor * worth, abs=0.01)
    assert loss(weights_of(sure), held_out) < loss(weights_of(timid), held_out)
    off = [by_source(weights_of(one), held_out)[""].calibration_error for one in (timid, sure)]
    assert off[1] < off[0]


def test_without_examples_nothing_changes() -> None:
    assert fit(TRUE, []) == TRUE


def test_what_was_learned_is_a_file_that_can_be_read_and_says_what_it_is_worth(tmp_path: Path) -> None:
    before = json.loads(FILE.read_text(encoding="utf-8"))
    shown, held_out = apart(examples(*made(3, 250), "made"))
    file = tmp_path / "weights.json"

    learned = learn(before, shown, held_out)
    file.write_text(written(learned.model), encoding="utf-8")

    assert json.loads(file.read_text(encoding="utf-8")) == learned.model
    assert weights(file) == weights_of(learned.model)
    assert weights(file).version == before["version"] + 1
    assert learned.model["trained_on"] == {"made": 200}
    assert learned.model["held_out"] == as_document(by_source(weights(file), held_out))
    assert learned.model["held_out"]["made"]["queries"] == 50
    assert learn(before, shown, held_out) == learned


def test_weights_that_are_better_are_told_from_those_that_are_not() -> None:
    shown, held_out = drawn(2_000, 3), drawn(2_000, 4)
    model: Model = {**json.loads(FILE.read_text(encoding="utf-8")), "prior": TRUE["prior"]}
    model["evidence"]["postal code"]["levels"] |= TRUE["evidence"]["postal code"]["levels"]
    wrong = {**model, "prior": 2.0}

    assert learn(wrong, shown, held_out).is_better
    assert loss(weights_of(model), held_out) < loss(weights_of(wrong), held_out)
    # Nothing is learned from what is never so.
    contrary = [Example(one.candidates, frozenset()) for one in shown]
    assert not learn(model, contrary, held_out).is_better


def test_fitting_begins_with_the_weights_set_by_hand_whatever_is_in_use() -> None:
    in_use = json.loads(FILE.read_text(encoding="utf-8"))
    other = json.loads(FILE.read_text(encoding="utf-8"))
    other["evidence"]["region"]["levels"]["same"] = 9.0
    newer = json.loads(FILE.read_text(encoding="utf-8"))
    newer["evidence"]["region"]["levels"]["new"] = 0.7
    start = json.loads(START.read_text(encoding="utf-8"))

    assert by_hand(in_use) == by_hand(other)
    assert by_hand(in_use)["prior"] == start["prior"]
    assert by_hand(in_use)["evidence"]["region"] == start["evidence"]["region"]
    assert by_hand(newer)["evidence"]["region"]["levels"] == {**start["evidence"]["region"]["levels"], "new": 0.7}


def test_a_few_examples_of_one_s_own_leave_alone_what_they_say_nothing_about() -> None:
    in_use = json.loads(FILE.read_text(encoding="utf-8"))
    in_use["evidence"]["region"]["levels"]["same"] = 0.9
    few = drawn(40, 5)

    def region(goes_on: bool) -> Any:
        return learn(in_use, few, few, goes_on).model["evidence"]["region"]

    assert region(goes_on=True) == in_use["evidence"]["region"]
    from_hand, by_hand_ = region(goes_on=False)["levels"], by_hand(in_use)["evidence"]["region"]["levels"]
    assert from_hand["same"] / by_hand_["same"] == pytest.approx(from_hand["other"] / by_hand_["other"], abs=0.01)


def test_weights_without_a_level_that_the_evidence_finds_are_refused() -> None:
    with pytest.raises(WrongWeights, match="levels of `house number` must be same"):
        learn(TRUE, [], [])


def test_what_is_given_is_about_as_often_right_on_queries_it_never_saw() -> None:
    register, queries = made(11, 800)

    assert calibration_error(answer(MemoryIndex(register), queries)) < 0.05


def test_an_overconfident_answer_is_found_out() -> None:
    assert calibration_error([answered(0.95, right=False)] * 10) > 0.9
