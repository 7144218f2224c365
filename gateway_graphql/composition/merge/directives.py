"""
Directives that live on in the supergraph.

Repeatable ones are united by their arguments. Of the others there can be one: equal everywhere, or united by a rule of
its own (the higher cost, the stricter guard), or what most subgraphs say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import product

from graphql import EnumValueNode, IntValueNode, NullValueNode

from gateway_graphql.composition.merge.merging import Merging, constant
from gateway_graphql.composition.model import Applied, ArgumentModel, Directives
from gateway_graphql.composition.specs import CONNECT, CONNECT_IDENTITY, FEDERATION
from gateway_graphql.composition.subgraph import ReadSubgraph

__all__ = ["conjunction", "merge_directives"]

Elements = Sequence[tuple[ReadSubgraph, Directives]]
_BUILT_IN = ("deprecated", "specifiedBy", "oneOf")
_CARRIED = ("tag", "inaccessible", "authenticated", "requiresScopes", "policy", "cost", "listSize", *_BUILT_IN)


def merge_directives(
    merging: Merging, coordinate: str, target: Directives, sources: Elements, mentions: Elements = ()
) -> None:
    """
    Put onto the merged element what the subgraphs apply to theirs.

    :param mentions: where it is only mentioned, and resolved elsewhere
    """
    for name in _CARRIED:
        merge_one(merging, coordinate, target, sources, name, known=True)
    for name, wanting in merging.composed.items():
        # Where somebody who wants it kept applies it, what the others apply counts as well.
        if any(s.name in wanting and any(a.name == name for a in element.directives) for s, element in sources):
            merge_one(merging, coordinate, target, sources, name, known=False)
    _contexts(merging, target, sources)
    _join_directives(merging, target, [*sources, *mentions])


def merge_one(
    merging: Merging, coordinate: str, target: Directives, sources: Elements, name: str, *, known: bool
) -> None:
    """Merge the applications of one directive."""
    found = [(s, a) for s, element in sources for a in element.directives if a.name == name and a.known == known]
    if not found:
        return
    meanings = [(_meaning(a, {} if known else _defaults(s, name)), a) for s, a in found]
    if _repeatable(merging, name, known):
        distinct: dict[str, Applied] = {}
        for meaning, applied in meanings:
            distinct.setdefault(meaning, applied)
        target.directives += [Applied(name, a.arguments, known) for _, a in sorted(distinct.items())]
        return
    distinct_ones = dict(reversed(meanings))
    if known and name in _UNITE:
        applied = _UNITE[name]([a for _, a in found]) if len(distinct_ones) > 1 else found[0][1]
        target.directives.append(Applied(name, applied.arguments))
        if len(distinct_ones) > 1:
            merging.findings.hint(
                "MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
                coordinate,
                f"@{name} has different arguments in the subgraphs; they were united to {applied.text()}, make them equal",
                [s.name for s, _ in found],
            )
        return
    counted = Counter(meaning for meaning, _ in meanings)
    chosen = distinct_ones[counted.most_common(1)[0][0]]
    target.directives.append(Applied(name, chosen.arguments, known))
    if len(counted) > 1:
        merging.findings.hint(
            "INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
            coordinate,
            f"@{name} has different arguments in the subgraphs; {chosen.text()} was taken, make them equal",
            [s.name for s, _ in found],
        )


def _repeatable(merging: Merging, name: str, known: bool) -> bool:
    if known:
        return name in FEDERATION and FEDERATION[name].repeatable
    return merging.merged.definitions[name].repeatable


def _defaults(subgraph: ReadSubgraph, name: str) -> dict[str, ArgumentModel]:
    definition = subgraph.schema.definitions.get(name)
    return definition.arguments if definition else {}


def _meaning(applied: Applied, defaults: dict[str, ArgumentModel]) -> str:
    """Equal for applications that mean the same."""
    arguments = {n: a.default or NullValueNode() for n, a in defaults.items()} | dict(applied.arguments)
    return Applied(applied.name, dict(sorted(arguments.items()))).text()


# ---------------------------------------------------------------------- rules of their own


def _highest_cost(applied: Sequence[Applied]) -> Applied:
    return Applied("cost", {"weight": IntValueNode(value=str(max(int(a.get("weight")) for a in applied)))})


def _list_size(applied: Sequence[Applied]) -> Applied:
    arguments: dict[str, object] = {}
    sizes = [a.get("assumedSize") for a in applied if a.get("assumedSize") is not None]
    if sizes:
        arguments["assumedSize"] = IntValueNode(value=str(max(int(s) for s in sizes)))
    for name in ("slicingArguments", "sizedFields"):
        lists = [a.get(name) for a in applied if a.get(name) is not None]
        if lists:
            arguments[name] = list(dict.fromkeys(item for items in lists for item in items))
    arguments["requireOneSlicingArgument"] = all(a.get("requireOneSlicingArgument") is not False for a in applied)
    return Applied("listSize", {name: constant(value) for name, value in arguments.items()})


def conjunction(requirements: Sequence[object]) -> list[list[str]]:
    """
    All of several requirements at once, each an OR of ANDs.

    What asks for more than another alternative is left out: whoever has it, has the other one too. No alternative at
    all asks for nothing.
    """
    # As everywhere in GraphQL, one value may stand for a list of one.
    asked = [[_listed(choice) for choice in _listed(requirement)] or [[]] for requirement in requirements]
    alternatives = {frozenset(str(name) for part in choice for name in part) for choice in product(*asked)}
    least = [a for a in alternatives if not any(other < a for other in alternatives)]
    return sorted(sorted(a) for a in least)


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _all_of(name: str, argument: str) -> Callable[[Sequence[Applied]], Applied]:
    def unite(applied: Sequence[Applied]) -> Applied:
        return Applied(name, {argument: constant(conjunction([a.get(argument) for a in applied]))})

    return unite


_UNITE: dict[str, Callable[[Sequence[Applied]], Applied]] = {
    "cost": _highest_cost,
    "listSize": _list_size,
    "requiresScopes": _all_of("requiresScopes", "scopes"),
    "policy": _all_of("policy", "policies"),
}


# ---------------------------------------------------------------------- those that change on the way


def _contexts(merging: Merging, target: Directives, sources: Elements) -> None:
    """A context belongs to its subgraph, so its name does too."""
    for subgraph, element in sources:
        for applied in element.all("context"):
            name = f"{merging.graphs[subgraph.name].lower()}__{applied.get('name')}"
            target.directives.append(Applied("context", {"name": constant(name)}))


def _join_directives(merging: Merging, target: Directives, sources: Elements) -> None:
    """What is for one subgraph's own answers, or for who makes them, travels with the names of its graphs."""
    by_meaning: dict[tuple[str, str], tuple[Applied, list[str]]] = {}
    for subgraph, element in sources:
        for applied in element.directives:
            name = _joined_name(subgraph, applied)
            if name is not None:
                graphs = by_meaning.setdefault((name, applied.text()), (applied, []))[1]
                graphs.append(merging.graphs[subgraph.name])
    for (name, _), (applied, graphs) in by_meaning.items():
        target.directives.append(
            Applied(
                "join__directive",
                {
                    "graphs": constant([EnumValueNode(value=graph) for graph in graphs]),
                    "name": constant(name),
                    "args": constant(dict(applied.arguments)),
                },
            )
        )


def _joined_name(subgraph: ReadSubgraph, applied: Applied) -> str | None:
    """What it is called inside of the join directive, if that is how it travels."""
    if not applied.known or subgraph.links.of_the_past:
        return None
    if applied.name == "cacheTag":
        return "federation__cacheTag"
    if applied.name in CONNECT:
        return subgraph.used[applied.name]
    if applied.name == "link" and str(applied.get("url")).startswith(f"{CONNECT_IDENTITY}/"):
        return "link"
    return None
