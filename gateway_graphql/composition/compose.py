"""The whole way from subgraphs to a supergraph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway_graphql.composition.check import check_each, check_merged, check_names, hint_at_version
from gateway_graphql.composition.contract import Contract, apply_contract
from gateway_graphql.composition.diagnostics import Diagnostic, Findings
from gateway_graphql.composition.merge import merge
from gateway_graphql.composition.print import print_supergraph
from gateway_graphql.composition.read import read_subgraph
from gateway_graphql.composition.rules.inaccessible_is_not_needed import hidden_elements
from gateway_graphql.composition.satisfiability import check_satisfiability
from gateway_graphql.composition.subgraph import ReadSubgraph, Subgraph
from gateway_graphql.composition.upgrade import misplaced_interface_objects, upgrade

__all__ = ["CompositionResult", "Contract", "Subgraph", "compose"]


@dataclass(frozen=True)
class CompositionResult:
    """A supergraph, or everything that stands in the way of one."""

    supergraph_sdl: str | None
    errors: tuple[Diagnostic, ...] = ()
    hints: tuple[Diagnostic, ...] = ()


def compose(subgraphs: Sequence[Subgraph], contract: Contract | None = None) -> CompositionResult:
    """
    Make one supergraph of several subgraphs.

    Mistakes of the authors are no exceptions: each stage finds all that it can find, and the next one starts only if
    there was nothing. The result does not depend on the order of the subgraphs. With a contract, what it does not show
    is hidden from clients; the graph as a whole must compose nevertheless.
    """
    findings = Findings()
    check_names(subgraphs, findings)
    if findings.errors:
        return _failed(findings)
    read = _read_all(subgraphs, findings)
    check_each([s for s in read if not s.federation_1], findings)
    findings.errors += [taken for s in read if s.federation_1 for taken in s.taken_roots]
    if findings.errors:
        return _failed(findings)
    misplaced = list(misplaced_interface_objects(read))
    check_each(upgrade(read, findings), findings)
    if findings.errors:
        return _failed(findings)
    findings.errors += misplaced
    findings.errors += [borrowed for s in read for borrowed in s.borrowed_types]
    if findings.errors:
        return _failed(findings)
    merging = merge(read, findings)
    if not findings.errors:
        check_merged(merging)
    if contract is not None and not findings.errors:
        apply_contract(merging, contract)
        check_merged(merging)
        findings.errors = [contract.in_it(problem) for problem in findings.errors]
    if findings.errors:
        return _failed(findings)
    hidden = hidden_elements(merging.merged)  # before printing, which gives directives their names in the supergraph
    supergraph_sdl = print_supergraph(merging)
    check_satisfiability(supergraph_sdl, hidden, findings)
    if findings.errors:
        return _failed(findings)
    return CompositionResult(supergraph_sdl, hints=tuple(sorted(set(findings.hints))))


def _read_all(subgraphs: Sequence[Subgraph], findings: Findings) -> list[ReadSubgraph]:
    read: list[ReadSubgraph] = []
    for subgraph in sorted(subgraphs, key=lambda s: s.name):
        understood, problems = read_subgraph(subgraph)
        findings.errors += problems
        if understood is not None:
            hint_at_version(understood, findings)
            read.append(understood)
    return read


def _failed(findings: Findings) -> CompositionResult:
    """In an order that does not depend on that of the subgraphs, and nothing said twice."""
    return CompositionResult(None, tuple(sorted(set(findings.errors))), tuple(sorted(set(findings.hints))))
