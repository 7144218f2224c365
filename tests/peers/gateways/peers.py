"""The gateways from npm, each serving one supergraph in a process of its own."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

__all__ = ["PEERS", "serving", "with_addresses"]

HERE = Path(__file__).parents[1]

PEERS: Mapping[str, tuple[str, ...]] = {
    "@apollo/gateway": ("node", "node/apollo_gateway.mjs", "{supergraph}", "{port}"),
    "@graphql-hive/gateway": (
        "node", "node_modules/.bin/hive-gateway", "supergraph", "{supergraph}", "--port", "{port}", "--host", "127.0.0.1",
    ),
}  # fmt: skip
"""name → how to start it"""


def with_addresses(supergraph: str, addresses: Mapping[str, str]) -> str:
    """The same supergraph, with each subgraph somewhere else; nothing but the addresses changes."""

    def moved(match: re.Match[str]) -> str:
        return f'{match[1]}"{addresses[match[2]]}"'

    return re.sub(r'(@join__graph\(name: "([^"]+)", url: )"[^"]*"', moved, supergraph)


@asynccontextmanager
async def serving(name: str, supergraph: Path, port: int, patience: float = 60) -> AsyncIterator[str]:
    """The address of a peer that answers; it is stopped when left. What it says is beside the supergraph."""
    command = [part.format(supergraph=supergraph, port=port) for part in PEERS[name]]
    log = supergraph.with_name(f"{name.split('/')[0].removeprefix('@')}.log")
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(*command, cwd=HERE, stdout=out, stderr=out)
    url = f"http://127.0.0.1:{port}/graphql"
    try:
        await _answers(url, process, patience, log)
        yield url
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def _answers(url: str, process: asyncio.subprocess.Process, patience: float, log: Path) -> None:
    async with asyncio.timeout(patience), aiohttp.ClientSession() as session:
        while True:
            if process.returncode is not None:
                raise SystemExit(f"it stopped with {process.returncode}:\n{log.read_text()[-2000:]}")
            try:
                async with session.post(url, json={"query": "{ __typename }"}) as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.2)
