"""Answers to clients that need not be put together again: queries whose every field may be kept."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Any

from graphql import OperationDefinitionNode

from gateway_graphql.execution.gateway import Gateway, GraphQLRequest, RequestErrors
from gateway_graphql.server.caching.answers import MISSING, KeptAnswers, Wanted
from gateway_graphql.server.caching.hints import Cacheable, CacheHints, subgraph_tag
from gateway_graphql.server.caching.subgraph_answers import Tell, who
from gateway_graphql.supergraph.parse import parse_document

__all__ = ["CachingGateway"]

OPERATIONS = 4096
"""operations of which it is remembered whether their answers may be kept"""


class CachingGateway:
    """A :class:`~gateway_graphql.execution.gateway.Gateway` that keeps answers; everything else is the other's."""

    def __init__(
        self,
        gateway: Gateway,
        kept: KeptAnswers,
        hints: CacheHints,
        vary: Sequence[str] = (),
        tell: Tell = lambda *_: None,
    ) -> None:
        self._gateway = gateway
        self._kept = kept
        self._vary = vary
        self._tell = tell
        self._cacheable = lru_cache(OPERATIONS)(partial(_how_long, hints))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gateway, name)

    async def execute(self, request: GraphQLRequest) -> dict[str, Any]:
        """The answer: the one that was kept, if it is good, else a new one."""
        prepared = await self._gateway.prepared(request)
        if isinstance(prepared, RequestErrors) or prepared.kind != "query" or request.extensions.get("queryPlan"):
            return await self._gateway.execute(request)
        cacheable = self._cacheable(request.query, request.operation_name)
        if cacheable is None:
            return await self._gateway.execute(request)
        # What a caller may not see is not in their answer: where that counts, nobody gets another's.
        private = cacheable.private or bool(prepared.plan.requirements)
        asked_by = who(private, request.caller, request.headers, self._vary)
        key = self._kept.key("response", request.query, request.operation_name, request.variables, asked_by)
        asked = sorted({subgraph_tag(fetch.subgraph) for fetch in prepared.plan.fetches})
        one = Wanted(key, asked + cacheable.tags(request.variables), cacheable.max_age)
        await self._kept.look([one])
        self._tell("response", one.value is not MISSING, one.value is MISSING)
        if one.value is not MISSING:
            return {"data": one.value}
        result = await self._gateway.execute(request)
        if result.keys() == {"data"}:
            await self._kept.keep([(one, result["data"])])
        return result


def _how_long(hints: CacheHints, query: str, operation_name: str | None) -> Cacheable | None:
    """How long the answer to a query is good, which is valid."""
    document = parse_document(query)
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    (operation,) = (
        one for one in operations if len(operations) == 1 or (one.name and one.name.value == operation_name)
    )
    return hints.of_operation(document, operation)
