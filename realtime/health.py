"""Whether the process lives, and whether what it needs answers."""

import asyncio

from django.http import HttpRequest, JsonResponse
from redis.exceptions import RedisError

from realtime.live_results.streams import redis_client

PATIENCE = 2.0


async def live(_request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


async def ready(_request: HttpRequest) -> JsonResponse:
    """Redis answers too, so updates can be sent."""
    try:
        async with asyncio.timeout(PATIENCE):
            await redis_client().ping()
    except (RedisError, OSError, TimeoutError) as problem:
        problems = {"redis": str(problem) or type(problem).__name__}
        return JsonResponse({"status": "unavailable", "problems": problems}, status=503)
    return JsonResponse({"status": "ok"})
