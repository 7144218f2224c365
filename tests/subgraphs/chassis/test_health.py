"""Ready means that everything a service needs answers; what does not is named."""

import pytest
from django.test import AsyncClient, Client

from tests.subgraphs.chassis import example_urls


def test_ready_says_what_it_looked_at() -> None:
    response = Client().get("/ready")

    assert (response.status_code, response.json()) == (200, {"status": "ready", "checks": {"store": "ok"}})


async def test_not_ready_says_why_and_live_stays_live(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(example_urls, "PROBLEMS", [OSError("no route")])

    ready, live = await AsyncClient().get("/ready"), await AsyncClient().get("/live")

    assert (ready.status_code, ready.json()) == (
        503,
        {"status": "not ready", "checks": {"store": "OSError: no route"}},
    )
    assert live.json() == {"status": "live"}
