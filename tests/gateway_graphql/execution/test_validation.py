"""Our walk finds what graphql-core's finds: the same mistakes, in the same order, at the same places."""

from __future__ import annotations

import gc
import random

import pytest
from graphql import GraphQLSyntaxError, NoSchemaIntrospectionCustomRule, build_schema, parse, specified_rules, validate

from gateway_graphql.execution.validation import Validator
from gateway_graphql.supergraph.parse import unchained

SCHEMA = build_schema(
    """
    directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
    directive @tag(name: String!) repeatable on FIELD | QUERY | VARIABLE_DEFINITION
    type Query { me: Person people(first: Int = 3, like: Filter, kind: Kind): [Person!]! any(one: One): Any node(id: ID!): Node }
    type Mutation { rename(id: ID!, name: String!): Person }
    type Subscription { renamed: Person joined: Person }
    interface Node { id: ID! }
    type Person implements Node { id: ID! name(upper: Boolean): String friends(first: Int!): [Person] pet: Pet }
    type Pet implements Node { id: ID! name: Int owner: Person }
    union Any = Person | Pet
    enum Kind { OLD YOUNG }
    input Filter { name: String! age: Int = 1 inner: Filter }
    input One @oneOf { a: Int b: String }
    """
)
RULES = [*specified_rules, NoSchemaIntrospectionCustomRule]
VALIDATOR = Validator(SCHEMA, RULES)
SEEDS = [
    "{ me { id name } people(first: 2, like: {name: \"a\", inner: {name: null}}) { ...P friends(first: 1) { id } } } fragment P on Person { name pet { id owner { name } } }",
    "query Q($a: Int, $b: Boolean! = true, $f: Filter) { people(first: $a, like: $f) @include(if: $b) { name(upper: $b) } } query R { me { id } }",
    "mutation M($id: ID!) { a: rename(id: $id, name: \"x\") { ... on Person @defer(label: \"l\") { name } } b: rename(id: 1, name: \"y\") { id } }",
    "subscription S { renamed { ...P ... on Node { id } } } fragment P on Person { friends(first: 3) { ...P } }",
    "{ any(one: {a: 1}) { __typename ... on Pet { name } ... on Person { n: name } } node(id: \"1\") { id ...N } } fragment N on Node { id ... on Pet @skip(if: false) { owner { id } } }",
    "query T($v: Kind @tag(name: \"a\") @tag(name: \"b\")) @tag(name: \"c\") { people(kind: $v) { name @tag(name: \"d\") friends(first: 1) @skip(if: true) { pet { name } } } __schema { types { name } } }",
]  # fmt: skip
WORDS = [
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ":",
    "$",
    "@",
    "!",
    "...",
    "on",
    "me",
    "name",
    "id",
    "people",
    "Person",
    "Pet",
    "Any",
    "Node",
    "fragment",
    "query",
    "$a",
    "$b",
    "1",
    "null",
    "true",
    '"x"',
    "OLD",
    "P",
    "Q",
    "@skip(if:true)",
    "@defer",
    '@tag(name:"a")',
    "first:",
    "x",
]


def told(document: str) -> tuple[list[object], list[object]]:
    """What both say."""
    parsed = parse(document)
    theirs: list[object] = [error.formatted for error in validate(SCHEMA, parsed, RULES)]
    return [error.formatted for error in VALIDATOR.errors(parsed)], theirs


@pytest.mark.parametrize("document", SEEDS)
def test_of_what_is_nearly_right(document: str) -> None:
    ours, theirs = told(document)
    assert ours == theirs


def test_of_documents_with_something_changed() -> None:
    draw = random.Random(7)
    wrong = 0
    for _ in range(3000):
        words = (
            draw.choice(SEEDS).replace("(", " ( ").replace(")", " ) ").replace("{", " { ").replace("}", " } ").split()
        )
        for _ in range(draw.randint(1, 3)):
            at = draw.randrange(len(words))
            match draw.randrange(4):
                case 0:
                    del words[at]
                case 1:
                    words.insert(at, draw.choice(WORDS))
                case 2:
                    words[at] = draw.choice(words)
                case _:
                    words[at] = draw.choice(WORDS)
        document = " ".join(words)
        try:
            ours, theirs = told(document)
        except GraphQLSyntaxError:
            continue
        assert ours == theirs, document
        wrong += bool(theirs)
    assert wrong > 200


def test_of_more_mistakes_than_anybody_reads() -> None:
    ours, theirs = told("{ " + " ".join(f"a{number}" for number in range(200)) + " }")
    assert ours == theirs
    assert len(ours) == 101


def test_nothing_is_left_for_the_collector() -> None:
    for document in SEEDS:  # what is only made once is made here
        VALIDATOR.errors(parse(document))
    gc.collect()
    for document in SEEDS:
        VALIDATOR.errors(unchained(parse(document)))
    assert gc.collect() == 0
