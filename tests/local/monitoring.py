"""What the files of docker/monitoring ask Prometheus."""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from docker.local.settings import REPOSITORY

MONITORING = REPOSITORY / "docker/monitoring"
DASHBOARDS = sorted((MONITORING / "grafana/dashboards").glob("*.json"))
RULES = MONITORING / "alerts.yml"

needs_prometheus = pytest.mark.skipif(
    not shutil.which("promtool"), reason="no Prometheus on this machine: apt-get install prometheus"
)

_ASIDE = re.compile(r"\{[^{}]*\}|\[[^\]]*\]|\b(?:by|on|without|ignoring)\s*\([^)]*\)|\"[^\"]*\"")
_NAME = re.compile(r"\b[a-z_][a-z0-9_]*_[a-z0-9_]*\b(?!\s*\()")
_LABELS = re.compile(r"\{([^{}]*)\}")
_GROUPED = re.compile(r"\b(?:by|on)\s*\(([^)]*)\)")


@dataclass(frozen=True)
class Question:
    """One expression, and where it stands."""

    where: str
    expression: str

    @property
    def metrics(self) -> set[str]:
        """The names of the series it reads."""
        return set(_NAME.findall(_ASIDE.sub(" ", self.expression)))

    @property
    def labels(self) -> set[str]:
        """The labels it chooses or groups by."""
        chosen = {
            re.split(r"[!=]", one)[0].strip() for text in _LABELS.findall(self.expression) for one in _parts(text)
        }
        grouped = {one.strip() for text in _GROUPED.findall(self.expression) for one in text.split(",")}
        return chosen | grouped


def rules() -> list[dict[str, Any]]:
    """The alerts."""
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def panels(dashboard: Path) -> list[dict[str, Any]]:
    """The panels of a dashboard, rows among them."""
    return list(json.loads(dashboard.read_text())["panels"])


def questions() -> Iterator[Question]:
    """Everything that alerts and panels ask; what Grafana fills in is filled in."""
    for rule in rules():
        yield Question(rule["alert"], rule["expr"])
    for dashboard in DASHBOARDS:
        for panel in panels(dashboard):
            for target in panel.get("targets", []):
                yield Question(f"{dashboard.stem}: {panel['title']}", target["expr"].replace("$__rate_interval", "1m"))


def _parts(matchers: str) -> list[str]:
    return [one for one in re.split(r',(?=(?:[^"]*"[^"]*")*[^"]*$)', matchers) if one.strip()]
