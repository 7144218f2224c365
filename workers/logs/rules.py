"""When something is wrong, and when it is well again: pure, so that it can be read and tried."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Rule(StrEnum):
    """What can be wrong with a service."""

    ERROR_RATE = "ERROR_RATE"
    """too many of its lines are errors, or too many of its answers"""
    LATENCY = "LATENCY"
    """too many requests take long"""
    QUEUE_AGE = "QUEUE_AGE"
    """too many facts waited long for it"""
    SILENCE = "SILENCE"
    """one of its processes is not heard any more"""


@dataclass(frozen=True)
class Bounds:
    """From where on something is wrong."""

    open_at: float
    """so much, and more"""
    clear_at: float
    """less than that is well again; between the two nothing changes"""
    least: int
    """so many bad ones prove something"""
    open_after: int
    """looks in a row"""
    clear_after: int
    """looks in a row"""


@dataclass(frozen=True)
class Reading:
    """What one look finds for one service, or for one of its processes."""

    rule: Rule
    service: str
    value: float
    """a share, or seconds of silence"""
    bad: int
    """how many were bad, where they can be counted"""
    text: str
    """for people"""
    process: str | None = None

    @property
    def key(self) -> str:
        """What there can be one open alert of."""
        return " ".join([self.rule.value, self.service, *([self.process] if self.process else [])])


@dataclass
class Judge:
    """
    Hysteresis: an alert opens after several bad looks in a row and clears after several good ones.

    What lies between the bounds is neither, and begins no row anew: a value that hovers there opens and clears nothing.
    """

    bounds: Mapping[Rule, Bounds]
    _bad: dict[str, int] = field(default_factory=dict)
    _good: dict[str, int] = field(default_factory=dict)

    def opened(self, readings: Iterable[Reading], is_open: frozenset[str]) -> list[Reading]:
        """What is to be opened now."""
        found = []
        for reading in readings:
            bounds = self.bounds[reading.rule]
            is_bad = reading.value >= bounds.open_at and reading.bad >= bounds.least
            is_good = reading.value < bounds.clear_at
            if is_bad:
                self._bad[reading.key] = self._bad.get(reading.key, 0) + 1
            elif is_good:
                self._bad.pop(reading.key, None)
            if reading.key not in is_open and is_bad and self._bad[reading.key] >= bounds.open_after:
                self._good.pop(reading.key, None)
                found.append(reading)
        return found

    def cleared(self, readings: Iterable[Reading], is_open: frozenset[str]) -> list[str]:
        """The keys of what is to be cleared now; of what nothing is read any more, nothing is bad any more."""
        read = {reading.key: reading for reading in readings}
        found = []
        for key in sorted(is_open):
            reading = read.get(key)
            bounds = self.bounds[Rule(key.split(" ")[0])]
            if reading is None or reading.value < bounds.clear_at:
                self._good[key] = self._good.get(key, 0) + 1
            elif reading.value >= bounds.open_at:
                self._good.pop(key, None)
            if self._good.get(key, 0) >= bounds.clear_after:
                self._good.pop(key, None)
                self._bad.pop(key, None)
                found.append(key)
        return found
