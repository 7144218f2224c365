"""``api``: the part of a supergraph that clients may see, for tools that make code of it."""

from __future__ import annotations

import sys
from pathlib import Path

from graphql import print_schema

from gateway_graphql.server.commands import A_SUPERGRAPH, text_of, usable_supergraph
from gateway_graphql.supergraph.api_schema import api_schema

__all__ = ["run_api"]


def run_api(supergraph: Path) -> int:
    """Print the schema."""
    with usable_supergraph(supergraph):
        schema = api_schema(text_of(supergraph, A_SUPERGRAPH))
    sys.stdout.write(print_schema(schema) + "\n")
    return 0
