"""Variables are found in printed text without a parser."""

from __future__ import annotations

import pytest
from graphql import parse, print_ast

from gateway_graphql.planning.variables import variables_in


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ("a b { c }", ()),
        ("a(x: $x, y: [$y, {z: $z}]) b(x: $x)", ("x", "y", "z")),
        ('a(text: "$no \\" $no \\\\", x: $yes)', ("yes",)),
        ('a(text: "", x: $yes, more: "$no")', ("yes",)),
        ('a(text: """\n  $no " "" \\""" $no\n  and \\ $no\n""", x: $yes)', ("yes",)),
        ('a(text: """""", x: $yes, more: """$no""")', ("yes",)),
        ("a @include(if: $yes) { ... @skip(if: $other) { b } }", ("yes", "other")),
    ],
)
def test_what_is_a_variable_and_what_is_text(selection: str, expected: tuple[str, ...]) -> None:
    document = f"{{ {selection} }}"
    assert variables_in(document) == variables_in(print_ast(parse(document))) == expected
