"""
Composes in a process of its own, while clients are served in this one.

Composition makes and drops many times the objects of the supergraph. In a thread it would keep the event loop waiting for
its turn, and leave the garbage collector more to look at than anything else the gateway does.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from gateway_graphql.server.commands.composing import composed
from gateway_graphql.server.follow import TryAgain
from gateway_graphql.server.schemas import SubgraphSdl

__all__ = ["Composed", "compose_beside", "compose_here"]

NICENESS = 10
"""clients come first"""


@dataclass(frozen=True, slots=True)
class Composed:
    """What came of it."""

    supergraph_sdl: str | None
    errors: list[str]
    """each as a line that says where, what, and what to do"""
    hints: int


def compose_here(schemas: Sequence[SubgraphSdl]) -> Composed:
    """Compose in this process."""
    result = composed(schemas)
    return Composed(result.supergraph_sdl, [str(error) for error in result.errors], len(result.hints))


async def compose_beside(schemas: Sequence[SubgraphSdl]) -> Composed:
    """
    Compose without holding anybody up.

    :raises TryAgain: there was no process to do it, or it came to a bad end.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            __name__,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            start_new_session=True,  # Ctrl-C is for the gateway, which ends it
        )
    except OSError as problem:
        raise TryAgain(f"the subgraphs cannot be composed: no process for it: {problem.strerror or problem}") from None
    try:
        answer, _ = await process.communicate(json.dumps([asdict(schema) for schema in schemas]).encode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise TryAgain(f"the subgraphs were not composed: the process that does it ended with {process.returncode}")
    return Composed(**json.loads(answer))


def main() -> None:
    """Schemas on standard input, what came of them on standard output."""
    os.nice(NICENESS)
    json.dump(asdict(compose_here([SubgraphSdl(**schema) for schema in json.load(sys.stdin)])), sys.stdout)


if __name__ == "__main__":
    main()
