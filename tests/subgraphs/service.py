"""A service under test: its environment, its GraphQL endpoint in process, the commands it sends to MongoDB."""

import base64
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pymongo.monitoring
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from subgraphs.accounts.roles import SCOPES
from subgraphs.chassis.identity import TOKEN_HEADER, sign

ISSUERS = (
    "gateway",
    "subscribers",
    "addresses",
    "matching",
    "notifications",
    "suggestions",
    "monolith",
    "discounts",
    "logs",
    "operations",
    "realtime",
    "live_updates",
    "caches",
)
NAMESPACE = f"test_{uuid4().hex[:10]}"
MONGO_URL = os.environ.get("MONGO_URL", "mongodb://127.0.0.1:27017/?replicaSet=rs0")
RABBITMQ_URL = os.environ.get("RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672/%2F")


def text(raw: bytes) -> str:
    """Bytes as the settings carry them."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


_private = {name: Ed25519PrivateKey.generate() for name in ISSUERS}
KEYS = {name: text(key.private_bytes_raw()) for name, key in _private.items()}
PUBLIC_KEYS = {name: text(key.public_key().public_bytes_raw()) for name, key in _private.items()}


def set_environment(service: str) -> None:
    """Everything the service reads when its settings are imported; a namespace that nobody else uses."""
    os.environ.setdefault("MONGO_URL", MONGO_URL)
    os.environ.setdefault("RABBITMQ_URL", RABBITMQ_URL)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": f"subgraphs.{service}.settings",
        "DOORSTEP_NAMESPACE": NAMESPACE,
        "ALLOWED_HOSTS": "testserver",
        "SECRET_KEY": "only for this test",
        "SERVICE_PUBLIC_KEYS": json.dumps(PUBLIC_KEYS),
        f"{service.upper()}_SERVICE_KEY": KEYS[service],
    }


def drop_database(service: str) -> None:
    """Leave nothing behind."""
    from subgraphs.chassis import mongo

    mongo.client(service).drop_database(mongo.database_name(service))


@dataclass(frozen=True)
class Answer:
    """What the service answered."""

    status: int
    media_type: str
    body: dict[str, Any]

    @property
    def data(self) -> Any:
        """The data of an answer without errors."""
        assert "errors" not in self.body, self.body
        return self.body["data"]

    @property
    def messages(self) -> list[str]:
        """What its errors say."""
        return [error["message"] for error in self.body["errors"]]


class GraphQLOfService:
    """
    The service's ``/graphql``, asked the way the gateway asks.

    :param scope: what the caller may do; everything, where a test is not about that
    :param subject: who the caller is; ``None``: nobody who is known
    """

    def __init__(self, service: str, *, scope: str = " ".join(SCOPES), subject: str | None = "a-tester") -> None:
        self._service = service
        self._scope = scope
        self._subject = subject

    def on_behalf_of(self, subject: str | None, scope: str = "") -> "GraphQLOfService":
        """The same service, asked on behalf of somebody else."""
        return GraphQLOfService(self._service, scope=scope, subject=subject)

    def token(self) -> str:
        """A token of the gateway for this service."""
        claims = {"scope": self._scope}
        return sign(self._service, issuer="gateway", key=KEYS["gateway"], subject=self._subject, claims=claims)

    async def __call__(self, query: str, /, **variables: Any) -> Answer:
        return await self.post({"query": query, "variables": variables})

    async def post(self, body: Any, *, headers: Mapping[str, str] | None = None) -> Answer:
        """Send this body as JSON."""
        return await self._send(json.dumps(body), "application/json", headers)

    async def upload(self, query: str, content: bytes, *, file_name: str = "addresses.csv") -> Answer:
        """Send the file as the variable ``file``, by the GraphQL multipart request specification."""
        from django.core.files.uploadedfile import SimpleUploadedFile
        from django.test.client import encode_multipart

        form = {
            "operations": json.dumps({"query": query, "variables": {"file": None}}),
            "map": json.dumps({"0": ["variables.file"]}),
            "0": SimpleUploadedFile(file_name, content, "text/csv"),
        }
        return await self._send(
            encode_multipart("file-follows", form), "multipart/form-data; boundary=file-follows", None
        )

    async def _send(self, body: Any, content_type: str, headers: Mapping[str, str] | None) -> Answer:
        from django.test import AsyncClient

        sent = {TOKEN_HEADER: self.token(), **(headers or {})}
        response = await AsyncClient().post("/graphql", data=body, content_type=content_type, headers=sent)
        return Answer(response.status_code, response["Content-Type"].split(";")[0], json.loads(response.content))


class Commands(pymongo.monitoring.CommandListener):
    """The commands that read or change documents, as MongoDB is asked them."""

    _COUNTED = frozenset({"find", "aggregate", "insert", "update", "findAndModify", "count", "delete", "getMore"})

    def __init__(self) -> None:
        self.names: list[str] = []

    def started(self, event: pymongo.monitoring.CommandStartedEvent) -> None:
        if event.command_name in self._COUNTED:
            self.names.append(event.command_name)

    def succeeded(self, event: pymongo.monitoring.CommandSucceededEvent) -> None:
        """Nothing to note."""

    def failed(self, event: pymongo.monitoring.CommandFailedEvent) -> None:
        """Nothing to note."""


COMMANDS = Commands()
"""registered before a service makes its client"""
pymongo.monitoring.register(COMMANDS)
