"""``openapi``: the OpenAPI document of a page of REST endpoints."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from gateway_graphql.execution.gateway import Gateway
from gateway_graphql.server.commands import A_SUPERGRAPH, CommandFailed, text_of, usable_supergraph
from gateway_graphql.server.rest.openapi import openapi, problems_with
from gateway_graphql.server.rest.page import WrongRestPage, read_rest_page
from gateway_graphql.server.subgraph_http import SubgraphHttp

__all__ = ["run_openapi"]


def run_openapi(supergraph: Path, page: Path) -> int:
    """Print the document as JSON."""
    with usable_supergraph(supergraph):
        gateway = Gateway(text_of(supergraph, A_SUPERGRAPH), SubgraphHttp())
    try:
        api = read_rest_page(page)
    except WrongRestPage as wrong:
        raise CommandFailed(str(wrong)) from None
    if problems := problems_with(api, gateway):
        raise CommandFailed("\n".join(f"{page}: {problem}" for problem in problems))
    sys.stdout.write(json.dumps(openapi(api, gateway), indent=2, ensure_ascii=False) + "\n")
    return 0
