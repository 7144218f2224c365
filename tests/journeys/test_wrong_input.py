"""Wrong input gets an answer that says where, what, and what to do; the rest goes on."""

import pytest

from docker.local.demo import operations
from docker.local.demo.client import GraphQLClient, GraphQLFailure
from tests.journeys.register import ADDRESSES, as_csv
from tests.journeys.steps import batch, finished, import_addresses

# The system lives as long as the session, and so does the event loop.
pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_malformed_graphql_is_a_syntax_error_with_its_place(client: GraphQLClient) -> None:
    answer = await client.post({"query": "{ subscribers(first: 2 { nodes { id } } }"})

    assert "data" not in answer
    assert "Syntax Error" in answer["errors"][0]["message"]
    assert answer["errors"][0]["locations"]


async def test_an_unknown_field_names_its_type(client: GraphQLClient) -> None:
    answer = await client.post({"query": "{ subscribers { nodes { adress { id } } } }"})

    assert "Cannot query field 'adress' on type 'Subscriber'" in answer["errors"][0]["message"]


async def test_a_missing_variable_is_named(client: GraphQLClient) -> None:
    answer = await client.post({"query": operations.SUBSCRIBE, "variables": {}})

    assert "data" not in answer
    assert "$input" in answer["errors"][0]["message"]


async def test_a_wrong_variable_is_named(client: GraphQLClient) -> None:
    answer = await client.post({"query": operations.SUBSCRIBE, "variables": {"input": {"name": 7}}})

    assert any("name" in error["message"] for error in answer["errors"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "no-address"}, "email"),
        ({"name": " "}, "name"),
        ({"address": {"address": "", "city": "Wexley"}}, "address.address"),
        ({"address": {"address": "1 Lilac Street", "city": "Wexley", "country": "XX"}}, "address.country"),
        ({"address": {"address": "1 Lilac Street", "postalCode": "ABC", "country": "AU"}}, "address.postalCode"),
    ],
)
async def test_a_refusal_is_data_that_names_the_field(
    client: GraphQLClient, change: dict[str, object], field: str
) -> None:
    subscriber = {"name": "Ada", "email": "ada@example.com", "address": ADDRESSES[0].typed(), **change}

    payload = (await client.execute(operations.SUBSCRIBE, {"input": subscriber}))["subscribe"]

    assert payload["subscriber"] is None
    assert field in [problem["field"] for problem in payload["problems"]]


async def test_broken_rows_are_reported_and_the_rest_goes_on(client: GraphQLClient) -> None:
    file = (
        as_csv(ADDRESSES[:3]).replace(ADDRESSES[1].address.encode(), b"")
        + b'x9,,"1 Lilac Street\x00",4121,Ashbrook,QLD,AU\r\n'
    )

    answer = await client.upload(operations.MATCH_BATCH, {}, file=file, name="broken.csv")
    batch_id = answer["matchBatch"]["matchBatch"]["id"]
    done = await finished(client, batch_id)

    query = "query R($id: ID!) { matchBatch(id: $id) { rejectedRows(first: 10) { nodes { row reason } } } }"
    rejected = (await client.execute(query, {"id": batch_id}))["matchBatch"]["rejectedRows"]["nodes"]
    assert done["done"] == 2
    assert done["rejected"] == len(rejected) == 2
    assert all(row["reason"] for row in rejected)


async def test_a_file_without_the_right_columns_is_refused_as_a_whole(client: GraphQLClient) -> None:
    answer = await client.upload(operations.MATCH_BATCH, {}, file=b"street;town\n1 Lilac;Wexley\n", name="wrong.csv")

    assert answer["matchBatch"]["matchBatch"] is None
    assert "address" in answer["matchBatch"]["problems"][0]["message"]


async def test_a_file_over_the_limit_of_the_service_is_refused_with_the_limit(client: GraphQLClient) -> None:
    file = b"id,address\n" + b"x,1 Lilac Street\n" * 30_000

    answer = await client.upload(operations.MATCH_BATCH, {}, file=file, name="large.csv")

    assert answer["matchBatch"]["matchBatch"] is None
    assert "500,000" in answer["matchBatch"]["problems"][0]["message"]


async def test_a_file_over_the_limit_of_the_gateway_goes_no_further(client: GraphQLClient) -> None:
    file = b"id,address\n" + b"x,1 Lilac Street\n" * 100_000

    with pytest.raises(GraphQLFailure, match="1000000"):
        await client.upload(operations.MATCH_BATCH, {}, file=file, name="huge.csv")


async def test_a_second_import_changes_nothing(client: GraphQLClient) -> None:
    again = await import_addresses(client, as_csv(ADDRESSES), source="journeys")

    assert again["added"] == again["changed"] == 0


async def test_a_cancelled_batch_stops_and_resumes(client: GraphQLClient) -> None:
    answer = await client.upload(operations.MATCH_BATCH, {}, file=as_csv(ADDRESSES * 2), name="long.csv")
    batch_id = answer["matchBatch"]["matchBatch"]["id"]
    cancel = "mutation C($id: ID!) { cancelMatchBatch(id: $id) { matchBatch { status } problems { message } } }"
    resume = "mutation R($id: ID!) { resumeMatchBatch(id: $id) { matchBatch { status } problems { message } } }"

    cancelled = (await client.execute(cancel, {"id": batch_id}))["cancelMatchBatch"]
    assert cancelled["matchBatch"]["status"] == "CANCELLED"
    assert (await batch(client, batch_id))["status"] == "CANCELLED"

    assert (await client.execute(resume, {"id": batch_id}))["resumeMatchBatch"]["problems"] == []
    assert (await finished(client, batch_id))["done"] == len(ADDRESSES) * 2
