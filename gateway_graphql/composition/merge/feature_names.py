"""
Spec: LINK_IMPORT_NAME_MISMATCH. In the supergraph a directive has one name, so the subgraphs must agree on it.
"""

from __future__ import annotations

from gateway_graphql.composition.merge.merging import Merging
from gateway_graphql.composition.specs import FEDERATION

__all__ = ["name_the_features"]


def name_the_features(merging: Merging) -> None:
    """Find out what is carried along, and what it is called: all that is applied somewhere, even if it gets lost."""
    for subgraph in merging.subgraphs:
        for _, element in subgraph.schema.elements():
            merging.features |= {a.name for a in element.directives if a.known and _carried(a.name)}
    for name, known in FEDERATION.items():
        if known.spec is None:
            continue
        names = {s.name: s.used[name] for s in merging.subgraphs if name in s.used}
        distinct = sorted(set(names.values()))
        if len(distinct) > 1:
            merging.findings.error(
                "LINK_IMPORT_NAME_MISMATCH",
                f"@{name}",
                "it has different names: "
                + ", ".join(f'"@{local}" in "{subgraph}"' for subgraph, local in names.items())
                + "; import it under the same name everywhere",
                list(names),
            )
        elif distinct and distinct[0] != name and name != "cacheTag":  # which travels inside of a join directive
            merging.renamed[name] = distinct[0]


def _carried(name: str) -> bool:
    return name in FEDERATION and FEDERATION[name].spec is not None
