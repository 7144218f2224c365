"""
Fits the weights of the evidence to labelled examples.

One of the candidates is meant, or none: the probability of a candidate is its odds among all of them and one, as in
``matcher/decide.py``. The weights are those under which the right answers are most probable (a conditional logit, which is
convex), drawn towards the weights there were (ridge), so that what the examples do not show stays as it was. A greater
similarity never counts less.
"""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from typing import Any

from workers.matching.learn.examples import Example
from workers.matching.matcher.evidence import LEVELS, Finding

Model = dict[str, Any]
"""what is in ``weights.json``"""
Features = tuple[tuple[int, float], ...]
"""place of a weight → how much of it counts"""

FALLING = {
    "postal code": (("same", "one_slip", "part", "other"), ("same", "one_slip", "part_fine", "other_fine")),
    "house number": (("same", "elsewhere", "in_line"), ("same", "missing"), ("same", "in_range")),
    "unit": (("same", "missing"),),
    "region": (("same", "other"),),
}
"""levels of which the former never counts less than the latter"""
_DOUBT = -5.5
"""the least that a doubt counts: a person is to settle it, so it must not weigh so much that nobody is asked"""
_STEPS = 200
_RISE, _FALL = 1.2, 0.5
"""how the step of a weight changes while its slope keeps or turns its sign (Rprop)"""


def fit(model: Model, examples: Sequence[Example], *, ridge: float = 3.5, steps: int = _STEPS) -> Model:
    """
    The model with the weights under which the examples are most probable.

    :param model: what is in the file of weights: the levels and curves there are, and what the weights are drawn towards
    :param ridge: how strongly; so many examples weigh as much as a difference of one
    """
    names = _weights(model)
    place = {name: index for index, name in enumerate(names)}
    before = [_worth(model, name) for name in names]
    # Most examples say what others say as well.
    counted = Counter((tuple(_features(model, place, one) for one in e.candidates), e.meant) for e in examples)
    values, signs, step = list(before), [0.0] * len(before), [0.1] * len(before)
    best, best_values = math.inf, list(before)
    for _ in range(steps):
        cost, slope = _cost(values, before, counted, ridge)
        if cost < best:
            best, best_values = cost, list(values)
        for index, now in enumerate(slope):
            turned = signs[index] * now
            step[index] = min(1.0, step[index] * _RISE) if turned > 0 else step[index] * (_FALL if turned < 0 else 1)
            signs[index] = 0.0 if turned < 0 else now
            values[index] -= math.copysign(step[index], now) if turned >= 0 and now else 0.0
        _keep_order(model, place, values)
    return _with(model, names, best_values)


def probabilities(values: Sequence[float], candidates: Sequence[Features]) -> list[float]:
    """Of each candidate, that it is meant, the others and none of them considered."""
    odds = [math.exp(min(40.0, sum(values[at] * much for at, much in one))) for one in candidates]
    total = 1.0 + sum(odds)
    return [one / total for one in odds]


def _cost(
    values: list[float],
    before: list[float],
    counted: Counter[tuple[tuple[Features, ...], frozenset[int]]],
    ridge: float,
) -> tuple[float, list[float]]:
    cost = ridge / 2 * sum((value - was) ** 2 for value, was in zip(values, before, strict=True))
    slope = [ridge * (value - was) for value, was in zip(values, before, strict=True)]
    for (candidates, meant), times in counted.items():
        likely = probabilities(values, candidates)
        right = sum(likely[at] for at in meant) if meant else 1.0 - sum(likely)
        right = max(right, 1e-12)
        cost -= times * math.log(right)
        for at, features in enumerate(candidates):
            # The slope of the logarithm: what is expected of a candidate, less its share in what is right.
            pull = times * (likely[at] - (likely[at] / right if at in meant else 0.0))
            if abs(pull) > 1e-9:
                for weight, much in features:
                    slope[weight] += pull * much
    return cost, slope


def _weights(model: Model) -> list[tuple[str, str, int]]:
    names = [("", "prior", 0)]
    for name, evidence in model["evidence"].items():
        names += [(name, level, -1) for level in evidence["levels"]]
        names += [(name, "", at) for at in range(len(evidence.get("curve", ())))]
    return names


def _worth(model: Model, name: tuple[str, str, int]) -> float:
    evidence, level, at = name
    if level == "prior":
        return float(model["prior"])
    said = model["evidence"][evidence]
    return float(said["levels"][level] if at < 0 else said["curve"][at][1])


def _features(model: Model, place: dict[tuple[str, str, int], int], findings: tuple[Finding, ...]) -> Features:
    found = [(0, 1.0)]
    for name, level, similarity in findings:
        if LEVELS[name][level].is_hard:
            continue
        found.append((place[name, level, -1], 1.0))
        curve = model["evidence"][name].get("curve")
        if similarity is not None and curve:
            found += _between(curve, place[name, "", 0], round(similarity, 3))
    return tuple(found)


def _between(curve: Sequence[Sequence[float]], first: int, x: float) -> list[tuple[int, float]]:
    at = bisect_right([known for known, _ in curve], x)
    if at >= len(curve):
        return [(first + len(curve) - 1, 1.0)]
    low, high = curve[at - 1][0], curve[at][0]
    share = (x - low) / (high - low)
    return [(first + at - 1, 1.0 - share), (first + at, share)]


def _keep_order(model: Model, place: dict[tuple[str, str, int], int], values: list[float]) -> None:
    for name, evidence in model["evidence"].items():
        if curve := evidence.get("curve"):
            _rising(values, [place[name, "", at] for at in range(len(curve))])
        for level in evidence["levels"]:
            if LEVELS[name][level].is_doubtful:
                at = place[name, level, -1]
                values[at] = max(values[at], _DOUBT)
        for chain in FALLING.get(name, ()):
            known = [place[name, level, -1] for level in reversed(chain) if level in evidence["levels"]]
            _rising(values, known)


def _rising(values: list[float], places: list[int]) -> None:
    """Where values fall, give the violators their mean (pool adjacent violators)."""
    blocks: list[list[float]] = []
    for at in places:
        blocks.append([values[at], 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (one, few), (other, more) = blocks[-2], blocks[-1]
            blocks[-2:] = [[(one * few + other * more) / (few + more), few + more]]
    said = [mean for mean, count in blocks for _ in range(int(count))]
    for at, value in zip(places, said, strict=True):
        values[at] = value


def _with(model: Model, names: list[tuple[str, str, int]], values: list[float]) -> Model:
    fitted: Model = {**model, "evidence": {}}
    for name, evidence in model["evidence"].items():
        fitted["evidence"][name] = {"levels": dict(evidence["levels"])}
        if "curve" in evidence:
            fitted["evidence"][name]["curve"] = [list(point) for point in evidence["curve"]]
    for (name, level, at), value in zip(names, values, strict=True):
        # Without a sign before zero.
        worth = round(value, 3) + 0.0
        if level == "prior":
            fitted["prior"] = worth
        elif at < 0:
            fitted["evidence"][name]["levels"][level] = worth
        else:
            fitted["evidence"][name]["curve"][at][1] = worth
    return fitted
