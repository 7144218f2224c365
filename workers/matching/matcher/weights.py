"""What each finding adds to the logarithm of the odds: the numbers of ``weights.json``, checked when they are read."""

import json
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from workers.matching.matcher.evidence import LEVELS, Finding

FILE = Path(__file__).with_name("weights.json")

CONTRADICTION = -10.0
"""what a hard fact counts in the sum; that nothing outvotes it is a rule of its own"""

Curve = tuple[tuple[float, float], ...]
"""similarity → contribution, with straight lines between"""


class WrongWeights(ValueError):
    """The file does not say what each level is worth."""


@dataclass(frozen=True, slots=True)
class Weights:
    """An additive model: the contributions of the findings and the prior sum to the logarithm of the odds."""

    version: int
    prior: float
    """how improbable it is that a candidate is meant, before anything is compared"""
    levels: dict[tuple[str, str], float]
    """evidence and level → contribution"""
    curves: dict[str, Curve]
    """evidence → what its similarity adds to that"""

    def of(self, finding: Finding) -> float:
        """What a finding contributes."""
        name, level, similarity = finding
        worth = self.levels[name, level]
        if similarity is not None and (curve := self.curves.get(name)):
            worth += on(curve, similarity)
        return worth

    def most(self, name: str) -> float:
        """The most a piece of evidence could contribute."""
        best = max(worth for (evidence, _), worth in self.levels.items() if evidence == name)
        return best + max((y for _, y in self.curves.get(name, ())), default=0.0)


@cache
def weights(file: Path = FILE) -> Weights:
    """
    Read the weights.

    :raises WrongWeights: when a level has none, or a curve does not rise from 0 to 1
    """
    return weights_of(json.loads(file.read_text(encoding="utf-8")), file.name)


def weights_of(said: Mapping[str, Any], source: str = "the weights") -> Weights:
    """
    The same from what such a file says.

    :param source: the name that complaints begin with
    """
    levels: dict[tuple[str, str], float] = {}
    curves: dict[str, Curve] = {}
    for name, codes in LEVELS.items():
        evidence = said["evidence"].get(name, {})
        soft = [code for code, level in codes.items() if not level.is_hard]
        if set(evidence.get("levels", {})) != set(soft):
            raise WrongWeights(f"{source}: the levels of `{name}` must be {', '.join(soft)}")
        levels |= {(name, code): CONTRADICTION for code in codes}
        levels |= {(name, code): float(worth) for code, worth in evidence["levels"].items()}
        if curve := tuple((float(x), float(y)) for x, y in evidence.get("curve", ())):
            places = [x for x, _ in curve]
            if places != sorted(set(places)) or (places[0], places[-1]) != (0.0, 1.0):
                raise WrongWeights(f"{source}: the curve of `{name}` must go from similarity 0 to 1")
            curves[name] = curve
    return Weights(said["version"], float(said["prior"]), levels, curves)


def on(curve: Curve, x: float) -> float:
    """
    The height of a curve.

    >>> on(((0.0, -1.0), (1.0, 1.0)), 0.75)
    0.5
    """
    if x >= curve[-1][0]:
        return curve[-1][1]
    place = bisect_right(curve, (x, float("inf")))
    (x0, y0), (x1, y1) = curve[max(place - 1, 0)], curve[max(place, 1)]
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
