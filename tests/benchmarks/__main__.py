"""``make bench``: measures planning and the gateway alone, then brings a system of its own up on free ports and measures that."""

import argparse
import asyncio
import json
from collections.abc import Callable
from typing import Any

from docker.local.demo import febrl
from docker.local.settings import LocalSettings
from tests.benchmarks.gateway.caching import measure_caching
from tests.benchmarks.gateway.live import measure_live
from tests.benchmarks.gateway.measure import measure_gateway
from tests.benchmarks.main_job import measure
from tests.benchmarks.own_system import operator_of, own_system
from tests.benchmarks.pages import measure_pages
from tests.benchmarks.planning import measure_planning
from tests.benchmarks.unit_costs import measure_unit_costs


async def _measured_system() -> dict[str, float]:
    """Start, measure, stop."""
    async with own_system() as system, operator_of(system) as client:
        return await measure(client, febrl.load(LocalSettings.from_environment().state / "febrl"))


PARTS: dict[str, Callable[[], Any]] = {
    "planning": measure_planning,
    "gateway": measure_gateway,
    "caching": measure_caching,
    "live": lambda: asyncio.run(measure_live(idle=5000, busy=1000)),
    "costs": lambda: asyncio.run(measure_unit_costs()),
    "pages": measure_pages,
    "system": lambda: asyncio.run(_measured_system()),
}


def main() -> None:
    """Measure all parts, or those that are named, and print the figures of each as it is done."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="which; all if none is named")
    for part in parser.parse_args().parts or PARTS:
        print(json.dumps({part: PARTS[part]()}, indent=2), flush=True)


main()
