"""
How much one caller may ask in a minute: requests, and what their operations cost.

Counted by the library ``limits`` in a sliding window, in Redis for all gateways together, or in this process. Where Redis
is away, each gateway goes on with a count of its own.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Any

from gateway_graphql.execution.caller import Caller
from gateway_graphql.server.access_log import log
from gateway_graphql.server.asgi import Headers, Refused
from gateway_graphql.server.settings import RateLimitSettings

if TYPE_CHECKING:
    from limits import RateLimitItemPerMinute
    from limits.aio.strategies import SlidingWindowCounterRateLimiter

__all__ = ["RateLimits", "Windows", "client_address", "rate_limit_headers"]

Network = IPv4Network | IPv6Network
REDIS_SECONDS = 0.25
"""how long Redis may take for one count"""
TRY_AGAIN = 5.0
"""seconds without Redis before it is asked again"""
TOLD_SECONDS = 1.0
"""what is left is asked once in so long for each caller, and reckoned in between: it doubles the way to Redis"""
REMEMBERED = 10_000
"""callers of whom that is kept"""
BY_REQUESTS, BY_COST = "requests", "cost"


@dataclass(frozen=True, slots=True)
class Window:
    """What one caller has left of one limit."""

    most: int
    """in a minute"""
    remaining: int
    more_at: float
    """when there is more again, in seconds since 1970"""

    @property
    def seconds(self) -> int:
        """Until there is more again."""
        return max(1, round(self.more_at - time.time()))


Windows = dict[str, Window]
"""limit → what is left of it; those that were counted for one request"""


class RateLimits:
    """Counts callers by their subject, or by the address they ask from."""

    def __init__(self, settings: RateLimitSettings) -> None:
        anonymous = settings.anonymous_requests_per_minute
        self._requests = settings.requests_per_minute
        self._anonymous_requests = self._requests if anonymous is None else anonymous
        self._anonymous_setting = "requests_per_minute" if anonymous is None else "anonymous_requests_per_minute"
        self._cost = settings.cost_per_minute
        self.counts_cost = self._cost > 0
        """whether anybody has to estimate what an operation costs"""
        self._proxies = [ip_network(one) for one in settings.trusted_proxies]
        self._local: SlidingWindowCounterRateLimiter | None = None
        self._redis: SlidingWindowCounterRateLimiter | None = None
        self._url = settings.redis_url
        self._prefix = settings.redis_prefix
        self._ask_redis_at = 0.0
        self._told: OrderedDict[tuple[str, str], tuple[float, Window]] = OrderedDict()
        """limit and caller → when it was asked last what is left, and what is now"""
        self._limits: dict[int, RateLimitItemPerMinute] = {}

    def who(self, caller: Caller, address: str, headers: Mapping[str, str]) -> str:
        """The name that a caller is counted by."""
        if caller.subject is not None:
            return f"subject:{caller.subject}"
        return f"address:{client_address(address, headers.get('x-forwarded-for'), self._proxies)}"

    async def request(
        self, caller: Caller, address: str, headers: Mapping[str, str], count: int = 1, windows: Windows | None = None
    ) -> None:
        """
        One more request, or several. ``windows`` learns what is left.

        :raises Refused: 429, with the seconds after which to come back.
        """
        most = self._requests if caller.known else self._anonymous_requests
        if most and count:
            passes, window = await self._counted(BY_REQUESTS, most, self.who(caller, address, headers), count)
            if windows is not None:
                windows[BY_REQUESTS] = window
            if not passes:
                setting = "requests_per_minute" if caller.known else self._anonymous_setting
                raise _too_many("requests", setting, window)

    async def cost(
        self, caller: Caller, address: str, headers: Mapping[str, str], cost: float, windows: Windows | None = None
    ) -> None:
        """
        An operation of this cost. ``windows`` learns what is left.

        :raises Refused: 429; it is not to be run.
        """
        if self.counts_cost and cost > 0:
            amount = max(1, round(cost))
            passes, window = await self._counted(BY_COST, self._cost, self.who(caller, address, headers), amount)
            if windows is not None:
                windows[BY_COST] = window
            if not passes:
                raise _too_many("of cost", "cost_per_minute", window)

    async def _counted(self, name: str, most: int, who: str, amount: int) -> tuple[bool, Window]:
        if self._url is not None and time.monotonic() >= self._ask_redis_at:
            try:
                async with asyncio.timeout(2 * REDIS_SECONDS):
                    if self._redis is None:
                        self._redis = _limiter(self._url, self._prefix)
                    return await self._counted_by(self._redis, name, most, who, amount)
            except Exception as problem:
                # A limit is not worth an outage.
                self._ask_redis_at = time.monotonic() + TRY_AGAIN
                log.warning("rate limits are counted here alone: Redis is away", problem=type(problem).__name__)
        if self._local is None:
            self._local = _limiter(None, self._prefix)
        return await self._counted_by(self._local, name, most, who, amount)

    async def _counted_by(
        self, limiter: SlidingWindowCounterRateLimiter, name: str, most: int, who: str, amount: int
    ) -> tuple[bool, Window]:
        limit = self._limits.get(most)
        if limit is None:
            limit = self._limits[most] = _per_minute(most)
        passes = amount <= most and await limiter.hit(limit, name, who, cost=amount)
        now = time.time()
        asked, window = self._told.get((name, who), (0.0, None))
        if passes and window is not None and now - asked < TOLD_SECONDS and window.remaining >= amount:
            window = replace(window, remaining=window.remaining - amount)
        else:
            stats = await limiter.get_window_stats(limit, name, who)
            asked, window = now, Window(most, stats.remaining, stats.reset_time)
        self._told[name, who] = asked, window
        self._told.move_to_end((name, who))
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
        return passes, window


# The library is loaded only where something is counted: that takes longer than all the rest of a start.


def _per_minute(most: int) -> RateLimitItemPerMinute:
    from limits import RateLimitItemPerMinute

    return RateLimitItemPerMinute(most)


def _limiter(url: str | None, prefix: str) -> SlidingWindowCounterRateLimiter:
    from limits.aio.storage import MemoryStorage, RedisStorage
    from limits.aio.strategies import SlidingWindowCounterRateLimiter

    if url is None:
        return SlidingWindowCounterRateLimiter(MemoryStorage())
    options: Any = {"socket_timeout": REDIS_SECONDS, "socket_connect_timeout": REDIS_SECONDS}
    storage = RedisStorage(f"async+{url}", implementation="redispy", key_prefix=prefix, **options)
    return SlidingWindowCounterRateLimiter(storage)


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


def rate_limit_headers(windows: Windows) -> Headers:
    """What an answer tells of its limits (draft-ietf-httpapi-ratelimit-headers-10, structured fields of RFC 9651)."""
    if not windows:
        return ()
    policies = ", ".join(f'"{name}";q={window.most};w=60' for name, window in windows.items())
    left = ", ".join(f'"{name}";r={window.remaining};t={window.seconds}' for name, window in windows.items())
    return ((b"ratelimit-policy", policies.encode()), (b"ratelimit", left.encode()))


def _too_many(what: str, setting: str, window: Window) -> Refused:
    seconds = window.seconds
    return Refused(
        429,
        "RATE_LIMITED",
        f"This is more than {window.most} {what} in a minute; come back in {seconds} s. "
        f"The limit is the setting rate_limits.{setting} of the gateway.",
        ((b"retry-after", b"%d" % seconds),),
        retryAfter=seconds,
    )
