"""Names of directives, as ``@link`` gives them."""

from __future__ import annotations

import pytest
from graphql import parse

from gateway_graphql.composition.link import Links, read_links

FEDERATION = "https://specs.apollo.dev/federation"


def links(*applied: str) -> Links:
    return read_links("a", parse(f"extend schema {' '.join(applied)} type Query {{ a: Int }}"))


def test_what_is_imported_has_its_own_name() -> None:
    known = links(f'@link(url: "{FEDERATION}/v2.3", import: ["@key", {{name: "@tag", as: "@label"}}])').directives()
    assert known["key"] == "key"
    assert known["label"] == "tag"
    assert "tag" not in known
    assert known["federation__shareable"] == "shareable"
    assert "shareable" not in known


def test_an_alias_is_a_prefix() -> None:
    found = links(f'@link(url: "{FEDERATION}/v2.3", as: "fed")')
    assert found.directives()["fed__key"] == "key"
    assert found.types()["FieldSet"] == "fed__FieldSet"


def test_a_version_has_what_it_had() -> None:
    assert "federation__interfaceObject" not in links(f'@link(url: "{FEDERATION}/v2.2")').directives()
    assert "federation__interfaceObject" in links(f'@link(url: "{FEDERATION}/v2.3")').directives()


def test_without_a_link_it_is_federation_1() -> None:
    found = read_links("a", parse("type Query { a: Int }"))
    assert found.version() is None
    assert set(found.directives()) == {"key", "requires", "provides", "external", "extends", "tag"}


def test_the_link_directive_itself_can_be_called_differently() -> None:
    found = read_links(
        "a",
        parse(
            'extend schema @from(url: "https://specs.apollo.dev/link/v1.0", as: "from")'
            f' @from(url: "{FEDERATION}/v2.3", import: ["@key"])'
            " directive @from(url: String, as: String, import: [String]) repeatable on SCHEMA type Query { a: Int }"
        ),
    )
    assert found.link_directive == "from"
    assert found.directives()["key"] == "key"
    assert found.problems == []


def test_where_a_directive_of_ones_own_comes_from() -> None:
    found = links('@link(url: "https://example.org/mine/v1.2", import: [{name: "@mine", as: "@ours"}])')
    link, element = found.source("ours") or pytest.fail("it is imported")
    assert (link.identity, link.version, element) == ("https://example.org/mine", (1, 2), "mine")
    assert found.source("mine__other") is not None
    assert found.source("other") is None


@pytest.mark.parametrize(
    ("applied", "code"),
    [
        (f'@link(url: "{FEDERATION}/v3.0")', "UNKNOWN_FEDERATION_LINK_VERSION"),
        ('@link(url: "https://specs.apollo.dev/link/v2.0")', "UNKNOWN_LINK_VERSION"),
        ('@link(url: "https://example.org/mine")', "INVALID_LINK_IDENTIFIER"),
        ("@link", "INVALID_LINK_DIRECTIVE_USAGE"),
        (f'@link(url: "{FEDERATION}/v2.3", import: ["@kay"])', "INVALID_LINK_DIRECTIVE_USAGE"),
        (f'@link(url: "{FEDERATION}/v2.3", import: [{{as: "@k"}}])', "INVALID_LINK_DIRECTIVE_USAGE"),
    ],
)
def test_a_link_that_says_nothing_useful(applied: str, code: str) -> None:
    assert [problem.code for problem in links(applied).problems] == [code]
