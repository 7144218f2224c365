"""
How much one caller may ask in a minute: requests, and what their operations cost.

Counted by the library ``limits`` in a sliding window, in Redis for all gateways together, or in this process. Where Redis
is away, each gateway goes on with a count of its own.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Any

from gateway_graphql.execution.caller import Caller
from gateway_graphql.server.access_log import log
from gateway_graphql.server.asgi import Refused
from gateway_graphql.server.settings import RateLimitSettings

if TYPE_CHECKING:
    from limits import RateLimitItemPerMinute
    from limits.aio.strategies import SlidingWindowCounterRateLimiter

__all__ = ["RateLimits", "client_address"]

Network = IPv4Network | IPv6Network
REDIS_SECONDS = 0.25
"""how long Redis may take for one count"""
TRY_AGAIN = 5.0
"""seconds without Redis before it is asked again"""
BY_REQUESTS, BY_COST = "requests", "cost"


class RateLimits:
    """Counts callers by their subject, or by the address they ask from."""

    def __init__(self, settings: RateLimitSettings) -> None:
        self._counts_requests = settings.requests_per_minute > 0
        self.counts_cost = settings.cost_per_minute > 0
        """whether anybody has to estimate what an operation costs"""
        self._limits = _limits(settings) if self._counts_requests or self.counts_cost else {}
        self._proxies = [ip_network(one) for one in settings.trusted_proxies]
        self._local: SlidingWindowCounterRateLimiter | None = None
        self._redis: SlidingWindowCounterRateLimiter | None = None
        self._url = settings.redis_url
        self._ask_redis_at = 0.0

    def who(self, caller: Caller, address: str, headers: Mapping[str, str]) -> str:
        """The name that a caller is counted by."""
        if caller.subject is not None:
            return f"subject:{caller.subject}"
        return f"address:{client_address(address, headers.get('x-forwarded-for'), self._proxies)}"

    async def request(self, caller: Caller, address: str, headers: Mapping[str, str], count: int = 1) -> None:
        """
        One more request, or several.

        :raises Refused: 429, with the seconds after which to come back.
        """
        if self._counts_requests and count:
            await self._spend(BY_REQUESTS, self.who(caller, address, headers), count)

    async def cost(self, caller: Caller, address: str, headers: Mapping[str, str], cost: float) -> None:
        """
        An operation of this cost.

        :raises Refused: 429; it is not to be run.
        """
        if self.counts_cost and cost > 0:
            await self._spend(BY_COST, self.who(caller, address, headers), max(1, round(cost)))

    async def _spend(self, name: str, who: str, amount: int) -> None:
        limit = self._limits[name]
        if self._url is not None and time.monotonic() >= self._ask_redis_at:
            try:
                async with asyncio.timeout(2 * REDIS_SECONDS):
                    if self._redis is None:
                        self._redis = _limiter(self._url)
                    return await self._spend_from(self._redis, limit, name, who, amount)
            except Refused:
                raise
            except Exception as problem:
                # A limit is not worth an outage.
                self._ask_redis_at = time.monotonic() + TRY_AGAIN
                log.warning("rate limits are counted here alone: Redis is away", problem=type(problem).__name__)
        if self._local is None:
            self._local = _limiter(None)
        return await self._spend_from(self._local, limit, name, who, amount)

    async def _spend_from(
        self, limiter: SlidingWindowCounterRateLimiter, limit: RateLimitItemPerMinute, name: str, who: str, amount: int
    ) -> None:
        if amount <= limit.amount and await limiter.hit(limit, name, who, cost=amount):
            return
        stats = await limiter.get_window_stats(limit, name, who)
        seconds = max(1, round(stats.reset_time - time.time()))
        raise _too_many(name, limit.amount, stats.remaining, seconds)


# The library is loaded only where something is counted: that takes longer than all the rest of a start.


def _limits(settings: RateLimitSettings) -> dict[str, RateLimitItemPerMinute]:
    from limits import RateLimitItemPerMinute

    limits = {BY_REQUESTS: settings.requests_per_minute, BY_COST: settings.cost_per_minute}
    return {name: RateLimitItemPerMinute(most) for name, most in limits.items() if most}


def _limiter(url: str | None) -> SlidingWindowCounterRateLimiter:
    from limits.aio.storage import MemoryStorage, RedisStorage
    from limits.aio.strategies import SlidingWindowCounterRateLimiter

    if url is None:
        return SlidingWindowCounterRateLimiter(MemoryStorage())
    options: Any = {"socket_timeout": REDIS_SECONDS, "socket_connect_timeout": REDIS_SECONDS}
    return SlidingWindowCounterRateLimiter(RedisStorage(f"async+{url}", implementation="redispy", **options))


def client_address(address: str, forwarded: str | None, proxies: list[Network]) -> str:
    """
    Where a request comes from: the address of the connection, or what a trusted proxy says that it got it from.

    ``X-Forwarded-For`` is read from its end, for anybody can write the rest of it. One who has an IPv6 network has all of
    its /64, so that counts as one.
    """
    found = _parsed(address)
    for hop in reversed((forwarded or "").split(",")):
        if found is None or not any(found in network for network in proxies):
            break
        before = _parsed(hop.strip())
        if before is None:
            break
        found = before
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(IPv6Network((found, 64), strict=False))
    return address if found is None else str(found)


def _parsed(text: str) -> Any:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _too_many(name: str, most: int, remaining: int, seconds: int) -> Refused:
    def number(value: int) -> bytes:
        return str(value).encode()

    what = "requests" if name == BY_REQUESTS else "of cost"
    return Refused(
        429,
        "RATE_LIMITED",
        f"This is more than {most} {what} in a minute; come back in {seconds} s. "
        f"The limit is the setting rate_limits.{name}_per_minute of the gateway.",
        (
            (b"retry-after", number(seconds)),
            (b"ratelimit-limit", number(most)),
            (b"ratelimit-remaining", number(remaining)),
            (b"ratelimit-reset", number(seconds)),
            (b"ratelimit-policy", b"%d;w=60" % most),
        ),
        retryAfter=seconds,
    )
