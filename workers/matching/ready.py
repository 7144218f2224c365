"""What a process does once before it matches, so that no address waits for it."""

import gc

from workers.matching.index import Index
from workers.matching.matcher import Address, best_of
from workers.matching.matcher.parse import parse

_ALLOCATED = 50_000
"""objects that are new and still there before the collector of cycles looks at them"""
_ANY = Address("1 Main Street", city="Springfield")


def get_ready(index: Index) -> None:
    """Read the tables, meet the store if there is one, and let the collector rest: the matcher makes no cycles."""
    try:
        for known in index.near([_ANY]):
            best_of(parse(_ANY), known)
    finally:
        let_the_collector_rest()


def let_the_collector_rest() -> None:
    """Look for cycles seldom from here on, and never again in what is there already."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATED, 20, 20)
