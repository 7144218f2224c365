"""What one caller may ask in a minute, by requests and by cost, in this process and in Redis."""

from __future__ import annotations

import re
import socket
from ipaddress import ip_network
from typing import Any

import pytest
import redis
import structlog

from gateway_graphql.execution.caller import ANONYMOUS, Caller
from gateway_graphql.server import ServerSettings
from gateway_graphql.server.asgi import Refused
from gateway_graphql.server.rate_limits import RateLimits, client_address
from gateway_graphql.server.settings import AuthenticationSettings, IssuerSettings, Limits, RateLimitSettings
from tests.gateway_graphql.server.hardened import Hardened, codes, hardened
from tests.gateway_graphql.server.processes import free_port
from tests.gateway_graphql.server.test_websocket import closing, connected

ME = "{ me { id name } }"
PROXY = ("127.0.0.0/8",)


def limited(**limits: Any) -> ServerSettings:
    return ServerSettings(rate_limits=RateLimitSettings(**limits), limits=Limits(batch_operations=10))


async def spend(limits: RateLimits, who: str | None, count: int) -> int:
    """How many of so many requests are let through."""
    passed = 0
    for _ in range(count):
        try:
            await limits.request(Caller(subject=who), "", {})
            passed += 1
        except Refused:
            pass
    return passed


async def test_one_request_too_many_is_told_when_to_come_back() -> None:
    async with hardened(limited(requests_per_minute=2)) as gateway:
        for _ in range(2):
            assert codes(await gateway.post(ME)) == []
        async with gateway.http.post(f"{gateway.url}/graphql", json={"query": ME}) as answer:
            assert answer.status == 429
            assert 1 <= int(answer.headers["retry-after"]) <= 120
            assert answer.headers["ratelimit-policy"] == '"requests";q=2;w=60'
            assert re.fullmatch('"requests";r=0;t=[0-9]+', answer.headers["ratelimit"])
            assert codes(await answer.json()) == ["RATE_LIMITED"]
        async with gateway.http.get(f"{gateway.url}/health") as health:
            assert health.status == 200
            assert "ratelimit" not in health.headers
        assert len(gateway.subgraphs.requests) == 2


async def test_every_answer_that_is_counted_says_what_is_left() -> None:
    settings = limited(requests_per_minute=5, cost_per_minute=20)
    async with hardened(settings, subscribers={"data": {"all": [], "me": None}}) as gateway:
        seen = []
        for body in ({"query": "{ all { name } }"}, {"query": "{ nonsense }"}, [{"query": ME}] * 2):
            async with gateway.http.post(f"{gateway.url}/graphql", json=body) as answer:
                assert answer.status == 200
                seen.append(re.sub(r";t=\d+", "", answer.headers["ratelimit"]))
                assert answer.headers["ratelimit-policy"].startswith('"requests";q=5;w=60')
                assert "retry-after" not in answer.headers

        assert seen == ['"requests";r=4, "cost";r=10', '"requests";r=3', '"requests";r=1, "cost";r=8']


async def test_who_shows_no_token_may_have_less() -> None:
    limits = RateLimits(RateLimitSettings(requests_per_minute=3, anonymous_requests_per_minute=1))

    assert await spend(limits, "ada", 5) == 3
    assert await spend(limits, None, 5) == 1
    with pytest.raises(Refused, match=r"rate_limits\.anonymous_requests_per_minute"):
        await limits.request(ANONYMOUS, "", {})


async def test_zero_is_any_number_for_those_who_show_one_too() -> None:
    limits = RateLimits(RateLimitSettings(requests_per_minute=0, anonymous_requests_per_minute=1))

    assert await spend(limits, "ada", 5) == 5
    assert await spend(limits, None, 5) == 1


async def test_whoever_tries_tokens_is_counted() -> None:
    issuers = {"main": IssuerSettings("https://issuer.example", f"http://127.0.0.1:{free_port()}/jwks")}
    settings = ServerSettings(
        rate_limits=RateLimitSettings(requests_per_minute=100, anonymous_requests_per_minute=2),
        authentication=AuthenticationSettings(issuers),
    )
    wrong = {"Authorization": "Bearer nonsense"}
    async with hardened(settings) as gateway:
        assert [codes(await gateway.post(ME, wrong)) for _ in range(3)] == [["UNAUTHENTICATED"]] * 2 + [
            ["RATE_LIMITED"]
        ]
        async with gateway.http.ws_connect(f"{gateway.url}/graphql", protocols=("graphql-transport-ws",)) as socket_:
            await socket_.send_json({"type": "connection_init", "payload": wrong})
            code, reason = await closing(socket_)
        assert code == 1013
        assert "come back" in reason


async def test_operations_on_a_websocket_are_requests_too() -> None:
    async with hardened(limited(requests_per_minute=2)) as gateway, connected(gateway.http, gateway.url) as socket_:
        said = []
        for id in ("1", "2", "3"):
            await socket_.send_json({"id": id, "type": "subscribe", "payload": {"query": ME}})
            message = await socket_.receive_json(timeout=5)
            said.append(message["type"])
            if message["type"] == "next":
                assert (await socket_.receive_json(timeout=5))["type"] == "complete"
        assert said == ["next", "next", "error"]
        assert message["payload"][0]["extensions"]["code"] == "RATE_LIMITED"


async def test_so_is_each_operation_of_a_batch() -> None:
    async with hardened(limited(requests_per_minute=4)) as gateway:
        for size, status in ((3, 200), (2, 429)):
            async with gateway.http.post(f"{gateway.url}/graphql", json=[{"query": ME}] * size) as answer:
                assert answer.status == status


