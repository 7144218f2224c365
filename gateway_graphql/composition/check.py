"""Run the rules: on each subgraph alone, and on what was merged."""

from __future__ import annotations

from collections.abc import Sequence

from gateway_graphql.composition.diagnostics import Findings
from gateway_graphql.composition.link import UPGRADED_TO
from gateway_graphql.composition.merge import Merging
from gateway_graphql.composition.rules import MERGED_RULES, SUBGRAPH_RULES
from gateway_graphql.composition.rules.interface_keys_are_on_implementations import interface_keys_are_readable
from gateway_graphql.composition.rules.provides_is_on_objects import provides_is_on_objects
from gateway_graphql.composition.specs import known_spec
from gateway_graphql.composition.subgraph import ReadSubgraph, Subgraph

__all__ = ["check_each", "check_merged", "check_names", "hint_at_version"]


def check_names(subgraphs: Sequence[Subgraph], findings: Findings) -> None:
    """Spec: INVALID_SUBGRAPH_NAME. Names are unique, and there are some."""
    names = sorted(s.name for s in subgraphs)
    for name in sorted(set(names)):
        if not name:
            findings.error("INVALID_SUBGRAPH_NAME", "", "a subgraph has no name; give it one")
        if names.count(name) > 1:
            findings.error(
                "INVALID_SUBGRAPH_NAME", "", f'{names.count(name)} subgraphs are called "{name}"; rename them', [name]
            )
    if not subgraphs:
        findings.error("NO_QUERIES", "", "there are no subgraphs; name at least one")


def check_each(subgraphs: Sequence[ReadSubgraph], findings: Findings) -> None:
    """Hold every subgraph to the rules it can break on its own."""
    for subgraph in subgraphs:
        # Where @provides makes no sense, nobody can tell what is external, which most other rules ask; so the first
        # mistake of this kind is the one to correct.
        if misplaced := list(provides_is_on_objects(subgraph)):
            findings.errors += [problem for problem in misplaced if problem.code == misplaced[0].code]
            continue
        # A key of an interface is compared with those of its implementations, so all of these must be readable.
        if unreadable := list(interface_keys_are_readable(subgraph)):
            findings.errors += unreadable
            continue
        findings.errors += subgraph.taken_roots
        for rule in SUBGRAPH_RULES:
            findings.errors.extend(rule(subgraph))


def check_merged(merging: Merging) -> None:
    """Hold the merged schema to the rules that need all subgraphs; each group makes sense once the last one holds."""
    for rules in MERGED_RULES:
        for rule in rules:
            merging.findings.errors.extend(rule(merging))
        if merging.findings.errors:
            return


def hint_at_version(subgraph: ReadSubgraph, findings: Findings) -> None:
    """A specification that is linked by itself may be younger than the version of federation that is linked."""
    version = subgraph.links.version() or (UPGRADED_TO if subgraph.links.introduced else None)
    for link in subgraph.links.links:
        spec = known_spec(link.identity, link.version)
        if version is None or spec is None or spec.since is None or spec.since <= version:
            continue
        findings.hint(
            "IMPLICITLY_UPGRADED_FEDERATION_VERSION",
            "@link",
            f"{link.name} needs federation v{spec.since[0]}.{spec.since[1]}; link that version instead of "
            f"v{version[0]}.{version[1]}",
            [subgraph.name],
        )
