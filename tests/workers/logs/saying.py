"""Saying lines as the processes of all services do."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pymongo.database import Database

from subgraphs.chassis.mongo import install_validator
from tests.workers.servers import Server
from workers.chassis.sign_lines import sign_lines

CONTRACTS = Path(__file__).parents[3] / "subgraphs/logs/contracts"
Documents = Database[dict[str, Any]]


def prepared(documents: Documents) -> Documents:
    """The database as the subgraph prepares it, as far as the workers lean on it."""
    for collection, contract in (("entries", "log_entry"), ("alerts", "alert"), ("sources", "log_source")):
        install_validator(documents, collection, json.loads((CONTRACTS / f"{contract}.document.json").read_text()))
    documents["entries"].create_index("time", expireAfterSeconds=3600)
    documents["alerts"].create_index("key", unique=True, partialFilterExpression={"status": "OPEN"})
    return documents


def line(event: str, **more: Any) -> str:
    """A line as a service writes it."""
    return json.dumps({"event": event, "level": "info", "time": datetime.now(UTC).isoformat(), **more})


def batch(
    *lines: str,
    service: str = "subscribers",
    process: str = "subgraphs.subscribers serve",
    instance: str = "web-1:7",
    leaves: bool = False,
    id: str = "",
) -> dict[str, Any]:
    """A batch of them."""
    data = {"process": process, "instance": instance, "leaves": leaves, "lines": list(lines)}
    return {
        "specversion": "1.0",
        "id": id or str(uuid4()),
        "type": "log.written.v1",
        "source": f"/{service}",
        "subject": process,
        "time": datetime.now(UTC).isoformat(),
        "datacontenttype": "application/json",
        "audience": ["logs"],
        "data": data,
    }


def token_of(server: Server, service: str) -> str:
    """The token of a service for its lines."""
    return sign_lines(service, lambda: server.environment[f"{service.upper()}_SERVICE_KEY"])


def say(channel: BlockingChannel, server: Server, told: Mapping[str, Any], token: str | None = None) -> None:
    """Publish a batch."""
    token = token_of(server, told["source"].strip("/")) if token is None else token
    properties = pika.BasicProperties(headers={"service-token": token})
    channel.basic_publish(f"{server.namespace}.log_lines", "", json.dumps(told).encode(), properties)
