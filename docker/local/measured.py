"""
Where Prometheus finds what each process measures of itself: every process has a free port for it, and one file lists all.

The file is what Prometheus calls file-based service discovery; ``docker/monitoring`` says how it is read.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from docker.local.ports import pick_free
from docker.local.private_file import write_private
from docker.local.process import Process

TARGETS = "metrics.json"
BROKER = "metrics-rabbitmq.json"
"""in the state folder"""


def measured(processes: Sequence[Process], state: Path) -> list[Process]:
    """The processes, each told where to answer Prometheus; the file says what they were told."""
    places = [f"127.0.0.1:{port}" for port in pick_free(len(processes))]
    targets = [
        {"targets": [place], "labels": {"process": process.name.replace(" ", "-")}}
        for process, place in zip(processes, places, strict=True)
    ]
    write_private(state / TARGETS, json.dumps(targets, indent=1), mode=0o644)
    return [
        replace(process, environment={**process.environment, _variable(process): place})
        for process, place in zip(processes, places, strict=True)
    ]


def broker_measured(port: int | None, state: Path) -> None:
    """Say where RabbitMQ tells what waits in its queues; ``None``: it was not started here."""
    targets = [{"targets": [f"127.0.0.1:{port}"], "labels": {"process": "rabbitmq"}}] if port else []
    write_private(state / BROKER, json.dumps(targets, indent=1), mode=0o644)


def _variable(process: Process) -> str:
    return "GATEWAY_METRICS" if process.name == "gateway" else "METRICS"
