"""What others rely on is a file: the committed supergraph is what the committed subgraphs compose to."""

import difflib

from docker.local.schema import SUPERGRAPH, composed


async def test_the_supergraph_is_what_the_subgraphs_compose_to() -> None:
    committed, now = SUPERGRAPH.read_text().splitlines(), (await composed()).splitlines()

    difference = "\n".join(difflib.unified_diff(committed, now, "committed", "composed now", lineterm=""))
    assert committed == now, f"run `make schema` and review the difference:\n{difference}"
