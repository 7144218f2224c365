"""The service's SDL is a promise: committed, compared, and described."""

from pathlib import Path

from subgraphs.operations import schema as module
from tests.subgraphs.descriptions import undescribed

COMMITTED = Path(module.__file__).with_name("schema.graphql")


def test_the_committed_schema_is_the_one_of_the_code() -> None:
    assert COMMITTED.read_text().rstrip() == module.schema.as_str().rstrip(), (
        "run `python -m subgraphs.operations schema` and review the difference"
    )


def test_everything_is_described() -> None:

    assert set(undescribed(COMMITTED.read_text())) == set()


async def test_the_gateway_gets_the_same_sdl(ask) -> None:
    answer = await ask("{ _service { sdl } }")

    assert answer.data["_service"]["sdl"].rstrip() == COMMITTED.read_text().rstrip()
