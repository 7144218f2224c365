"""Who may read and change the register; the gateway has refused the fields that need a scope before."""

import pytest

from tests.subgraphs.service import GraphQLOfService

READING = ['{ address(id: "a") { id } }', "{ addresses { totalCount } }"]
WRITING = [
    '{ addressImport(id: "i") { id } }',
    "{ addressImports { totalCount } }",
    'mutation { createAddress(input: {address: ""}) { problems { code } } }',
    'mutation { updateAddress(input: {id: "a", version: 1}) { problems { code } } }',
    'mutation { removeAddress(id: "a") { problems { code } } }',
    'mutation { mergeAddresses(input: {into: "a", duplicates: ["b"]}) { problems { code } } }',
]


@pytest.mark.parametrize("operation", [*READING, *WRITING])
async def test_others_are_kept_away(ask: GraphQLOfService, operation: str) -> None:
    strangers = [ask.on_behalf_of(None), ask.on_behalf_of("ada", "subscriptions:own batches")]
    if operation in WRITING:
        strangers.append(ask.on_behalf_of("a-reader", "register:read"))
    for stranger in strangers:
        answer = await stranger(operation)
        assert [error["extensions"]["code"] for error in answer.body["errors"]] == ["FORBIDDEN"]
    allowed = ask.on_behalf_of("an-operator", "register:read register:write")
    assert "errors" not in (await allowed(operation)).body


async def test_a_reviewer_may_merge(ask: GraphQLOfService) -> None:
    assert "errors" not in (await ask.on_behalf_of("grace", "reviews")(WRITING[-1])).body


async def test_a_file_is_not_read_for_others(ask: GraphQLOfService, db) -> None:
    upload = 'mutation ($file: Upload!) { importAddresses(file: $file, source: "s") { problems { code } } }'

    answer = await ask.on_behalf_of("a-reader", "register:read").upload(upload, b"id,address\n1,1 Main St\n")

    assert answer.body["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert db["address_imports"].count_documents({}) == 0


async def test_anybody_gets_suggestions_and_addresses_by_reference(ask: GraphQLOfService, known) -> None:
    (id,) = known({"address": "12 rue des Lilas", "city": "Rouen"})
    stranger = ask.on_behalf_of(None)

    assert [
        one["id"]
        for one in (await stranger('{ suggestAddresses(text: "rue des Lil") { id } }')).data["suggestAddresses"]
    ] == [id]
    query = "query ($them: [_Any!]!) { _entities(representations: $them) { ... on Address { id } ... on AddressImport { id } } }"
    them = [{"__typename": "Address", "id": id}, {"__typename": "AddressImport", "id": "i"}]
    assert (await stranger(query, them=them)).data["_entities"] == [{"id": id}, None]
