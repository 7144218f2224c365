"""What REST clients rely on is a file: the committed OpenAPI document is what the pages and the graph say."""

import difflib
import json
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from docker.local.schema import REST_PAGES, described, openapi_file


@pytest.mark.parametrize("page", REST_PAGES, ids=lambda page: page.parent.name)
async def test_the_openapi_document_is_what_the_page_describes(page: Path) -> None:
    committed, now = openapi_file(page).read_text(), await described(page)

    difference = "\n".join(
        difflib.unified_diff(committed.splitlines(), now.splitlines(), "committed", "now", lineterm="")
    )
    assert committed == now, (
        "run `make schema` and review the difference: what breaks a client needs another major version, on a page of its "
        f"own; what is new a minor one\n{difference}"
    )
    validate(json.loads(now))
