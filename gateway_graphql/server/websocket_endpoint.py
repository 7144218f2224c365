"""GraphQL over WebSocket: the graphql-transport-ws protocol, any number of operations on one connection."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import IntEnum
from typing import Any

import orjson

from gateway_graphql.execution.caller import ANONYMOUS
from gateway_graphql.execution.gateway import Gateway, GraphQLRequest, RequestErrors
from gateway_graphql.server.access_log import log
from gateway_graphql.server.asgi import HttpRequest, Message, Receive, Refused, Send
from gateway_graphql.server.authentication import Authentication
from gateway_graphql.server.csrf import is_from_elsewhere
from gateway_graphql.server.extensions import Extensions
from gateway_graphql.server.forwarding import forwarded_headers
from gateway_graphql.server.json_text import dumps, loads
from gateway_graphql.server.metrics import Metrics
from gateway_graphql.server.persisted_documents import PersistedDocuments
from gateway_graphql.server.rate_limits import RateLimits
from gateway_graphql.server.request_body import from_parameters
from gateway_graphql.server.settings import ServerSettings
from gateway_graphql.server.to_the_end import to_the_end

__all__ = ["WebSocketEndpoint"]

PROTOCOL = "graphql-transport-ws"


class Close(IntEnum):
    """Why we close a connection; the protocol's own codes."""

    GOING_AWAY = 1001
    TRY_AGAIN_LATER = 1013
    BAD_MESSAGE = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    WRONG_SUBPROTOCOL = 4406
    INIT_TIMEOUT = 4408
    OPERATION_EXISTS = 4409
    TOO_MANY_INITS = 4429


