"""``python -m tests.peers composition|loading|plans|gateways|speed``: compare the gateway with its npm peers."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

PEERS = Path(__file__).parent


def main() -> int:
    """Compare; 0 when they agree."""
    parser = argparse.ArgumentParser(prog="python -m tests.peers", description=__doc__)
    what = parser.add_subparsers(dest="what", required=True)
    composition = what.add_parser("composition", help="compose many graphs with @apollo/composition as well")
    composition.add_argument("paths", nargs="*", type=Path, help="further graphs: folders of graphs, or JSON files")
    composition.add_argument("--mutations", type=int, default=1000, help="so many changed graphs (default 1000)")
    composition.add_argument("--drawn", type=int, default=500, help="so many graphs drawn by chance (default 500)")
    composition.add_argument("--seed", type=int, default=1, help="the same seed draws the same graphs")
    composition.add_argument("--hints", action="store_true", help="compare the hints as well")
    composition.add_argument("--whole", action="store_true", help="show what differs without making it smaller first")
    loading = what.add_parser("loading", help="load our supergraphs with @apollo/gateway and Hive's SDK")
    loading.add_argument("--drawn", type=int, default=200, help="so many graphs drawn by chance (default 200)")
    loading.add_argument("--seed", type=int, default=1, help="the same seed draws the same graphs")
    plans = what.add_parser("plans", help="plan many operations with Apollo's and Hive's planners as well")
    plans.add_argument("--drawn", type=int, default=100, help="so many graphs of each generator (default 100)")
    plans.add_argument("--operations", type=int, default=8, help="for each graph (default 8)")
    plans.add_argument("--seed", type=int, default=1, help="the same seed draws the same graphs and operations")
    plans.add_argument("--only", metavar="GRAPH", help="only the graph of this name")
    what.add_parser("gateways", help="serve the product's supergraph with the npm gateways, and ask them all the same")
    what.add_parser("speed", help="load ours and the npm gateways with the same, one after the other")
    options = parser.parse_args()
    if not (PEERS / "node_modules").is_dir():
        parser.error(f"the peers are not installed: npm ci --prefix {PEERS.relative_to(Path.cwd())}")
    if options.what == "gateways":
        from tests.peers.gateways.same_answers import compare_gateways

        return asyncio.run(compare_gateways())
    if options.what == "speed":
        from tests.peers.gateways.speed import compare_speed

        return compare_speed()
    if options.what == "loading":
        from tests.peers.composition.loading import compare_loading

        return compare_loading(options.drawn, options.seed)
    if options.what == "plans":
        from tests.peers.plans.compare import compare_plans

        return compare_plans(options.drawn, options.operations, options.seed, only=options.only)
    from tests.peers.composition.agreement import compare_compositions

    return compare_compositions(
        options.paths, options.mutations, options.drawn, options.seed, hints=options.hints, whole=options.whole
    )


sys.exit(main())
