"""What clients see of a supergraph."""

from __future__ import annotations

from graphql import print_schema, validate_schema

from gateway_graphql.supergraph.api_schema import api_schema

SUPERGRAPH = """
schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)
  @link(url: "https://specs.apollo.dev/inaccessible/v0.2", as: "hidden", for: SECURITY)
  @link(url: "https://specs.apollo.dev/tag/v0.3")
{ query: Query }
directive @hidden on OBJECT | FIELD_DEFINITION | ARGUMENT_DEFINITION | ENUM_VALUE | INPUT_FIELD_DEFINITION
directive @tag(name: String!) repeatable on OBJECT | FIELD_DEFINITION
directive @join__type(graph: join__Graph!, key: join__FieldSet) repeatable on OBJECT
directive @loud(times: Int) on FIELD | OBJECT
directive @quiet on OBJECT
scalar join__FieldSet
enum join__Graph { A @join__graph(name: "a", url: "") }
enum link__Purpose { EXECUTION SECURITY }
type Query @join__type(graph: A) @tag(name: "x") {
  "What is seen."
  seen(by: Who, secret: Int @hidden): [Thing] @deprecated(reason: "old") @tag(name: "y")
  secret: Int @hidden
  hiddenThing: HiddenThing
  kind: Kind
}
union Thing @join__type(graph: A) = Seen | HiddenThing
type Seen @join__type(graph: A) { x: Int }
type HiddenThing @hidden @join__type(graph: A) { x: Int }
enum Kind @join__type(graph: A) { OPEN SECRET @hidden }
input Who @join__type(graph: A) { name: String secret: String @hidden }
"""


def test_specs_and_hidden_things_are_gone() -> None:
    schema = api_schema(SUPERGRAPH)

    assert validate_schema(schema) == []
    assert print_schema(schema) == (
        """directive @loud(times: Int) on FIELD

\"\"\"Answer without this fragment first, and send it later.\"\"\"
directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT

type Query {
  \"\"\"What is seen.\"\"\"
  seen(by: Who): [Thing] @deprecated(reason: "old")
  kind: Kind
}

union Thing = Seen

type Seen {
  x: Int
}

enum Kind {
  OPEN
}

input Who {
  name: String
}"""
    )
