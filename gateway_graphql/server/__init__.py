"""
The gateway as a server: an ASGI application, and the network side of the engine.

A request passes ``app`` → ``graphql_endpoint`` (or ``websocket_endpoint``) → the engine → ``subgraph_http``.
"""

from gateway_graphql.server.app import GatewayApp, create_app
from gateway_graphql.server.asgi import Refused
from gateway_graphql.server.settings import ServerSettings

__all__ = ["GatewayApp", "Refused", "ServerSettings", "create_app"]
