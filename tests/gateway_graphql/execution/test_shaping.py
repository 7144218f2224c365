"""The code for a shape says what the interpreter says, or gives way to it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway_graphql.composition.compose import compose
from gateway_graphql.composition.subgraph import Subgraph
from gateway_graphql.execution.gateway import Gateway, GraphQLRequest, Prepared
from gateway_graphql.execution.operation_limits import OperationLimits
from gateway_graphql.execution.result_errors import ResultErrors
from gateway_graphql.execution.shape import shaped
from gateway_graphql.execution.shaping import WORTH_IT, Shaping, code_for
from tests.gateway_graphql.execution.clients import AnswersAsTold

SDL = """
type Query { letter: Letter! letters: [Letter!] grid: [[Int!]]! thing: Thing things: [Thing]! kinds: [Kind!] }
type Letter { id: ID! text: String kind: Kind tags: [String] words: [String!]! answer: Letter any: JSON }
interface Named { name: String! }
type Person implements Named { name: String! age: Int }
type Firm implements Named { name: String! owner: Person! }
union Thing = Person | Firm | Letter
enum Kind { BLUE RED }
scalar JSON
"""
QUERY = """
query All {
  letter { ...L answer { ...L again: answer { id } } }
  letters { id words }
  grid
  kinds
  thing { ...T }
  things { ...T }
}
fragment L on Letter { __typename id text kind tags words any }
fragment T on Thing { __typename ... on Named { name } ... on Person { age } ... on Firm { owner { name } } ...L }
"""


def prepared(query: str) -> Prepared:
    """The query, planned for one subgraph."""
    result = compose([Subgraph.from_sdl("letters", SDL, "http://letters")])
    assert result.supergraph_sdl
    gateway = Gateway(result.supergraph_sdl, AnswersAsTold(), operation_limits=OperationLimits(mode="off"))
    made = gateway.prepare(GraphQLRequest(query))
    assert isinstance(made, Prepared), made
    return made


PLANNED = prepared(QUERY)
CODE = code_for(PLANNED.plan.shape)
SHAPING = Shaping(PLANNED.plan.shape)
SHAPING._code = CODE

text = st.none() | st.text(max_size=3) | st.integers()
kind = st.none() | st.sampled_from(["BLUE", "RED", "GREEN", 3])
anything = st.none() | st.booleans() | st.text(max_size=2) | st.lists(st.integers(), max_size=2) | st.just({"a": 1})


def lists(of: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | st.lists(of, max_size=3) | st.just("no list")


def letter(below: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    usual = {"id": st.just("1") | text, "words": st.just(["a"]) | lists(text), "__typename": st.just("Letter")}
    other = {"text": text, "kind": kind, "tags": lists(text), "any": anything}
    return st.fixed_dictionaries(usual, optional={**other, "answer": below, "again": below})


letters = st.none() | st.just("no object") | st.recursive(letter(st.none()), letter, max_leaves=3)
person = st.fixed_dictionaries(
    {"__typename": st.sampled_from(["Person", "Ghost"]), "name": text}, optional={"age": text}
)
firm = st.fixed_dictionaries({"__typename": st.just("Firm"), "name": text}, optional={"owner": st.none() | person})
things = st.none() | person | firm | letters | st.just({"name": "untyped"})
stores = st.fixed_dictionaries(
    {"letter": letters, "things": lists(things), "grid": lists(lists(text))},
    optional={"letters": lists(letters), "thing": things, "kinds": lists(kind)},
)


@given(store=stores)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_code_and_interpreter_say_the_same(store: dict[str, Any]) -> None:
    expected_errors, errors = ResultErrors(), ResultErrors()
    expected = shaped(PLANNED.plan.shape, store, {}, expected_errors)

    assert SHAPING.of(store, {}, errors) == expected
    assert errors.errors == expected_errors.errors


GOOD = {
    "letter": {"id": "1", "words": ["a"], "answer": {"id": "2", "words": [], "kind": "RED", "again": None}},
    "things": [{"__typename": "Person", "name": "Ada"}, None, {"__typename": "Letter", "id": "3", "words": ["x"]}],
    "grid": [[1, 2], None],
}


def test_an_answer_in_order_needs_no_interpreter() -> None:
    assert CODE is not None
    expected = shaped(PLANNED.plan.shape, GOOD, {}, ResultErrors())
    assert json.dumps(CODE(GOOD)) == json.dumps(expected)  # the order of the keys as well


def test_code_is_made_for_what_is_asked_often() -> None:
    shaping = Shaping(PLANNED.plan.shape)
    for number in range(WORTH_IT + 2):
        assert (shaping._code is not None) == (number >= WORTH_IT)
        assert shaping.of(GOOD, {}, ResultErrors()) == shaped(PLANNED.plan.shape, GOOD, {}, ResultErrors())


@pytest.mark.parametrize("condition", ["@include(if: $yes)", "@skip(if: $yes)"])
def test_what_depends_on_variables_stays_with_the_interpreter(condition: str) -> None:
    query = f"query ($yes: Boolean!) {{ letter {{ id text {condition} }} }}"
    assert code_for(prepared(query).plan.shape) is None


def test_an_answer_too_large_stays_with_the_interpreter() -> None:
    fields = " ".join(f"a{number}: text" for number in range(3001))
    assert code_for(prepared(f"{{ letter {{ {fields} }} }}").plan.shape) is None
