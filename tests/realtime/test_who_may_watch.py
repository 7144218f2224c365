"""Who may watch what; a task by its id may everybody."""

import pytest

from tests.realtime.conftest import EVERYTHING, Server

GUARDED = {
    "matchBatch": ('matchBatch(id: "b-1")', "batches"),
    "addressImport": ('addressImport(id: "i-1")', "register:write"),
    "reviewQueue": ("reviewQueue", "reviews"),
    "discountClaim": ('discountClaim(id: "c-1")', "discounts"),
    "letters": ('letters(subscriberId: "s-1")', "subscribers:read"),
}


@pytest.mark.parametrize("field", GUARDED)
async def test_without_the_scope_nothing_is_watched(server: Server, field: str) -> None:
    asked, scope = GUARDED[field]
    others = " ".join(set(EVERYTHING.split()) - {scope})

    for given in (None, others):
        query = f"subscription {{ {asked} {{ updateId }} }}"
        async with server.client(scope=given) as client, client.subscribe(query) as updates:
            error = await updates.error()
        assert error["extensions"]["code"] == "FORBIDDEN"
        assert scope in error["message"]


async def test_a_task_is_watched_by_whoever_knows_its_id(server: Server) -> None:
    query = 'subscription { matchTask(id: "unheard-of") { status } }'
    async with server.client(scope=None) as client, client.subscribe(query) as updates:
        assert await updates.next() == {"status": "QUEUED"}
