"""Two tiny subgraphs, over real HTTP and WebSocket: products, and the reviews that extend them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from aiohttp import web

__all__ = ["PRODUCTS_SDL", "REVIEWS_SDL", "Shop", "shop"]

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])\n'
PRODUCTS_SDL = (
    LINK
    + """
scalar Upload
type Query { products: [Product!]! product(id: ID!): Product }
type Mutation { importProducts(file: Upload!): Int! }
type Product @key(fields: "id") { id: ID! name: String! }
"""
)
REVIEWS_SDL = (
    LINK
    + """
type Query { reviewCount: Int! }
type Subscription { reviewed: Product! }
type Product @key(fields: "id") { id: ID! reviews: [String!] }
"""
)
NAMES = {"1": "Letterbox", "2": "Doorbell"}
REVIEWS = {"1": ["Every letter fits."], "2": ["Loud.", "Works in the rain."]}


class Shop:
    """Where both run, and what they heard."""

    def __init__(self) -> None:
        self.products_url = ""
        self.reviews_url = ""
        self.heard: list[dict[str, Any]] = []
        self.headers: list[Any] = []
        self.uploaded = b""
        self.stop_reviews: Callable[[], Any] = lambda: None

    async def products(self, request: web.Request) -> web.Response:
        """Knows the questions a plan may ask, and no others."""
        if request.content_type == "multipart/form-data":
            async for part in await request.multipart():
                content = bytes(await part.read())  # type: ignore[union-attr]
                if part.name == "0":
                    self.uploaded = content
            return _data(importProducts=self.uploaded.count(b"\n"))
        asked = await self._asked(request)
        document = asked["query"]
        if "_service" in document:
            return _data(_service={"sdl": PRODUCTS_SDL})
        if "_entities" in document:
            return _data(_entities=[{"name": NAMES.get(one["id"])} for one in _representations(asked)])
        return _data(products=[{"id": id, "name": name} for id, name in NAMES.items()])

    async def reviews(self, request: web.Request) -> web.Response:
        """The same for reviews."""
        asked = await self._asked(request)
        document = asked["query"]
        if "_service" in document:
            return _data(_service={"sdl": REVIEWS_SDL})
        if "_entities" in document:
            return _data(_entities=[{"reviews": REVIEWS.get(one["id"])} for one in _representations(asked)])
        return _data(reviewCount=3)

    async def reviews_live(self, request: web.Request) -> web.StreamResponse:
        """graphql-transport-ws: each product once, then the end."""
        self.headers.append(request.headers)
        socket = web.WebSocketResponse(protocols=("graphql-transport-ws",))
        await socket.prepare(request)
        async for frame in socket:
            message = frame.json()
            if message["type"] == "connection_init":
                await socket.send_json({"type": "connection_ack"})
            elif message["type"] == "subscribe":
                for id in REVIEWS:
                    event = {"data": {"reviewed": {"__typename": "Product", "id": id, "reviews": REVIEWS[id]}}}
                    await socket.send_json({"id": message["id"], "type": "next", "payload": event})
                await socket.send_json({"id": message["id"], "type": "complete"})
        return socket

    async def _asked(self, request: web.Request) -> dict[str, Any]:
        asked: dict[str, Any] = await request.json()
        self.heard.append(asked)
        self.headers.append(request.headers)
        return asked


@asynccontextmanager
async def shop() -> AsyncIterator[Shop]:
    """Both services, running."""
    made = Shop()
    async with AsyncExitStack() as stack:
        made.products_url, _ = await _run(stack, web.post("/graphql", made.products))
        made.reviews_url, made.stop_reviews = await _run(
            stack, web.post("/graphql", made.reviews), web.get("/graphql", made.reviews_live)
        )
        yield made


async def _run(stack: AsyncExitStack, *routes: web.RouteDef) -> tuple[str, Callable[[], Any]]:
    app = web.Application(client_max_size=10_000_000)
    app.add_routes(routes)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    return f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/graphql", runner.cleanup  # type: ignore[union-attr]


def _data(**data: Any) -> web.Response:
    return web.json_response({"data": data})


def _representations(asked: dict[str, Any]) -> list[dict[str, Any]]:
    (found,) = (value for value in asked["variables"].values() if isinstance(value, list))
    return found
