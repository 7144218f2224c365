"""Who asks, and what of the supergraph's requirements they meet."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway_graphql.supergraph.requirements import Requirement

__all__ = ["ANONYMOUS", "Caller", "Policies", "unmet"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever sends a request, as far as the gateway knows."""

    subject: str | None = None
    """who; ``None``: nobody known"""
    scopes: frozenset[str] = frozenset()
    claims: Mapping[str, Any] = field(default_factory=dict, hash=False, compare=False)
    """all that was said about them by whoever vouches for them"""
    expires: float | None = None
    """until when they are known, in seconds since 1970"""
    credential: str = ""
    """names what they showed, so that no two callers with other rights are taken for one"""
    revoked: asyncio.Event | None = field(default=None, compare=False, repr=False)
    """set as soon as what they showed is good no more; ``None``: nobody would tell"""

    @property
    def known(self) -> bool:
        """What ``@authenticated`` asks."""
        return self.subject is not None


ANONYMOUS = Caller()

Policies = Callable[[Caller, Collection[str]], Iterable[str] | Awaitable[Iterable[str]]]
"""which of these policies say yes to this caller"""


async def unmet(
    requirements: Collection[Requirement], caller: Caller, policies: Policies | None
) -> frozenset[Requirement]:
    """What the caller does not meet. Without ``policies`` nobody meets one."""
    yes: frozenset[str] = frozenset()
    names = {name for one in requirements if one.kind == "policies" for group in one.any_of for name in group}
    if names and policies is not None:
        said = policies(caller, sorted(names))
        yes = frozenset(await said if isinstance(said, Awaitable) else said)
    return frozenset(one for one in requirements if not _meets(one, caller, yes))


def _meets(requirement: Requirement, caller: Caller, policies: frozenset[str]) -> bool:
    if requirement.kind == "authenticated":
        return caller.known
    return requirement.met_by(caller.scopes if requirement.kind == "scopes" else policies)
