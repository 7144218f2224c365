"""Asking matching whether an address is known exactly; the flow goes on without an answer that takes too long."""

import asyncio
from functools import cache
from typing import Protocol

import structlog
from django.conf import settings

from subgraphs.chassis.identity import sign
from subgraphs.chassis.questions import Questions
from subgraphs.chassis_strawberry.typed_address import TypedAddress

log = structlog.get_logger("known_addresses")


class KnownAddresses(Protocol):
    """Says which known address a typed one is exactly."""

    async def find(self, address: TypedAddress) -> str | None:
        """The id of the known address; ``None`` when there is none, or nobody says so in time."""
        ...


class KnownAddressesByRabbit:
    """The port, over RabbitMQ."""

    def __init__(self, questions: Questions) -> None:
        self._questions = questions

    async def find(self, address: TypedAddress) -> str | None:
        """The id of the known address; ``None`` when there is none, or nobody says so in time."""
        answer = self._questions.ask({"kind": "exact", "address": address.as_document()})
        if answer is None:
            return None
        try:
            said = await asyncio.wait_for(asyncio.wrap_future(answer), self._questions.wait)
        except TimeoutError:
            log.info("no answer in time", wait_ms=int(self._questions.wait * 1000))
            return None
        id = said.get("addressId") if isinstance(said, dict) else None
        return id if isinstance(id, str) else None


@cache
def questions() -> Questions:
    """The line to matching's search of this process."""
    return Questions(
        settings.RABBITMQ_QUESTIONS_URL,
        f"{settings.NAMESPACE}.search",
        name="subscribers: known addresses",
        wait=settings.KNOWN_ADDRESS_WAIT_MS / 1000,
        token=lambda: sign("matching", issuer=settings.SERVICE_NAME, key=settings.SERVICE_KEY()),
        ca_file=settings.RABBITMQ_CA_FILE,
    )


@cache
def known_addresses() -> KnownAddressesByRabbit:
    """The port of this process."""
    return KnownAddressesByRabbit(questions())
