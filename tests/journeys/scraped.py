"""What Prometheus would be told by every process of the running system."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.error import URLError
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from docker.local.measured import TARGETS
from docker.local.up import RunningSystem


@dataclass(frozen=True)
class Sample:
    """One line of an answer."""

    process: str
    name: str
    labels: dict[str, str]
    value: float


def places(system: RunningSystem) -> dict[str, str]:
    """Process → where it answers."""
    listed = json.loads((system.settings.state / TARGETS).read_text())
    return {one["labels"]["process"]: one["targets"][0] for one in listed}


def scrape(system: RunningSystem, *processes: str) -> list[Sample]:
    """What these processes say, or all of them."""
    return [sample for name, place in places(system).items() if name in (processes or (name,)) for sample in _said(name, place)]  # fmt: skip


def total(samples: list[Sample], name: str, **labels: str) -> float:
    """The sum of the samples of this name that have these labels."""
    return sum(one.value for one in samples if one.name == name and labels.items() <= one.labels.items())


def _said(process: str, place: str) -> Iterator[Sample]:
    try:
        with urlopen(f"http://{place}/metrics", timeout=10) as answer:
            text = answer.read().decode()
    except (URLError, ConnectionError):
        return  # it is starting: a Celery worker answers when its children are there
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            yield Sample(process, sample.name, sample.labels, sample.value)
