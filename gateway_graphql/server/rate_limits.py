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
SHARES = 100
"""a gateway takes a hundredth of a limit at a time, so that it need not ask Redis for each request"""
REMEMBERED = 10_000
"""callers of whom it is known here what was taken for them"""
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


@dataclass(slots=True)
class _Share:
    """What was taken for a caller and not used yet, or that there is nothing to take."""

    window: Window
    left: int
    until: float
    """when it counts no longer, in seconds since 1970"""
    refused: int | None
    """what there was not enough for, until ``window.more_at``"""

    def decide(self, amount: int) -> bool | None:
        """Whether so much more is let through; ``None``: that is not known here."""
        now = time.time()
        if self.refused is not None:
            return False if amount >= self.refused and now < self.window.more_at else None
        if amount > self.left or now >= self.until:
            return None
        self.left -= amount
        self.window = replace(self.window, remaining=self.window.remaining - amount)
        return True


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
        self._shares: OrderedDict[tuple[str, str], _Share] = OrderedDict()
        """by limit and caller"""
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
        """Whether so much more is let through, and what is left after it."""
        share = self._shares.get((name, who))
        if share is not None and (decided := share.decide(amount)) is not None:
            return decided, share.window
        share = await self._taken(name, most, who, amount)
        self._shares[name, who] = share
        self._shares.move_to_end((name, who))
        if len(self._shares) > REMEMBERED:
            self._shares.popitem(last=False)
        return share.refused is None, share.window

    async def _taken(self, name: str, most: int, who: str, amount: int) -> _Share:
        if self._url is not None and time.monotonic() >= self._ask_redis_at:
            try:
                async with asyncio.timeout(2 * REDIS_SECONDS):
                    if self._redis is None:
                        self._redis = _limiter(self._url, self._prefix)
                    return await self._taken_from(self._redis, name, most, who, amount)
            except Exception as problem:
                # A limit is not worth an outage.
                self._ask_redis_at = time.monotonic() + TRY_AGAIN
                log.warning("rate limits are counted here alone: Redis is away", problem=type(problem).__name__)
        if self._local is None:
            self._local = _limiter(None, self._prefix)
        return await self._taken_from(self._local, name, most, who, amount)

    async def _taken_from(
        self, limiter: SlidingWindowCounterRateLimiter, name: str, most: int, who: str, amount: int
    ) -> _Share:
        limit = self._limits.get(most)
        if limit is None:
            limit = self._limits[most] = _per_minute(most)
        taken = max(amount, most // SHARES)
        passes = await limiter.hit(limit, name, who, cost=taken)
        if not passes and taken > amount:
            taken = amount
            passes = await limiter.hit(limit, name, who, cost=taken)
        stats = await limiter.get_window_stats(limit, name, who)
        left = taken - amount if passes else 0
        window = Window(most, stats.remaining + left, stats.reset_time)
        return _Share(window, left, time.time() + 60, refused=None if passes else amount)


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
