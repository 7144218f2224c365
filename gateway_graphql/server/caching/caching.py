"""Puts what keeps answers around a gateway and its subgraphs, as the settings say."""

from __future__ import annotations

import hashlib
from typing import cast

from gateway_graphql.execution.gateway import Gateway
from gateway_graphql.execution.subgraph_client import SubgraphClient
from gateway_graphql.server.caching.answers import KeptAnswers
from gateway_graphql.server.caching.hints import CacheHints
from gateway_graphql.server.caching.responses import CachingGateway
from gateway_graphql.server.caching.stores import store_of
from gateway_graphql.server.caching.subgraph_answers import CachingClient, Tell
from gateway_graphql.server.settings import CacheSettings
from gateway_graphql.supergraph.parse import parse_document

__all__ = ["Caching"]


class Caching:
    """One store, for whatever supergraph is served."""

    def __init__(self, settings: CacheSettings, tell: Tell) -> None:
        self._settings = settings
        self._tell = tell
        self.store = store_of(settings)

    def client(self, client: SubgraphClient, supergraph_sdl: str) -> SubgraphClient:
        """The subgraphs of this supergraph, asked only for what is not known."""
        hints = CacheHints(parse_document(supergraph_sdl), self._settings.default_max_age)
        if not hints:
            return client
        keeps = self._settings.subgraph_answers
        return CachingClient(client, self._kept(supergraph_sdl), hints, self._settings.vary, self._tell, keeps=keeps)

    def gateway(self, gateway: Gateway, supergraph_sdl: str) -> Gateway:
        """The engine of this supergraph, asked only for answers that are not known."""
        hints = CacheHints(gateway.supergraph.document, self._settings.default_max_age)
        if not self._settings.responses or not hints:
            return gateway
        kept = self._kept(supergraph_sdl)
        return cast(Gateway, CachingGateway(gateway, kept, hints, self._settings.vary, self._tell))

    def _kept(self, supergraph_sdl: str) -> KeptAnswers:
        return KeptAnswers(self.store, hashlib.blake2b(supergraph_sdl.encode(), digest_size=8).hexdigest())

    async def close(self) -> None:
        """Give connections back."""
        await self.store.close()
