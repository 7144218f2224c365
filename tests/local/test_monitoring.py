"""Alerts fire on what they are for; dashboards are what Grafana reads."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from docker.local.settings import REPOSITORY
from tests.local.monitoring import DASHBOARDS, MONITORING, RULES, Question, needs_prometheus, panels, questions, rules

TESTS = REPOSITORY / "tests/local/alerts.test.yml"


def promtool(*arguments: str) -> str:
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, timeout=60, cwd=REPOSITORY)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@needs_prometheus
def test_every_alert_fires_on_what_it_is_for() -> None:
    promtool("test", "rules", str(TESTS))


def test_every_alert_is_tried() -> None:
    tried = {
        one["alertname"]
        for test in yaml.safe_load(TESTS.read_text())["tests"]
        for one in test["alert_rule_test"]
        if one["exp_alerts"]
    }

    assert tried == {rule["alert"] for rule in rules()}


def test_every_alert_says_what_happened_and_where_to_look() -> None:
    for rule in rules():
        assert set(rule["annotations"]) == {"summary", "look"}, rule["alert"]
        assert rule["labels"]["severity"] in {"critical", "warning"}, rule["alert"]


@needs_prometheus
@pytest.mark.parametrize("file", sorted(MONITORING.glob("prometheus*.yml")), ids=lambda file: file.name)
def test_prometheus_reads_its_configuration(file: Path) -> None:
    promtool("check", "config", "--syntax-only", str(file))
    promtool("check", "rules", str(RULES))


@needs_prometheus
def test_what_panels_ask_is_promql(tmp_path: Path) -> None:
    recorded = [{"record": f"panel:{n}", "expr": one.expression} for n, one in enumerate(questions())]
    file = tmp_path / "panels.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": recorded}]}))

    promtool("check", "rules", str(file))


@pytest.mark.parametrize("file", DASHBOARDS, ids=lambda file: file.stem)
def test_grafanas_own_types_take_all_of_a_dashboard(file: Path) -> None:
    """They are made from Grafana's schema; what it does not know they leave out."""
    register_default_plugins()
    written = json.loads(file.read_text())

    read = json.loads(json.dumps(Dashboard.from_json(written), cls=JSONEncoder))

    assert missing(written, read) == []


@pytest.mark.parametrize("file", DASHBOARDS, ids=lambda file: file.stem)
def test_panels_have_a_place_of_their_own(file: Path) -> None:
    places = [
        (x, y)
        for panel in panels(file)
        for at in [panel["gridPos"]]
        for x in range(at["x"], at["x"] + at["w"])
        for y in range(at["y"], at["y"] + at["h"])
    ]

    assert len(places) == len(set(places))
    assert all(x < 24 for x, _ in places)
    assert len({panel["id"] for panel in panels(file)}) == len(panels(file))


def test_dashboards_ask_the_source_that_is_there() -> None:
    sources = yaml.safe_load((MONITORING / "grafana/provisioning/datasources/prometheus.yml").read_text())
    (source,) = sources["datasources"]

    asked = {panel["datasource"]["uid"] for file in DASHBOARDS for panel in panels(file) if panel["type"] != "row"}
    assert asked == {source["uid"]}


def test_what_an_expression_reads_is_found_in_it() -> None:
    asked = Question(
        "", 'sum by (le, fact) (rate(worker_fact_seconds_bucket{outcome!="a_b, c_d", queue=~"x"}[5m])) or up'
    )

    assert asked.metrics == {"worker_fact_seconds_bucket"}
    assert asked.labels == {"le", "fact", "outcome", "queue"}


def missing(written: Any, read: Any, where: str = "") -> list[str]:
    """What is in one and not, or otherwise, in the other."""
    if isinstance(written, dict) and isinstance(read, dict):
        return [found for key, value in written.items() for found in missing(value, read.get(key), f"{where}.{key}")]
    if isinstance(written, list) and isinstance(read, list) and len(written) == len(read):
        return [
            found for n, pair in enumerate(zip(written, read, strict=True)) for found in missing(*pair, f"{where}[{n}]")
        ]
    return [] if written == read else [f"{where}: {written!r}, not {read!r}"]
