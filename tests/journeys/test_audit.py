"""The gateway and every subgraph speak GraphQL over HTTP as its specification asks."""

from __future__ import annotations

import pytest

from docker.local.keys import load_or_make
from docker.local.up import RunningSystem
from gateway_graphql.server.service_token import ServiceTokens
from gateway_graphql.server.settings import ServiceTokenSettings
from tests.audit import audit, missing

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.skipif(missing() is not None, reason=missing() or ""),
]
CHECKS = 61


@pytest.mark.parametrize(
    "service",
    [
        "gateway",
        "subscribers",
        "addresses",
        "matching",
        "notifications",
        "realtime",
        "accounts",
        "suggestions",
        "monolith",
        "discounts",
        "logs",
    ],
)
async def test_every_check_of_the_audit(system: RunningSystem, service: str) -> None:
    headers = {}
    if service != "gateway":  # subgraphs answer nobody else
        key = load_or_make(system.settings.state).private["gateway"]
        tokens = ServiceTokens(ServiceTokenSettings(key=key))
        headers[tokens.header] = tokens.token_for(service)
    checks = await audit(system.settings.url(service), headers)
    assert len(checks) == CHECKS
    wrong = [check for check in checks if check.status != "ok"]
    assert not wrong, "\n".join(map(str, wrong))
