"""Held-out figures say the same as the matcher would: verdicts, shares and how far probabilities can be trusted."""

import json
import math

from workers.matching.learn.examples import Example, example
from workers.matching.learn.held_out import Figures, bins, by_source, figures, judge
from workers.matching.matcher import Address, Verdict, best_match
from workers.matching.matcher.evidence import Finding
from workers.matching.matcher.weights import FILE, Weights, weights, weights_of

SURE = Finding("postal code", "same")
UNSURE = Finding("postal code", "other")
DOUBTFUL = Finding("house number", "missing")


def worth() -> Weights:
    said = json.loads(FILE.read_text(encoding="utf-8"))
    said["prior"] = 0.0
    said["evidence"]["postal code"]["levels"] |= {"same": math.log(9.0), "other": -math.log(9.0)}
    said["evidence"]["house number"]["levels"]["missing"] = 0.0
    return weights_of(said)


def test_a_verdict_is_the_matchers_own() -> None:
    known = [
        ("a", Address("12 Oak Street", city="Leeds", postal_code="LS1 4AB")),
        ("b", Address("14 Oak Street", city="Leeds", postal_code="LS1 4AB")),
        ("c", Address("12 Oak Street", city="Hull", postal_code="HU1 1AA")),
    ]
    for typed in ("12 Oak St", "12 Oke Street", "Street 14 Oak", "12 Oak Street Flat 3", "99 Elm Road"):
        address = Address(typed, city="Leeds", postal_code="LS1 4AB")
        match = best_match(address, known)

        judged = judge(weights(), example(address, known, frozenset({"a"})))

        assert match.best is not None
        if match.best.contradiction:
            assert judged is None or judged.verdict is Verdict.NEW
        else:
            assert judged is not None
            assert (judged.verdict, judged.is_right) == (match.verdict, match.best.id == "a")
            assert abs(judged.probability - match.probability) < 0.001


def test_figures_count_what_is_not_found_and_what_is_accepted_wrongly() -> None:
    found = [
        Example(((SURE,), (UNSURE,)), frozenset({0}), "one", is_there=True),
        # Not among the candidates.
        Example((), frozenset(), "one", is_there=True),
        # The neighbour of what is not there.
        Example(((SURE,),), frozenset(), "one"),
        Example(((SURE, DOUBTFUL),), frozenset(), "one"),
        Example(((UNSURE,),), frozenset(), "other"),
    ]

    # Of three that were given about 0.9 one is right; the first has a rival.
    rivalled = 9 / (1 + 9 + 1 / 9)
    apart = (abs(rivalled - 1) + 2 * 0.9) / 3
    assert by_source(worth(), found) == {
        "one": Figures(4, 0.5, 0.5, 0.5, 0.5, 0.25, round(apart, 4)),
        "other": Figures(1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.1),
    }


def test_bins_hold_what_was_given_and_what_was_right() -> None:
    right = Example(((SURE,),), frozenset({0}), is_there=True)
    wrong = Example(((SURE,),), frozenset())
    judged = [judge(worth(), one) for one in [right] * 8 + [wrong] * 2]

    (only,) = bins(one for one in judged if one)

    assert only.count == 10
    assert abs(only.given - 0.9) < 1e-9
    assert only.right == 0.8
    assert figures(worth(), [right] * 8 + [wrong] * 2).calibration_error == 0.1
