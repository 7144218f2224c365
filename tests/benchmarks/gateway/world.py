"""Four subgraphs of a publisher: who reads, what appears, what is said of it, and how much of it is left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphql import GraphQLSchema, build_schema, graphql_sync
from graphql.type import GraphQLResolveInfo

from gateway_graphql import Subgraph, compose

__all__ = ["LINK", "SDL", "answer", "schema_of", "supergraph"]

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@external", "@requires"])\n'
)
SDL = {
    "readers": """
type Query { me: Reader readers: [Reader!]! }
type Reader @key(fields: "id") { id: ID! name: String! email: String country: String }
""",
    "magazines": """
type Query { magazines(first: Int = 8): [Magazine!]! }
type Magazine @key(fields: "issn") { issn: ID! title: String! price: Int weight: Int pages: Int }
""",
    "reviews": """
type Review @key(fields: "id") { id: ID! text: String! stars: Int reader: Reader! magazine: Magazine! }
type Reader @key(fields: "id") { id: ID! reviews: [Review!]! }
type Magazine @key(fields: "issn") { issn: ID! reviews: [Review!]! }
""",
    "stock": """
type Magazine @key(fields: "issn") {
  issn: ID! price: Int @external weight: Int @external inStock: Boolean postage: Int @requires(fields: "price weight")
}
""",
}

NAMES = ("Ada Lovelace", "Grace Hopper", "Alan Turing", "Edsger Dijkstra", "Barbara Liskov", "Donald Knuth")
TITLES = (
    "Letterbox Monthly",
    "The Doorbell",
    "Stamp & Seal",
    "Gatepost",
    "Porch Review",
    "Knocker",
    "Mat",
    "Threshold",
)
PER_READER = 4


def _readers() -> dict[str, dict[str, Any]]:
    return {
        str(n): {"id": str(n), "name": name, "email": f"reader{n}@example.com", "country": "GB"}
        for n, name in enumerate(NAMES, 1)
    }


def _magazines() -> dict[str, dict[str, Any]]:
    return {
        f"0000-{n:04}": {"issn": f"0000-{n:04}", "title": title, "price": 90 * n, "weight": 150 * n, "pages": 12 * n}
        for n, title in enumerate(TITLES, 1)
    }


READERS, MAGAZINES = _readers(), _magazines()
REVIEWS = [
    {
        "id": f"{reader}-{number}",
        "text": f"What I thought of number {number} while the kettle was on.",
        "stars": number % 5 + 1,
        "reader": reader,
        "magazine": f"0000-{(int(reader) + number) % len(TITLES) + 1:04}",
    }
    for reader in READERS
    for number in range(PER_READER)
]


def _postage(magazine: Mapping[str, Any], _: GraphQLResolveInfo) -> int | None:
    price, weight = magazine.get("price"), magazine.get("weight")
    return None if price is None or weight is None else 0 if price > 1000 else weight // 2


Resolver = Callable[..., Any]
RESOLVERS: dict[str, dict[tuple[str, str], Resolver]] = {
    "readers": {
        ("Query", "me"): lambda *_: READERS["1"],
        ("Query", "readers"): lambda *_: list(READERS.values()),
    },
    "magazines": {("Query", "magazines"): lambda _, __, first: list(MAGAZINES.values())[:first]},
    "reviews": {
        ("Reader", "reviews"): lambda reader, _: [one for one in REVIEWS if one["reader"] == reader["id"]],
        ("Magazine", "reviews"): lambda magazine, _: [one for one in REVIEWS if one["magazine"] == magazine["issn"]],
        ("Review", "reader"): lambda review, _: {"id": review["reader"]},
        ("Review", "magazine"): lambda review, _: {"issn": review["magazine"]},
    },
    "stock": {
        ("Magazine", "inStock"): lambda magazine, _: magazine["issn"] < "0000-0005",
        ("Magazine", "postage"): _postage,
    },
}


def supergraph(urls: Mapping[str, str]) -> str:
    """The four of them as one."""
    result = compose([Subgraph.from_sdl(name, LINK + sdl, urls[name]) for name, sdl in SDL.items()])
    assert result.supergraph_sdl, result.errors
    return result.supergraph_sdl


def schema_of(name: str) -> GraphQLSchema:
    """One subgraph, ready to answer."""
    directives = "directive @key(fields: String!) on OBJECT directive @external on FIELD_DEFINITION "
    directives += "directive @requires(fields: String!) on FIELD_DEFINITION scalar _Any "
    entities = [kind for kind in ("Reader", "Magazine", "Review") if f"type {kind} @key" in SDL[name]]
    union = f"union _Entity = {' | '.join(entities)} "
    query = "extend type Query" if "type Query" in SDL[name] else "type Query"
    schema = build_schema(
        f"{directives} {union} {SDL[name]} {query} {{ _entities(representations: [_Any!]!): [_Entity]! }}"
    )
    for (type_name, field), resolve in RESOLVERS[name].items():
        schema.type_map[type_name].fields[field].resolve = resolve  # type: ignore[attr-defined]
    assert schema.query_type
    schema.query_type.fields["_entities"].resolve = lambda _, __, representations: [
        _entity(one) for one in representations
    ]
    return schema


def _entity(representation: Mapping[str, Any]) -> dict[str, Any]:
    match representation["__typename"]:
        case "Reader":
            known: Mapping[str, Any] = READERS[representation["id"]]
        case "Magazine":
            known = MAGAZINES[representation["issn"]]
            known = {key: value for key, value in known.items() if key not in ("price", "weight")} | {
                key: known[key] for key in ("price", "weight") if key in representation or "price" not in representation
            }
        case _:
            known = next(one for one in REVIEWS if one["id"] == representation["id"])
    return {**known, "__typename": representation["__typename"]}


def answer(schema: GraphQLSchema, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What this subgraph says."""
    result = graphql_sync(schema, asked["query"], variable_values=asked.get("variables"))
    return dict(result.formatted)
