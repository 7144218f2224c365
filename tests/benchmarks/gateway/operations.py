"""What is asked: an answer of some 95 kB from all four subgraphs, one field of one of them, and many of middling size."""

from __future__ import annotations

import random

__all__ = ["BIG", "SMALL", "cold"]

SMALL = "{ me { id name } }"
BIG = """
query Everything {
  readers { ...R reviews { ...V magazine { ...M reviews { ...V reader { ...R reviews { ...V magazine { ...M } } } } } } }
  magazines { ...M reviews { ...V reader { ...R reviews { ...V magazine { ...M } } } } }
}
fragment R on Reader { id name email }
fragment V on Review { id text }
fragment M on Magazine { inStock title price postage issn weight }
"""
FIELDS = {
    "Reader": ("id", "name", "email", "country", "reviews"),
    "Magazine": ("issn", "title", "price", "weight", "pages", "inStock", "postage", "reviews"),
    "Review": ("id", "text", "stars", "reader", "magazine"),
}
BELOW = {"reviews": "Review", "reader": "Reader", "magazine": "Magazine"}


def cold(count: int, seed: int = 1) -> list[str]:
    """That many operations, no two of one structure: each has to be planned."""
    draw = random.Random(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        roots = draw.sample(["me", "readers", "magazines"], draw.randint(1, 2))
        types = {"me": "Reader", "readers": "Reader", "magazines": "Magazine"}
        found[f"{{ {' '.join(f'{root} {_selection(draw, types[root], 3)}' for root in roots)} }}"] = None
    return list(found)


def _selection(draw: random.Random, type_name: str, depth: int) -> str:
    chosen = draw.sample(FIELDS[type_name], draw.randint(2, len(FIELDS[type_name])))
    parts = []
    for field in chosen:
        if field not in BELOW:
            parts.append(field if draw.random() < 0.8 else f"{field}{draw.randint(1, 9)}: {field}")
        elif depth:
            parts.append(f"{field} {_selection(draw, BELOW[field], depth - 1)}")
    return f"{{ {' '.join(parts or [FIELDS[type_name][0]])} }}"
