"""What the application was made of is what the graph and the form of addresses are now."""

from docker.local.schema import CLIENT_SCHEMA, COUNTRIES, client_schema, countries

STALE = "run `make schema`, then `docker/local/npm.sh run types`, and look at the difference"


async def test_the_application_is_typed_by_the_committed_supergraph() -> None:
    assert CLIENT_SCHEMA.read_text() == await client_schema(), STALE


def test_the_form_knows_the_countries_as_the_services_do() -> None:
    assert COUNTRIES.read_text() == countries(), STALE
