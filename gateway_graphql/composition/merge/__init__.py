"""Merge subgraphs into one schema that remembers who has what: a file per kind of thing to merge."""

from gateway_graphql.composition.merge.merge import Merging, merge

__all__ = ["Merging", "merge"]
