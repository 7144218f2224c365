"""
Fits the weights of the evidence to labelled examples.

One of the candidates is meant, or none: the probability of a candidate is its odds among all of them and one, as in
``matcher/decide.py``. The weights are those under which the right answers are most probable (a conditional logit, which is
convex), drawn towards the weights there were (ridge), so that what the examples do not show stays as it was. A greater
similarity never counts less.

Weights that are drawn towards others are too timid all together: an answer given 0.95 is right more often than that. So
all are stretched by one factor in the end, again that under which the examples are most probable (Guo et al., On
Calibration of Modern Neural Networks, 2017: temperature scaling). It changes no order of candidates.
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
"""
the least that a doubt counts before weights are stretched, where it did not count less to begin with: a person is to
settle it, so it must not weigh so much that nobody is asked
"""
_STEPS = 200
_RISE, _FALL = 1.2, 0.5
"""how the step of a weight changes while its slope keeps or turns its sign (Rprop)"""
_LEAST_STRETCH, _MOST_STRETCH = 0.5, 3.0
_NARROWED = 24
"""how often the stretch is narrowed down, by a third each time"""

Counted = Counter[tuple[tuple[Features, ...], frozenset[int]]]
"""the candidates of an example, and which of them are meant → how many examples say so"""


def fit(
    model: Model, examples: Sequence[Example], *, ridge: float = 3.5, steps: int = _STEPS, is_stretched: bool = True
) -> Model:
    """
    The model with the weights under which the examples are most probable.

    :param model: what is in the file of weights: the levels and curves there are, and what the weights are drawn towards
    :param ridge: how strongly; so many examples weigh as much as a difference of one
    :param is_stretched: whether all weights are stretched in the end; not those that go on from stretched ones
    """
    names = _weights(model)
    place = {name: index for index, name in enumerate(names)}
    before = [_worth(model, name) for name in names]
    # Most examples say what others say as well.
    counted: Counted = Counter((tuple(_features(model, place, one) for one in e.candidates), e.meant) for e in examples)
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
        _keep_order(model, place, values, before)
    stretch = _stretch(best_values, counted, ridge) if is_stretched else 1.0
    return _with(model, names, [stretch * value for value in best_values])


def probabilities(values: Sequence[float], candidates: Sequence[Features]) -> list[float]:
    """Of each candidate, that it is meant, the others and none of them considered."""
    odds = [math.exp(min(40.0, sum(values[at] * much for at, much in one))) for one in candidates]
    total = 1.0 + sum(odds)
    return [one / total for one in odds]


def _cost(
    values: list[float],
    before: list[float],
    counted: Counted,
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


def _stretch(values: Sequence[float], counted: Counted, ridge: float) -> float:
    """The factor of all weights under which the examples are most probable; as near to one as few of them make it."""
    summed: Counter[tuple[tuple[float, ...], frozenset[int]]] = Counter()
    for (candidates, meant), times in counted.items():
        summed[tuple(sum(values[at] * much for at, much in one) for one in candidates), meant] += times

    def cost(factor: float) -> float:
        spent = ridge / 2 * (factor - 1.0) ** 2
        for (sums, meant), times in summed.items():
            odds = [math.exp(min(40.0, factor * one)) for one in sums]
            spent -= times * math.log(max(1e-12, (sum(odds[at] for at in meant) if meant else 1.0) / (1.0 + sum(odds))))
        return spent

    low, high = _LEAST_STRETCH, _MOST_STRETCH
    for _ in range(_NARROWED):
        one, other = low + (high - low) / 3, high - (high - low) / 3
        low, high = (low, other) if cost(one) < cost(other) else (one, high)
    return (low + high) / 2


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


def _keep_order(
    model: Model, place: dict[tuple[str, str, int], int], values: list[float], before: Sequence[float]
) -> None:
    for name, evidence in model["evidence"].items():
        if curve := evidence.get("curve"):
            _rising(values, [place[name, "", at] for at in range(len(curve))])
        for level in evidence["levels"]:
            if LEVELS[name][level].is_doubtful:
                at = place[name, level, -1]
                values[at] = max(values[at], min(_DOUBT, before[at]))
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
