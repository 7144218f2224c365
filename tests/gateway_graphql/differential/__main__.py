"""``python -m tests.gateway_graphql.differential --examples N [--seed S]``: look for longer."""

from __future__ import annotations

import argparse
import random
import sys
import time

from tests.gateway_graphql.differential.properties import Tally
from tests.gateway_graphql.differential.search import Failure, search

SAID_EVERY = 100
"""examples: how far it is"""


def main() -> int:
    """Search; a failure is shown with the seed of its example."""
    parser = argparse.ArgumentParser(prog="python -m tests.gateway_graphql.differential", description=__doc__)
    parser.add_argument("--examples", type=int, default=1000, metavar="N", help="how many (1000)")
    parser.add_argument("--seed", type=int, metavar="S", help="where to begin; the same seed draws the same examples")
    parser.add_argument("--shrink", type=float, default=60, metavar="SECONDS", help="for making a failure small (60)")
    arguments = parser.parse_args()
    start = random.randrange(10**9) if arguments.seed is None else arguments.seed
    print(f"seed {start}", flush=True)

    began = time.monotonic()
    total = Tally()
    failures = 0
    for seed in range(start, start + arguments.examples):
        try:
            search(seed, total, seconds=arguments.shrink)
        except Failure as failure:
            failures += 1
            print(f"\n--- seed {seed}\n{failure}\n", flush=True)
        if total.examples % SAID_EVERY == 0:
            print(f"{total}; {failures} failures", flush=True)
    print(f"{total}; {failures} failures in {time.monotonic() - began:.0f} seconds")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
