"""What the gateway keeps is asked once, and anew as soon as a fact says that it has changed."""

import pytest
import redis

from docker.local.demo.client import GraphQLClient
from docker.local.up import RunningSystem
from tests.journeys.register import ADDRESSES, Row, as_csv
from tests.journeys.steps import import_addresses, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

FIND = 'query Find($search: String) { addresses(search: $search, source: "kept") { nodes { id city version } } }'
READ = "query Read($id: ID!) { address(id: $id) { id city } }"


async def test_a_change_by_a_file_calls_an_answer_back(system: RunningSystem, client: GraphQLClient) -> None:
    known = ADDRESSES[0]
    row = Row("kept-1", "77 Keeper Lane", known.postal_code, "Oldtown")
    await import_addresses(client, as_csv([row]), source="kept")
    [found] = (await client.execute(FIND, {"search": "Keeper"}))["addresses"]["nodes"]
    assert (await client.execute(READ, {"id": found["id"]}))["address"]["city"] == "Oldtown"
    with redis.Redis.from_url(system.infrastructure.redis_url) as store:
        prefix = f"{system.settings.namespace}:answers:answer:"
        assert list(store.scan_iter(f"{prefix}*")), "the gateway keeps nothing"

    await import_addresses(client, as_csv([Row("kept-1", row.address, row.postal_code, "Newtown")]), source="kept")

    async def city() -> bool:
        return bool((await client.execute(READ, {"id": found["id"]}))["address"]["city"] == "Newtown")

    assert await until(city, what="the city as it is now")
