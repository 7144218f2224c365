"""How the services are: what each says of itself at ``/ready``."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import aiohttp
from django.conf import settings

from subgraphs.operations.management import tls


@dataclass(frozen=True)
class Health:
    """What one service said."""

    service: str
    is_ready: bool
    milliseconds: float
    checks: Mapping[str, str] = field(default_factory=dict)
    """what it needs → ``ok``, or what is wrong with it"""
    problem: str | None = None
    """why nothing is known of it"""


async def health_of_all() -> list[Health]:
    """Every service that the settings name, asked at the same time."""
    timeout = aiohttp.ClientTimeout(total=settings.PATIENCE)
    secure = any(url.startswith("https") for url in settings.SERVICES.values())
    connector = aiohttp.TCPConnector(ssl=tls() if secure else True)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
        asked = (_health(session, service, url) for service, url in settings.SERVICES.items())
        return list(await asyncio.gather(*asked))


async def _health(session: aiohttp.ClientSession, service: str, url: str) -> Health:
    began = time.perf_counter()
    try:
        async with session.get(url) as answer:
            told = await answer.json(content_type=None)
            checks = told.get("checks", {}) if isinstance(told, dict) else {}
            return Health(
                service, answer.status == 200, _since(began), {name: str(said) for name, said in checks.items()}
            )
    except TimeoutError:
        problem = f"no answer within {settings.PATIENCE} s"
    except (aiohttp.ClientError, ValueError) as failed:
        problem = f"no answer ({type(failed).__name__})"
    return Health(service, False, _since(began), problem=problem)


def _since(began: float) -> float:
    return round(1000 * (time.perf_counter() - began), 1)