class Closing(Exception):
    """The connection has to be closed, with this code and reason."""

    def __init__(self, code: Close, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        # A close frame holds 123 bytes of reason.
        self.reason = reason.encode()[:123].decode(errors="ignore")


class WebSocketEndpoint:
    """``/graphql`` for WebSockets."""

    def __init__(
        self,
        gateway: Gateway,
        settings: ServerSettings,
        documents: PersistedDocuments,
        extensions: Extensions,
        metrics: Metrics,
        authentication: Authentication,
        rate_limits: RateLimits,
    ) -> None:
        self.gateway = gateway
        self.settings = settings
        self.forwarded = settings.forwarded()
        self.documents = documents
        self.extensions = extensions
        self.metrics = metrics
        self.authentication = authentication
        self.rate_limits = rate_limits
        self.connections = 0
        self.operations = 0
        """both: open right now"""

    async def serve(self, request: HttpRequest, subprotocols: Sequence[str], send: Send) -> None:
        """One connection, from its opening to its end; ``request`` is what opened it."""
        await request.receive()  # websocket.connect
        refusal = await self._refusal(request, subprotocols)
        if refusal is not None:
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": int(refusal.code), "reason": refusal.reason})
            return
        await send(
            {
                "type": "websocket.accept",
                "subprotocol": PROTOCOL,
                "headers": [(b"x-request-id", request.request_id.encode())],
            }
        )
        self.connections += 1
        try:
            await Connection(self, request, send).run(request.receive)
        finally:
            self.connections -= 1

    async def _refusal(self, request: HttpRequest, subprotocols: Sequence[str]) -> Closing | None:
        if PROTOCOL not in subprotocols:
            return Closing(Close.WRONG_SUBPROTOCOL, f"Subprotocol not acceptable; ask for {PROTOCOL}")
        if self.settings.csrf_prevention and is_from_elsewhere(request.headers, self.settings.cors_origins):
            return Closing(Close.FORBIDDEN, "Forbidden: the setting cors_origins does not have this page's origin")
        if self.connections >= self.settings.limits.live_connections:
            return Closing(Close.TRY_AGAIN_LATER, f"{self.connections} connections are open already; try again later")
        try:
            await self.extensions.on_request(request)
        except Refused as refused:
            return Closing(Close.FORBIDDEN, str(refused))
        return None


class Connection:
    """What one client has open."""

    def __init__(self, endpoint: WebSocketEndpoint, request: HttpRequest, send: Send) -> None:
        self._endpoint = endpoint
        self._settings = endpoint.settings
        self._documents = endpoint.documents
        self._headers = dict(request.headers)
        self._send = send
        self._request_id = request.request_id
        self._address = request.address
        self._acknowledged = False
        self._caller = ANONYMOUS
        self._known = asyncio.timeout(None)
        """for as long as we know who it is: what is allowed for an hour must not go on for a day"""
        self._revoking: asyncio.Task[None] | None = None
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._count = 0

    async def run(self, receive: Receive) -> None:
        """Read until either side closes, then leave everything that is still open."""
        try:
            async with self._known:
                await self._initialised(receive)
                while True:
                    await self._hear(_understood(await receive()))
        except ClientLeft:
            pass
        except TimeoutError:
            revoked = self._caller.revoked is not None and self._caller.revoked.is_set()
            why = "was revoked" if revoked else "has expired; connect with a new one"
            await self._close(Closing(Close.FORBIDDEN, f"Forbidden: the access token {why}"))
        except Closing as closing:
            await self._close(closing)
        finally:
            if self._revoking is not None:
                self._revoking.cancel()
            await self._leave_all()

    async def _close(self, closing: Closing) -> None:
        with contextlib.suppress(OSError, RuntimeError):  # gone already
            await self._send({"type": "websocket.close", "code": int(closing.code), "reason": closing.reason})

    async def _initialised(self, receive: Receive) -> None:
        try:
            async with asyncio.timeout(self._settings.live.connection_init):
                while not self._acknowledged:
                    await self._hear(_understood(await receive()))
        except TimeoutError:
            raise Closing(Close.INIT_TIMEOUT, "Connection initialisation timeout") from None

    async def _hear(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "connection_init":
                await self._initialise(message.get("payload"))
            case "ping":
                await self._say({"type": "pong", **_only(message, "payload")})
            case "pong":
                pass
            case "subscribe":
                await self._start(message)
            case "complete":
                await self._stop(_id_of(message))
            case other:
                raise Closing(Close.BAD_MESSAGE, f"Unknown message type {other!r}")

    async def _initialise(self, payload: Any) -> None:
        if self._acknowledged:
            raise Closing(Close.TOO_MANY_INITS, "Too many initialisation requests")
        if payload is not None and not isinstance(payload, dict):
            raise Closing(Close.BAD_MESSAGE, "The payload of connection_init must be an object")
        # A browser cannot set headers on a WebSocket, so what would be a header may come in here.
        meant = {*self._endpoint.forwarded, self._endpoint.authentication.header}
        for name, value in (payload or {}).items():
            if name.lower() not in meant or not isinstance(value, str):
                continue
            if not value.isprintable():
                raise Closing(Close.BAD_MESSAGE, f"{name} in connection_init holds a control character")
            self._headers[name.lower()] = value
        await self._identify()
        self._acknowledged = True
        await self._say({"type": "connection_ack"})

    async def _identify(self) -> None:
        try:
            self._caller = await self._endpoint.authentication.caller(self._headers)
        except Refused as wrong:
            reason = wrong
            try:
                await self._endpoint.rate_limits.request(ANONYMOUS, self._address, self._headers)
            except Refused as too_many:
                reason = too_many
            code = Close.FORBIDDEN if reason.status == 401 else Close.TRY_AGAIN_LATER
            raise Closing(code, str(reason)) from None
        if self._caller.expires is not None:
            left = self._caller.expires - time.time()
            self._known.reschedule(asyncio.get_running_loop().time() + left)
        if self._caller.revoked is not None:
            self._revoking = asyncio.ensure_future(self._until_revoked(self._caller.revoked))

    async def _until_revoked(self, revoked: asyncio.Event) -> None:
        await revoked.wait()
        self._known.reschedule(asyncio.get_running_loop().time())

    async def _start(self, message: dict[str, Any]) -> None:
        if not self._acknowledged:
            raise Closing(Close.UNAUTHORIZED, "Unauthorized: send connection_init first")
        id = _id_of(message)
        if id in self._operations:
            raise Closing(Close.OPERATION_EXISTS, f"Subscriber for {id} already exists")
        payload = message.get("payload")
        if not isinstance(payload, dict) or not _names_a_document(payload):
            raise Closing(Close.BAD_MESSAGE, "The payload of subscribe must be an object with a query")
        self._count += 1
        request_id = f"{self._request_id}.{self._count}"
        headers = forwarded_headers(self._headers, self._endpoint.forwarded, request_id)
        try:
            self._refuse_one_too_many()
            await self._endpoint.rate_limits.request(self._caller, self._address, self._headers)
            asked = from_parameters(payload, headers, self._documents, self._settings.limits)
            asked = replace(asked, caller=self._caller)
            request = await self._endpoint.extensions.on_operation(asked)
        except Refused as refused:
            await self._say({"id": id, "type": "error", "payload": refused.errors})
            return
        task = asyncio.ensure_future(self._operate(id, request, request_id))
        self._operations[id] = task
        task.add_done_callback(lambda done: self._forget(id, done))

    def _refuse_one_too_many(self) -> None:
        limit = self._settings.live.operations_per_connection
        if len(self._operations) >= limit:
            raise Refused(
                429,
                "TOO_MANY_OPERATIONS",
                f"This connection has {limit} operations open already. "
                "The limit is the setting live.operations_per_connection of the gateway.",
            )

    async def _stop(self, id: str) -> None:
        task = self._operations.get(id)
        if task is not None:
            task.cancel()
            # Done only when the subgraph's stream was left: the id may be used again at once.
            await asyncio.gather(task, return_exceptions=True)

    def _forget(self, id: str, task: asyncio.Task[None]) -> None:
        if self._operations.get(id) is task:
            del self._operations[id]

    async def _leave_all(self) -> None:
        tasks = list(self._operations.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _operate(self, id: str, request: GraphQLRequest, request_id: str) -> None:
        started = time.perf_counter()
        answers = 0
        self._endpoint.operations += 1
        try:
            async with contextlib.aclosing(self._results(request)) as results:
                async for result in results:
                    answers += 1
                    self._endpoint.metrics.live_update()
                    if "data" not in result and "hasNext" not in result:
                        self._forget(id, asyncio.current_task())  # type: ignore[arg-type]
                        await self._say({"id": id, "type": "error", "payload": result["errors"]})
                        return
                    await self._say({"id": id, "type": "next", "payload": result})
            # Forgotten first: a client may use the id again as soon as it reads "complete".
            self._forget(id, asyncio.current_task())  # type: ignore[arg-type]
            await self._say({"id": id, "type": "complete"})
        except (OSError, RuntimeError):
            pass  # the client has gone; the reading side notices as well
        except Exception:
            log.exception("operation failed", request_id=request_id)
            errors = [{"message": "Internal server error", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]
            await self._say({"id": id, "type": "error", "payload": errors})
        finally:
            self._endpoint.operations -= 1
            log.info(
                "live operation",
                request_id=request_id,
                operation=request.operation_name and request.operation_name[:100],
                answers=answers,
                ms=round((time.perf_counter() - started) * 1000, 1),
            )

    async def _results(self, request: GraphQLRequest) -> Any:
        gateway = self._endpoint.gateway  # a new one may come; this operation stays with its own
        understood = await gateway.understood(request)
        if isinstance(understood, RequestErrors):
            yield understood.to_result()
            return
        if self._endpoint.rate_limits.counts_cost:
            try:
                cost = gateway.estimated_cost(understood, request)
                await self._endpoint.rate_limits.cost(self._caller, self._address, self._headers, cost)
            except Refused as refused:
                yield {"errors": refused.errors}
                return
        if understood.kind == "subscription":
            async with contextlib.aclosing(gateway.subscribe(request)) as events:  # type: ignore[type-var]
                async for event in events:
                    yield event
        elif understood.kind == "mutation":
            async with contextlib.aclosing(to_the_end(gateway.execute_incrementally(request))) as parts:
                async for part in parts:
                    yield part
        elif "@defer" in request.query:
            async with contextlib.aclosing(gateway.execute_incrementally(request)) as parts:
                async for part in parts:
                    yield part
        else:
            yield await gateway.execute(request)

    async def _say(self, message: dict[str, Any]) -> None:
        await self._send({"type": "websocket.send", "text": dumps(message).decode()})


class ClientLeft(Exception):
    """The client closed the connection."""


def _understood(message: Message) -> dict[str, Any]:
    if message["type"] == "websocket.disconnect":
        raise ClientLeft
    text = message.get("text")
    if text is None:
        raise Closing(Close.BAD_MESSAGE, "Messages must be text, not binary")
    try:
        said = loads(text)
    except orjson.JSONDecodeError:
        raise Closing(Close.BAD_MESSAGE, "Messages must be JSON") from None
    if not isinstance(said, dict) or not isinstance(said.get("type"), str):
        raise Closing(Close.BAD_MESSAGE, "A message must be an object with a type")
    return said


def _id_of(message: Mapping[str, Any]) -> str:
    id = message.get("id")
    if not isinstance(id, str) or not id:
        raise Closing(Close.BAD_MESSAGE, "The message needs an id")
    return id


def _names_a_document(payload: Mapping[str, Any]) -> bool:
    if isinstance(payload.get("query"), str):
        return True
    if payload.get("query") is not None:
        return False
    extensions = payload.get("extensions")
    return isinstance(payload.get("documentId"), str) or (
        isinstance(extensions, dict) and "persistedQuery" in extensions
    )


def _only(message: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {name: message[name]} if name in message else {}