async def test_cost_is_a_budget_of_its_own() -> None:
    async with hardened(limited(cost_per_minute=10), subscribers={"data": {"all": [], "me": None}}) as gateway:
        assert codes(await gateway.post("{ all { name } }")) == []
        for ask in (gateway.post, gateway.live):
            assert codes(await ask("{ me { id } }")) == ["RATE_LIMITED"]
            assert codes(await ask("{ __typename }")) == []


async def test_nobody_pays_for_others() -> None:
    async with hardened(limited(requests_per_minute=1, trusted_proxies=PROXY)) as gateway:
        assert codes(await gateway.post(ME, {"X-Forwarded-For": "1.1.1.1"})) == []
        assert codes(await gateway.post(ME, {"X-Forwarded-For": "2.2.2.2"})) == []
        assert codes(await gateway.post(ME, {"X-Forwarded-For": "9.9.9.9, 2.2.2.2"})) == ["RATE_LIMITED"]


async def test_a_header_that_anybody_can_write_makes_nobody_another() -> None:
    for own_http in (True, False):
        async with hardened(limited(requests_per_minute=1), own_http=own_http) as gateway:
            assert codes(await gateway.post(ME, {"X-Forwarded-For": "1.1.1.1"})) == []
            assert codes(await gateway.post(ME, {"X-Forwarded-For": "2.2.2.2"})) == ["RATE_LIMITED"]


@pytest.mark.parametrize(
    ("address", "forwarded", "expected"),
    [
        ("10.0.0.1", "1.1.1.1, 10.0.0.2", "1.1.1.1"),
        ("10.0.0.1", "1.1.1.1, 2.2.2.2", "2.2.2.2"),
        ("8.8.8.8", "1.1.1.1", "8.8.8.8"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("2001:db8:1:2:3::4", None, "2001:db8:1:2::/64"),
        ("::ffff:8.8.8.8", None, "8.8.8.8"),
        ("", None, ""),
    ],
)
def test_where_a_request_comes_from(address: str, forwarded: str | None, expected: str) -> None:
    assert client_address(address, forwarded, [ip_network("10.0.0.0/8")]) == expected


def test_a_known_caller_is_counted_by_who_they_are() -> None:
    limits = RateLimits(RateLimitSettings(requests_per_minute=1))
    assert limits.who(Caller(subject="ada"), "1.1.1.1", {}) == limits.who(Caller(subject="ada"), "2.2.2.2", {})
    assert limits.who(ANONYMOUS, "1.1.1.1", {}) != limits.who(Caller(subject="1.1.1.1"), "1.1.1.1", {})


async def test_gateways_count_together_in_redis(redis_url: str) -> None:
    one, other = (RateLimits(RateLimitSettings(requests_per_minute=5, redis_url=redis_url)) for _ in range(2))

    assert await spend(one, "ada", 3) + await spend(other, "ada", 9) == 5
    assert await spend(other, "bea", 1) == 1
    connection = redis.Redis.from_url(redis_url)
    assert all(connection.pttl(key) > 0 for key in connection.scan_iter())
    connection.close()


async def test_of_a_large_limit_each_gateway_takes_a_share_and_all_of_it_can_be_used(redis_url: str) -> None:
    settings = RateLimitSettings(requests_per_minute=300, redis_url=redis_url)
    one, other = RateLimits(settings), RateLimits(settings)
    connection = redis.Redis.from_url(redis_url)

    assert await spend(one, "ada", 100) == 100
    asked = connection.info("commandstats")["cmdstat_evalsha"]["calls"]
    assert asked < 100
    assert await spend(one, "ada", 100) + await spend(other, "ada", 102) >= 200 - 2  # two of its three may lie with one
    assert await spend(other, "ada", 10) + await spend(one, "ada", 10) <= 2
    connection.close()


async def test_who_is_refused_does_not_keep_redis_busy(redis_url: str) -> None:
    limits = RateLimits(RateLimitSettings(requests_per_minute=2, redis_url=redis_url))
    assert await spend(limits, "ada", 3) == 2
    connection = redis.Redis.from_url(redis_url)
    before = connection.info("commandstats")["cmdstat_evalsha"]["calls"]

    assert await spend(limits, "ada", 50) == 0
    assert connection.info("commandstats")["cmdstat_evalsha"]["calls"] - before < 10
    connection.close()


async def test_what_was_dear_may_be_refused_and_what_is_cheap_let_through() -> None:
    limits = RateLimits(RateLimitSettings(cost_per_minute=10))
    ada = Caller(subject="ada")

    await limits.cost(ada, "", {}, 6)
    with pytest.raises(Refused):
        await limits.cost(ada, "", {}, 5)
    await limits.cost(ada, "", {}, 4)


async def test_without_redis_each_goes_on_alone_and_says_so_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, and never answers
        for url in (f"redis://127.0.0.1:{free_port()}/0", f"redis://127.0.0.1:{silent.getsockname()[1]}/0"):
            limits = RateLimits(RateLimitSettings(requests_per_minute=3, redis_url=url))
            with structlog.testing.capture_logs() as logs:
                assert await spend(limits, "ada", 5) == 3
            assert [one["event"] for one in logs] == ["rate limits are counted here alone: Redis is away"]


async def test_over_http_too() -> None:
    async with hardened(limited(requests_per_minute=1, redis_url=f"redis://127.0.0.1:{free_port()}/0")) as gateway:
        assert isinstance(gateway, Hardened)
        assert codes(await gateway.post(ME)) == []
        assert codes(await gateway.post(ME)) == ["RATE_LIMITED"]
