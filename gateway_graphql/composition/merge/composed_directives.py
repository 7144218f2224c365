"""
Directives of the subgraphs' own: executable ones that all understand, others if ``@composeDirective`` asks for it.

Spec: DIRECTIVE_COMPOSITION_ERROR.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql import specified_scalar_types

from gateway_graphql.composition.link import Link
from gateway_graphql.composition.merge.arguments import merge_arguments
from gateway_graphql.composition.merge.descriptions import merge_description
from gateway_graphql.composition.merge.directives import merge_directives
from gateway_graphql.composition.merge.merging import ComposedLink, Merging
from gateway_graphql.composition.model import BUILT_IN_DIRECTIVES, ArgumentModel, DirectiveModel, named_type
from gateway_graphql.composition.specs import FEDERATION, HOST
from gateway_graphql.composition.subgraph import ReadSubgraph

__all__ = ["EXECUTABLE", "compose_directives", "merge_executable_directives"]

EXECUTABLE = ("QUERY", "MUTATION", "SUBSCRIPTION", "FIELD", "FRAGMENT_DEFINITION", "FRAGMENT_SPREAD",
              "INLINE_FRAGMENT", "VARIABLE_DEFINITION")  # fmt: skip

_ALWAYS_COMPOSED = ("tag", "inaccessible")
"""directives of federation whose names must stay free in the supergraph"""


@dataclass(frozen=True)
class _Wish:
    subgraph: ReadSubgraph
    name: str
    link: Link
    element: str


def compose_directives(merging: Merging) -> None:
    """Keep what the subgraphs ask to keep, and note which links that takes."""
    taken = {
        local: name
        for s in merging.subgraphs
        for local, name in s.links.directives().items()
        if name in _ALWAYS_COMPOSED
    }
    wishes = [w for s in merging.subgraphs for w in _wishes(merging, s, taken)]
    wishes = _without_disagreement(merging, wishes)
    _hint_at_versions(merging, wishes)
    _hint_at_names(merging, wishes)
    links: dict[str, ComposedLink] = {}
    for identity in sorted({w.link.identity for w in wishes}):
        mine = [w for w in wishes if w.link.identity == identity]
        # The newest version knows all that the older ones know.
        newest = max((w for w in mine), key=lambda w: w.link.version)
        for name in sorted({w.name for w in mine}):
            merging.merged.definitions[name] = _compose(merging, mine, name, newest.link)
            merging.composed[name] = {w.subgraph.name for w in mine if w.name == name}
        imports = tuple(sorted({(f"@{w.element}", f"@{w.name}") for w in mine}))
        links[identity] = ComposedLink(newest.link, imports)
    merging.composed_links = list(links.values())
    _names_stay_free(merging)


def _names_stay_free(merging: Merging) -> None:
    """What is composed may not be called like a directive of federation that the supergraph has as well."""
    for feature in sorted(merging.features - {"cacheTag"}):  # which travels inside of a join directive
        name = merging.renamed.get(feature, feature)
        if name in merging.composed:
            merging.findings.error(
                "INVALID_LINK_DIRECTIVE_USAGE",
                f"@{name}",
                f'other subgraphs have this name for "@{feature}" of federation; import one of them under another name',
                sorted(merging.composed[name]),
            )


def _compose(merging: Merging, wishes: list[_Wish], name: str, newest: Link) -> DirectiveModel:
    """The definition as a subgraph has it that links the newest version, the last one by name."""
    element = next(w.element for w in wishes if w.name == name)
    linking = [
        (s, s.schema.definitions[local])
        for s in merging.subgraphs
        for link in s.links.links
        if link.identity == newest.identity and link.version == newest.version
        if (local := link.local(f"@{element}")[1:]) in s.schema.definitions
    ]
    wanting = [(w.subgraph, w.subgraph.schema.definitions[name]) for w in wishes if w.name == name]
    subgraph, definition = (linking or wanting)[-1]
    composed = DirectiveModel(name, {}, definition.locations, definition.repeatable, description=definition.description)
    for argument in definition.arguments.values():
        composed.arguments[argument.name] = ArgumentModel(
            argument.name, argument.type, argument.default, description=argument.description
        )
        coordinate = f"@{name}({argument.name}:)"
        merge_directives(merging, coordinate, composed.arguments[argument.name], [(subgraph, argument)])
    return composed


def _hint_at_versions(merging: Merging, wishes: list[_Wish]) -> None:
    wanted = {(w.link.identity, w.subgraph.name) for w in wishes}
    versions: dict[str, dict[str, int]] = {}
    for subgraph in merging.subgraphs:
        for link in subgraph.links.links:
            versions.setdefault(link.identity, {})[subgraph.name] = link.version[0]
    for identity, majors in sorted(versions.items()):
        composed = {majors[name] for name in majors if (identity, name) in wanted}
        if len(set(majors.values())) > 1 and len(composed) < 2:
            merging.findings.hint(
                "DIRECTIVE_COMPOSITION_INFO",
                identity,
                "it is linked in different major versions, so its directives can only be composed from some subgraphs; "
                "link the same version everywhere",
                majors,
            )


def _hint_at_names(merging: Merging, wishes: list[_Wish]) -> None:
    """Who does not ask for it may call it differently, but could not ask for it then."""
    for element in sorted({w.element for w in wishes}):
        first = next(w for w in wishes if w.element == element)
        asking = {w.subgraph.name for w in wishes if w.element == element}
        others = [
            s.name
            for s in merging.subgraphs
            if s.name not in asking
            for link in s.links.links
            if link.identity == first.link.identity
            and dict(link.imports).get(f"@{element}", f"@{first.name}") != f"@{first.name}"
        ]
        if others:
            merging.findings.hint(
                "DIRECTIVE_COMPOSITION_WARN",
                f"@{first.name}",
                "it has another name here, so it cannot be composed from here; import it under the same name",
                others,
            )


def _wishes(merging: Merging, subgraph: ReadSubgraph, taken: Mapping[str, str]) -> Iterator[_Wish]:
    for applied in subgraph.schema.all("composeDirective"):
        given = applied.get("name")
        problem: str | None = None
        if not isinstance(given, str) or not given.startswith("@"):
            problem = f'"{given}" is no name of a directive; begin it with "@"'
        elif given[1:] in subgraph.links.directives():
            known = subgraph.links.directives()[given[1:]]
            if FEDERATION[known].spec is not None:
                merging.findings.hint(
                    "DIRECTIVE_COMPOSITION_INFO",
                    given,
                    "it is composed anyway; remove @composeDirective",
                    [subgraph.name],
                )
                continue
            problem = "a directive of federation itself cannot be composed; remove @composeDirective"
        elif given[1:] not in subgraph.schema.definitions:
            problem = "there is no such directive here; define it, or correct the name"
        elif (found := subgraph.links.source(given[1:])) is None:
            problem = "it belongs to no linked specification; @link one that has it"
        elif found[0].identity.startswith(HOST) and found[0].name in ("federation", "link", "join", "core"):
            problem = "a directive of this specification cannot be composed; remove @composeDirective"
        elif given[1:] in taken:
            problem = (
                f'another subgraph has this name for "@{taken[given[1:]]}" of federation; import it under another name'
            )
        else:
            yield _Wish(subgraph, given[1:], *found)
        if problem:
            merging.findings.error("DIRECTIVE_COMPOSITION_ERROR", str(given), problem, [subgraph.name])


def _without_disagreement(merging: Merging, wishes: list[_Wish]) -> list[_Wish]:
    """The same name must mean the same directive, in one major version, for everybody."""
    error = merging.findings.error
    wrong: set[str] = set()
    for name in sorted({w.name for w in wishes}):
        mine = [w for w in wishes if w.name == name]
        if len({(w.link.identity, w.element) for w in mine}) > 1:
            error(
                "DIRECTIVE_COMPOSITION_ERROR",
                f"@{name}",
                "the subgraphs mean different specifications by it; import one of them under another name",
                [w.subgraph.name for w in mine],
            )
            wrong.add(name)
    for identity in sorted({w.link.identity for w in wishes}):
        mine = [w for w in wishes if w.link.identity == identity]
        elements = {w.element for w in mine}
        if len({w.link.version[0] for w in mine}) > 1:
            error(
                "DIRECTIVE_COMPOSITION_ERROR",
                identity,
                "it is linked in different major versions, which cannot be composed; link the same one everywhere",
                [w.subgraph.name for w in mine],
            )
            wrong |= {w.name for w in mine}
        for element in sorted(elements):
            names = {w.name for w in mine if w.element == element}
            if len(names) > 1:
                error(
                    "DIRECTIVE_COMPOSITION_ERROR",
                    f"@{element}",
                    f"it is imported under different names ({', '.join(sorted(names))}); use one name",
                    [w.subgraph.name for w in mine if w.element == element],
                )
                wrong |= names
    return [w for w in wishes if w.name not in wrong]


def merge_executable_directives(merging: Merging) -> None:
    """Keep a directive for operations if every subgraph has it, for the places that all of them allow."""
    names = sorted({n for s in merging.subgraphs for n, d in s.schema.definitions.items() if _executable(d)})
    types = {name for s in merging.subgraphs for name in s.schema.types} | set(specified_scalar_types)
    for name in names:
        if name in merging.merged.definitions or name in BUILT_IN_DIRECTIVES:
            continue
        having = [(s, s.schema.definitions[name]) for s in merging.subgraphs if name in s.schema.definitions]
        locations = _common_locations(merging, name)
        if not locations:
            continue
        if len({tuple(sorted(n for n in d.locations if n in EXECUTABLE)) for _, d in having}) > 1:
            merging.findings.hint(
                "INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS",
                f"@{name}",
                "only the places where all subgraphs allow it were kept; allow the same places everywhere",
                [s.name for s, _ in having],
            )
        if len({d.repeatable for _, d in having}) > 1:
            merging.findings.hint(
                "INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE",
                f"@{name}",
                "it is not repeatable, because it is not repeatable everywhere; make it so here as well",
                [s.name for s, d in having if not d.repeatable],
            )
        merged = DirectiveModel(name, {}, tuple(locations), all(d.repeatable for _, d in having))
        merged.arguments = merge_arguments(merging, f"@{name}", [(s, d.arguments) for s, d in having])
        for argument in merged.arguments.values():
            if (unseen := named_type(argument.type)) not in types:
                merging.findings.error(
                    "REFERENCED_INACCESSIBLE",
                    f"@{name}({argument.name}:)",
                    f'clients may write it, and its type "{unseen}" is for the directives of a specification; '
                    "use a type of your own",
                    [s.name for s, _ in having],
                )
        merge_description(merging, f"@{name}", merged, having)
        merging.merged.definitions[name] = merged


def _common_locations(merging: Merging, name: str) -> list[str]:
    """The places where every subgraph allows it; the first subgraph after which none is left says why."""
    missing = [s.name for s in merging.subgraphs if name not in s.schema.definitions]
    locations = list(EXECUTABLE)
    for number, subgraph in enumerate(merging.subgraphs):
        definition = subgraph.schema.definitions.get(name)
        if definition is None:
            merging.findings.hint(
                "INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE",
                f"@{name}",
                "it was left out, because not every subgraph has it; define it here as well",
                missing,
            )
            return []
        locations = [location for location in locations if location in definition.locations]
        if not locations and number:
            merging.findings.hint(
                "NO_EXECUTABLE_DIRECTIVE_INTERSECTION",
                f"@{name}",
                "it was left out, because there is no place where all subgraphs allow it; agree on one",
                [s.name for s in merging.subgraphs if s.name not in missing],
            )
            return []
    return locations


def _executable(definition: DirectiveModel) -> bool:
    return any(location in EXECUTABLE for location in definition.locations)
