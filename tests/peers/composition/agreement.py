"""Compose every graph twice, and print what the two compositions do not agree about."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random

from graphql import FieldDefinitionNode, ObjectTypeDefinitionNode, Visitor, parse, print_ast, visit

from tests.peers.composition.draw import drawn
from tests.peers.composition.graph import Graph, graphs_at, own_graphs
from tests.peers.composition.minimise import minimised
from tests.peers.composition.mutate import mutations, twice
from tests.peers.composition.mutate.nodes import walk, with_changes
from tests.peers.composition.outcome import Apollo, Outcome, ours

__all__ = ["compare_compositions"]

WANTED = {
    "one_of": "@oneOf is part of GraphQL since; Apollo's graphql does not know it",
}
"""graphs of which we know better, and why"""

FORBIDDEN = re.compile(
    "Cannot extend non-|Must provide only one schema definition|There can be only one (query|mutation|subscription) type"
    "|(Argument|Enum value) '.*' can only be defined once|All root types must be different|null is no "
)
"""what GraphQL forbids and Apollo takes: extensions of another kind, two schema definitions, one root for all, …"""

RUNTIME_TYPES = "INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN"

EXCEPTIONS = {
    "is used at location": "two subgraphs set a context of one name on one type, and one of them gets lost",
    "is never used": "the same, where the type is named",
    "Contexts exists": "the same, where the context is only asked for",
    "cannot be applied to interface": "a field of an interface object has a cost, which becomes one of an interface",
    "Should not have been called for": "a hint about a directive that only some of the subgraphs define as repeatable",
    "Should not have incompatible root type": "a type is the root of two operations, which GraphQL forbids",
    "next.filter is not a function": "an empty text stands where a list is wanted",
    "reading 'name'": "a Federation 1 subgraph links connectors of a version that nobody knows",
    "is not an argument of": "an argument that sizes a list is no argument of the supergraph",
    "reading 'sort'": "guards are united that are no lists of lists",
    "sort is not a function": "the same, where they are texts",
    "is not used in any federation": "what only a removed field of a Federation 1 subgraph needed has stayed",
    "non-core schema": "federation is linked by a directive that is defined as something else than @link",
    "already exists in this schema": "a type is called like one that is put beside it later",
    "should have exactly one vertex for type": "a field with a label belongs to a type that no query can reach",
}
"""what Apollo's composition says when it ends with an exception, and what is left for us to compose"""


def compare_compositions(
    paths: Sequence[Path], changed: int, by_chance: int, seed: int, *, hints: bool, whole: bool
) -> int:
    """Print each kind of disagreement once, and how many there are; 0 if there is none that is not wanted."""
    graphs = [*own_graphs(), *(graph for path in paths for graph in graphs_at(path))]
    compared: Counter[str] = Counter()
    shown: set[object] = set()
    with Apollo() as apollo:
        for graph in _all_of(graphs, changed, by_chance, seed):
            left, right = ours(graph), apollo(graph)
            verdict = _verdict(left, right, hints)
            if verdict == "differ" and _justified(graph, left, right, apollo):
                verdict = "differ as they should"
            compared[verdict] += 1
            kind = _kind(left, right, hints)
            if verdict != "differ" or kind in shown:
                continue
            shown.add(kind)
            smallest = graph if whole else minimised(graph, _still(kind, apollo, hints))
            _show(smallest, ours(smallest), apollo(smallest), hints)
    total = compared.total()
    print(f"{total} graphs: " + ", ".join(f"{count} {verdict}" for verdict, count in compared.most_common()))
    return 1 if compared["differ"] else 0


def _all_of(graphs: Sequence[Graph], changed: int, by_chance: int, seed: int) -> Iterator[Graph]:
    yield from graphs
    chance = Random(seed)
    # Changing a large graph is slow, and finds nothing that changing a small one does not.
    small = [graph for graph in graphs if sum(len(sdl) for _, sdl in graph.subgraphs) < 3000]
    number = 0
    for graph, count in Counter(chance.choices(small, k=changed)).items():
        possible = list(mutations(graph))
        for mutation in chance.sample(possible, min(count, len(possible))):
            number += 1
            yield mutation() if number % 3 else twice(mutation(), chance)
    yield from (drawn(seed * 1_000_000 + number) for number in range(by_chance))


def _verdict(left: Outcome, right: Outcome, hints: bool) -> str:
    if "CRASH" in right.codes:
        return "without an answer of Apollo's" if left.codes - {"CRASH"} else "differ"
    # An error without a code is one of the merged schema, which GraphQL does not allow.
    coded = {code or "INVALID_GRAPHQL" for code in right.codes}
    same = (
        left.codes in (right.codes, coded)
        and left.meaning == right.meaning
        and (not hints or left.hints == right.hints)
    )
    return "agree" if same else "differ"


