"""Asks subgraphs only for what is not known: entities one by one, and the answers to requests that begin at the root."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from gateway_graphql.execution.caller import Caller
from gateway_graphql.execution.subgraph_client import SubgraphClient, SubgraphRequest
from gateway_graphql.server.caching.answers import MISSING, KeptAnswers, Wanted
from gateway_graphql.server.caching.hints import Cacheable, CacheHints, EntityPart, subgraph_tag

__all__ = ["CachingClient", "who"]

DOCUMENTS = 4096
"""requests of which it is remembered what may be kept of their answers"""
Tell = Callable[[str, int, int], None]
"""hears of the kind of answers that were looked for, how many there were, and how many there were not"""


@dataclass(slots=True)
class _Looked:
    """The entities of one ``_entities`` field: all of them in their order, those to be asked as ``None``."""

    part: EntityPart
    representations: Sequence[Any]
    known: list[Any]
    wanted: list[Wanted | None]

    @property
    def asked(self) -> list[int]:
        """The places of those that must be asked."""
        return [place for place, value in enumerate(self.known) if value is MISSING]


class CachingClient:
    """A :class:`~gateway_graphql.execution.subgraph_client.SubgraphClient` that keeps answers."""

    def __init__(
        self,
        client: SubgraphClient,
        kept: KeptAnswers,
        hints: CacheHints,
        vary: Sequence[str] = (),
        tell: Tell = lambda *_: None,
        *,
        keeps: bool = True,
    ) -> None:
        """
        ``vary``: headers by which also answers for everybody differ.

        ``keeps``: whether answers of subgraphs are kept; if not, what mutations change is only called back, for whoever keeps more.
        """
        self._keeps = keeps
        self._client = client
        self._kept = kept
        self._hints = hints
        self._vary = vary
        self._tell = tell
        self._parts_of = lru_cache(DOCUMENTS)(hints.of_request)

    def subscribe(self, request: SubgraphRequest) -> AsyncIterator[Mapping[str, Any]]:
        """Nothing of a live subscription is kept."""
        return self._client.subscribe(request)

    async def fetch(self, request: SubgraphRequest) -> Mapping[str, Any]:
        """The answer, as much of it as can be from what is known."""
        if request.kind == "mutation":
            return await self._change(request)
        parts = self._parts_of(request.document) if request.kind == "query" and self._keeps else None
        if parts is None:
            return await self._client.fetch(request)
        if parts.whole is not None:
            return await self._fetch_whole(request, parts.whole)
        return await self._fetch_entities(request, parts.entities)

    async def _change(self, request: SubgraphRequest) -> Mapping[str, Any]:
        """Whoever changes something sees it in the next answer; nobody can say what else it has changed."""
        try:
            return await self._client.fetch(request)
        finally:
            await self._kept.call_back(subgraph_tag(request.subgraph))

    async def _fetch_whole(self, request: SubgraphRequest, cacheable: Cacheable) -> Mapping[str, Any]:
        asked_by = who(cacheable.private, request.caller, request.headers, self._vary)
        key = self._kept.key("root", request.subgraph, request.document, request.variables, asked_by)
        tags = [subgraph_tag(request.subgraph), *cacheable.tags(request.variables)]
        one = Wanted(key, tags, cacheable.max_age)
        await self._kept.look([one])
        self._tell("root", one.value is not MISSING, one.value is MISSING)
        if one.value is not MISSING:
            return {"data": one.value}
        answer = await self._client.fetch(request)
        if isinstance(answer.get("data"), dict) and not answer.get("errors"):
            await self._kept.keep([(one, answer["data"])])
        return answer

    async def _fetch_entities(self, request: SubgraphRequest, parts: Sequence[EntityPart]) -> Mapping[str, Any]:
        looked = [self._looked_for(request, part) for part in parts if request.variables.get(part.variable)]
        wanted = [one for each in looked for one in each.wanted if one is not None]
        if not wanted:
            return await self._client.fetch(request)
        await self._kept.look(wanted)
        for each in looked:
            each.known = [MISSING if one is None else one.value for one in each.wanted]
        missing = sum(len(each.asked) for each in looked)
        self._tell("entity", sum(one.value is not MISSING for one in wanted), missing)
        answer: Mapping[str, Any] = {"data": {}}
        if missing:
            left = {each.part.variable: [each.representations[place] for place in each.asked] for each in looked}
            answer = await self._client.fetch(replace(request, variables={**request.variables, **left}))
        return await self._together(looked, answer)

    def _looked_for(self, request: SubgraphRequest, part: EntityPart) -> _Looked:
        representations = request.variables[part.variable]
        others = {name: value for name, value in request.variables.items() if name != part.variable}
        # Another call of the same request has its own variables; they are in the document as well.
        document = self._kept.key(request.subgraph, request.document, part.response_key, others)
        wanted: list[Wanted | None] = []
        for one in representations:
            cacheable = part.of(one["__typename"])
            if cacheable is None:
                wanted.append(None)
                continue
            asked_by = who(cacheable.private, request.caller, request.headers, self._vary)
            tags = [
                subgraph_tag(request.subgraph),
                *self._hints.tags_of_entity(one["__typename"], one),
                *cacheable.tags(others),
            ]
            wanted.append(Wanted(self._kept.key(document, sorted(one.items()), asked_by), tags, cacheable.max_age))
        return _Looked(part, representations, [], wanted)

    async def _together(self, looked: Sequence[_Looked], answer: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answer as if all had been asked; what came anew is kept, unless anything went wrong."""
        errors = answer.get("errors") or ()
        data = answer.get("data")
        if not isinstance(data, dict):
            data = {}
        whole = dict(data)
        places: dict[str, list[int]] = {}
        for each in looked:
            key, asked = each.part.response_key, each.asked
            places[key] = asked
            came = data.get(key) if asked else []
            if came is None and errors:
                came = [None] * len(asked)  # what was known is good all the same
            if not isinstance(came, list) or len(came) != len(asked):
                return answer  # what is not what was asked is for the executor to complain of
            if not errors:
                await self._kept.keep(
                    [
                        (one, value)
                        for place, value in zip(asked, came, strict=True)
                        if (one := each.wanted[place]) is not None and value is not None
                    ]
                )
            entities = list(each.known)
            for place, value in zip(asked, came, strict=True):
                entities[place] = value
            whole[key] = entities
        if not errors:
            return {**answer, "data": whole}
        return {**answer, "data": whole, "errors": [_moved(error, places) for error in errors]}


def who(private: bool, caller: Caller, headers: Mapping[str, str], vary: Sequence[str]) -> Hashable:
    """For whom an answer is: everybody who sends the same of some headers, or one caller."""
    differs = tuple(headers.get(name) for name in vary)
    if not private:
        return differs
    return (caller.subject, caller.credential, sorted(caller.scopes), differs)


def _moved(error: Any, places: Mapping[str, Sequence[int]]) -> Any:
    """The error at the place that its entity has among all of them."""
    path = error.get("path") if isinstance(error, Mapping) else None
    if not isinstance(path, list) or len(path) < 2 or path[0] not in places:
        return error
    asked = places[path[0]]
    if not isinstance(path[1], int) or not 0 <= path[1] < len(asked):
        return error
    return {**error, "path": [path[0], asked[path[1]], *path[2:]]}
