"""Small supergraphs for tests."""

from __future__ import annotations

from functools import cache

from gateway_graphql.composition.compose import compose
from gateway_graphql.composition.subgraph import Subgraph

LINK = """
extend schema @link(
  url: "https://specs.apollo.dev/federation/v2.9"
  import: ["@key", "@requires", "@provides", "@external", "@shareable", "@override", "@inaccessible", "@interfaceObject", "@authenticated"]
)
"""


@cache
def graph(**subgraphs: str) -> str:
    """The supergraph of these subgraphs."""
    result = compose([Subgraph(name, f"http://{name}", LINK + sdl) for name, sdl in subgraphs.items()])
    assert result.supergraph_sdl is not None, "\n".join(map(str, result.errors))
    return result.supergraph_sdl


SUBSCRIBERS = graph(
    subscribers="""
      type Query { me: Subscriber all: [Subscriber!]! top(first: Int = 3, status: Status): [Subscriber] strict: Strict! }
      type Mutation { add(name: String!): Subscriber remove(id: ID!): Boolean upload(file: Upload!, note: String): Subscriber }
      type Strict { name: String! friend: Subscriber! }
      type Subscriber @key(fields: "id") { id: ID! name: String status: Status blob: Json parts: [Part!] }
      type Part { size: Int! }
      enum Status { ACTIVE GONE SECRET @inaccessible }
      scalar Json
      scalar Upload
    """,
    letters="""
      type Subscriber @key(fields: "id") { id: ID! letters: [Letter!] count: Int! unread: Int }
      type Letter { subject: String! }
      type Mutation { send(to: ID!): Boolean }
    """,
    live="""
      type Subscription { changed(id: ID): Change! }
      type Change { at: String! subscriber: Subscriber! }
      type Subscriber @key(fields: "id", resolvable: false) { id: ID! }
    """,
)