def _justified(graph: Graph, left: Outcome, right: Outcome, apollo: Callable[[Graph], Outcome]) -> bool:
    if graph.name.split(",")[0] in WANTED:
        return True
    invalid = [said for said in left.said if said.endswith("(INVALID_GRAPHQL)")]
    if invalid and all(FORBIDDEN.search(said) for said in invalid):
        return True
    invalid = [said for said in left.said if said.endswith("(CONTEXT_INVALID_SELECTION)")]
    only = left.codes - right.codes == {"CONTEXT_INVALID_SELECTION"} and right.codes < left.codes
    if only and all("exactly one field" in said for said in invalid):
        return True  # an argument is one value, and two of them are told only if their types differ
    if any("Cannot set schema query root to unknown type Query" in said for said in right.said):
        return True  # libraries print a query root that nobody defined; a subgraph may do without
    if right.codes == {""}:
        # An error without a code is said of the merged schema, where names of two subgraphs were mixed up.
        return not left.codes
    if "CRASH" in right.codes:
        return any(text in said for said in right.said for text in EXCEPTIONS)
    if not left.codes and not right.codes and left.hints == right.hints:
        both = ((left, right), (right, left))
        # The scalar of a specification that is linked by itself, or that a library printed in vain, is taken for a
        # type of the subgraph.
        if all(
            re.search(r"(^|\W|__)(Policy|Scope|ContextFieldValue|FieldSet)\b", line)
            for line in left.meaning ^ right.meaning
        ):
            return True
        # An empty text is no number, no list and no input object, and null is nothing: they are left out.
        said = [{_without_empty_texts(line) for line in one.meaning - other.meaning} for one, other in both]
        if said[0] == said[1]:
            return True
        # What is written on a built-in type, or on the definition of a specification, is no part of the supergraph.
        only_links = {re.sub(r".*specs.apollo.dev/(tag|inaccessible)/.*", "", line) for line in right.meaning}
        if left.meaning < right.meaning and only_links <= {"", *left.meaning}:
            return True
        # Of two contexts with one name on one type, Apollo keeps that of the first subgraph.
        return all(re.search(r"^\w+ @context\(", line) for line in left.meaning - right.meaning) and (
            right.meaning < left.meaning
        )
    if left.codes - right.codes == {"SATISFIABILITY_ERROR"} and not right.codes - left.codes:
        # What @provides brings along is taken for what is always there, if it comes first. And a type all of whose
        # fields are overridden is forgotten, together with the labels on fields that have it.
        return _emptied_by_overrides(graph) or any(
            apollo(other).codes == left.codes for other in _otherwise_ordered(graph)
        )
    if not left.codes | right.codes and left.hints - right.hints == {RUNTIME_TYPES} and not right.hints - left.hints:
        # A type that was come to by fewer subgraphs before is not looked at again.
        return any(RUNTIME_TYPES in apollo(other).hints for other in _otherwise_ordered(graph))
    return False


def _without_empty_texts(line: str) -> str:
    return re.sub(r'(, )?\b\w+: (?:""|null)(?(1)|,? ?)', "", line)


def _emptied_by_overrides(graph: Graph) -> bool:
    """Whether a subgraph has an object of which others resolve every field by now."""
    fields: dict[tuple[str, str], set[str]] = {}
    overridden: dict[tuple[str, str], set[str]] = {}
    for name, sdl in graph.subgraphs:
        for node, parents in walk(parse(sdl)):
            if not isinstance(node, FieldDefinitionNode) or not isinstance(parents[-1], ObjectTypeDefinitionNode):
                continue
            type_name = parents[-1].name.value
            fields.setdefault((name, type_name), set()).add(node.name.value)
            for moved in re.findall(r'@override\(from: "(\w+)"\)', print_ast(node)):
                overridden.setdefault((moved, type_name), set()).add(node.name.value)
    return any(fields[place] <= overridden.get(place, set()) for place in fields)


def _otherwise_ordered(graph: Graph) -> Iterator[Graph]:
    """The same graph with the fields of all objects in the opposite order, and then the subgraphs as well."""

    class Backwards(Visitor):
        def leave_object_type_definition(self, node: ObjectTypeDefinitionNode, *_: object) -> ObjectTypeDefinitionNode:
            return with_changes(node, fields=tuple(reversed(node.fields or ())))

        leave_object_type_extension = leave_object_type_definition

    backwards = [(name, print_ast(visit(parse(sdl), Backwards()))) for name, sdl in graph.subgraphs]
    yield Graph(graph.name, tuple(backwards))
    names = {name: f"s{len(backwards) - number}_{name}" for number, (name, _) in enumerate(backwards)}
    renamed = [
        (names[name], re.sub(r'(?<=from: ")\w+(?=")', lambda match: names.get(match[0], match[0]), sdl))
        for name, sdl in backwards
    ]
    yield Graph(graph.name, tuple(sorted(renamed)))


def _still(kind: object, apollo: Apollo, hints: bool) -> Callable[[Graph], bool]:
    return lambda graph: _kind(ours(graph), apollo(graph), hints) == kind


def _kind(left: Outcome, right: Outcome, hints: bool) -> object:
    """What a disagreement is about; another one with the same kind is probably the same."""
    if left.codes or right.codes:
        return left.codes - right.codes, right.codes - left.codes, bool(left.codes), bool(right.codes)
    about = {word for line in left.meaning ^ right.meaning for word in re.findall(r"@\w+|\w+Definition|= ", line)}
    return frozenset(about), (left.hints ^ right.hints) if hints else None


def _show(graph: Graph, left: Outcome, right: Outcome, hints: bool) -> None:
    print(f"\n===== {graph.name}")
    for name, sdl in graph.subgraphs:
        print(f"--- {name}\n{sdl.strip()}")
    only = {"ours": (left, right), "Apollo": (right, left)}
    for who, (said, other) in only.items():
        print(f"{who}: {', '.join(sorted(said.codes)) or 'composes'}")
        for line in sorted(said.meaning - other.meaning)[:8] if not (said.codes or other.codes) else said.said[:5]:
            print(f"    {line[:300]}")
        if hints and not said.codes and said.hints - other.hints:
            print(f"    hints: {', '.join(sorted(said.hints - other.hints))}")
