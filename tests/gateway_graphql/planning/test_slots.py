"""Slots: what may share a response key in a subgraph's document."""

from gateway_graphql import Subgraph, compose, plan

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])'
LETTERS = f"""{LINK}
type Query {{ latest: Post }}
interface Post {{ stamp: String }}
type Letter implements Post @key(fields: "id") {{ id: ID! stamp: String! @shareable }}
type Parcel implements Post @key(fields: "id") {{ id: ID! stamp: String @shareable }}
"""
ARCHIVE = f"""{LINK}
type Letter @key(fields: "id") {{ id: ID! stamp: String @shareable }}
type Parcel @key(fields: "id") {{ id: ID! stamp: String! @shareable }}
"""


def test_nullability_that_differs_crosswise_takes_two_slots() -> None:
    """Taken together the types look alike; inside one subgraph `String` and `String!` may not share a key."""
    composed = compose(
        [Subgraph.from_sdl("letters", LETTERS, "http://l"), Subgraph.from_sdl("archive", ARCHIVE, "http://a")]
    )
    assert composed.supergraph_sdl

    text = str(plan(composed.supergraph_sdl, "{ latest { stamp } }"))

    assert text == "Fetch letters: { latest { __typename ... on Letter { stamp } ... on Parcel { _stamp_1: stamp } } }"
