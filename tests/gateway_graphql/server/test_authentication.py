"""Who a caller is: real tokens, real keys at a real URL, over HTTP and WebSocket, to the subgraph's own socket."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway_graphql.composition.compose import compose
from gateway_graphql.composition.subgraph import Subgraph
from gateway_graphql.execution.caller import Caller
from gateway_graphql.server import create_app
from gateway_graphql.server import jwks as jwks_module
from gateway_graphql.server.settings import (
    AuthenticationSettings,
    AuthorizationSettings,
    IssuerSettings,
    LiveSettings,
    ServerSettings,
    ServiceTokenSettings,
    SubgraphSettings,
)
from tests.gateway_graphql.server.issuer import AUDIENCE, Issuer, issuer
from tests.gateway_graphql.server.one_subgraph import subgraph
from tests.gateway_graphql.server.serving import serving
from tests.gateway_graphql.server.test_websocket import closing, connected, subscribe

Http = aiohttp.ClientSession

SCHEMA = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@authenticated", "@requiresScopes", "@policy"])
type Query {
  open: String
  mine: String @authenticated
  written: String @requiresScopes(scopes: [["write"]])
  secret: String @policy(policies: [["lucky"]])
}
type Subscription { ticks: String @authenticated }
"""
SEED = base64.urlsafe_b64encode(bytes(range(32))).rstrip(b"=").decode()
SERVICE_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32))).public_key()


class Graph:
    """A gateway, its one subgraph, and the issuer that it trusts."""

    def __init__(self, issuer: Issuer) -> None:
        self.issuer = issuer
        self.url = ""
        self.requests: list[web.Request] = []
        self.release = asyncio.Event()
        self.release.set()

    async def subgraph(self, request: web.Request) -> web.StreamResponse:
        """Answers every field with its own name, or ticks for as long as somebody listens."""
        self.requests.append(request)
        await self.release.wait()
        query = (await request.json())["query"]
        if "ticks" not in query:
            names = ("open", "mine", "written", "secret")
            return web.json_response({"data": {name: name for name in names if name in query}})
        answer = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await answer.prepare(request)
        await answer.write(b'event: next\ndata: {"data": {"ticks": "one"}}\n\n')
        await asyncio.Event().wait()
        return answer

    def claims(self, number: int = -1) -> dict[str, Any]:
        """What the gateway said to the subgraph in its service token."""
        token = self.requests[number].headers["Doorstep-Service-Token"]
        return jwt.decode(token, SERVICE_KEY, algorithms=["EdDSA"], audience="shop", issuer="gateway")

    async def ask(self, http: Http, query: str, token: str | None = None, **headers: str) -> tuple[int, dict[str, Any]]:
        """The status and the result."""
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        async with http.post(f"{self.url}/graphql", json={"query": query}, headers=headers) as answer:
            return answer.status, await answer.json()


@asynccontextmanager
async def graph(policies: str | None = None, revoked: bool = False, **authentication: Any) -> AsyncIterator[Graph]:
    """``revoked``: whether the gateway is told where the issuer lists the tokens that it has called back."""
    async with AsyncExitStack() as stack:
        made = Graph(await stack.enter_async_context(issuer()))
        url = await stack.enter_async_context(subgraph(made.subgraph))
        composed = compose([Subgraph("shop", url, SCHEMA)])
        assert composed.supergraph_sdl is not None, composed.errors
        trusted = {
            "main": IssuerSettings(
                made.issuer.url,
                made.issuer.jwks_url,
                AUDIENCE,
                revoked_url=made.issuer.revoked_url if revoked else None,
            )
        }
        settings = ServerSettings(
            authentication=AuthenticationSettings(**{"issuers": trusted, "leeway": 0, **authentication}),
            authorization=AuthorizationSettings(policies=policies),
            service_token=ServiceTokenSettings(SEED),
            subgraphs={"shop": SubgraphSettings(live="sse")},
            live=LiveSettings(heartbeat=0.2),
        )
        app = create_app(composed.supergraph_sdl, settings)
        made.url = await stack.enter_async_context(serving(app, own_http=True))
        yield made


@pytest.fixture
async def shop() -> AsyncIterator[Graph]:
    """The usual one."""
    async with graph() as made:
        yield made


class TestTokens:
    async def test_who_sends_a_good_token_is_known_and_the_subgraph_learns_who(self, http: Http, shop: Graph) -> None:
        status, result = await shop.ask(http, "{ mine }", shop.issuer.token())

        assert (status, result) == (200, {"data": {"mine": "mine"}})
        claims = shop.claims()
        assert (claims["sub"], claims["scope"], claims["iss"], claims["aud"]) == ("ada", "read", "gateway", "shop")

    async def test_who_sends_none_is_nobody_and_sees_what_is_open(self, http: Http, shop: Graph) -> None:
        status, result = await shop.ask(http, "{ open mine }")

        assert status == 200
        assert result["data"] == {"open": "open", "mine": None}
        assert result["errors"][0]["extensions"] == {"code": "UNAUTHORIZED_FIELD_OR_TYPE", "coordinate": "Query.mine"}
        assert "sub" not in shop.claims()

    async def test_scopes_are_those_of_the_token(self, http: Http, shop: Graph) -> None:
        assert (await shop.ask(http, "{ written }", shop.issuer.token()))[1]["data"] == {"written": None}
        for scope in ("read write", ["write"]):
            token = shop.issuer.token(scope=scope)
            assert (await shop.ask(http, "{ written }", token))[1] == {"data": {"written": "written"}}

    @pytest.mark.parametrize(
        ("claims", "reason"),
        [
            ({"exp": int(time.time()) - 5}, "expired"),
            ({"exp": None}, "exp"),
            ({"nbf": int(time.time()) + 600}, "not yet valid"),
            ({"aud": "another-graph"}, "Audience"),
            ({"aud": None}, "aud"),
            ({"iss": "http://elsewhere.example"}, "nobody here knows its issuer"),
            ({"iss": None}, "nobody here knows its issuer"),
            ({"sub": None}, "no claim 'sub'"),
            ({"sub": ""}, "no claim 'sub'"),
        ],
    )
    async def test_a_token_with_wrong_claims_is_refused(
        self, http: Http, shop: Graph, claims: dict[str, Any], reason: str
    ) -> None:
        await self._is_refused(http, shop, shop.issuer.token(**claims), reason)

    async def test_a_token_without_a_signature_is_refused(self, http: Http, shop: Graph) -> None:
        claims = jwt.decode(shop.issuer.token(), options={"verify_signature": False})
        for algorithm in ("none", "None", "NONE", ""):
            head = base64.urlsafe_b64encode(json.dumps({"alg": algorithm, "kid": "first"}).encode()).rstrip(b"=")
            body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=")
            await self._is_refused(http, shop, f"{head.decode()}.{body.decode()}.", "")

    @pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
    async def test_a_public_key_is_no_secret_of_an_hmac(self, http: Http, algorithm: str) -> None:
        async with graph() as shop:
            shop.issuer.published.clear()
            shop.issuer.add("key", algorithm)
            public = shop.issuer.private["key"][0].public_key()
            pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            claims = jwt.decode(shop.issuer.token("key"), options={"verify_signature": False})
            for secret in (pem, pem.strip(), b"x" * 32):
                await self._is_refused(http, shop, _hmac(claims, secret, "key"), "")

    async def test_another_key_of_the_same_name_is_refused(self, http: Http, shop: Graph) -> None:
        mallory = Issuer()
        mallory.url = shop.issuer.url
        mallory.add("first")

        await self._is_refused(http, shop, mallory.token(), "Signature verification failed")

    async def test_a_token_that_brings_its_own_key_is_refused(self, http: Http, shop: Graph) -> None:
        mallory = Issuer()
        mallory.url = shop.issuer.url
        mallory.add("mine")
        own = {"jwk": mallory.published[0], "jku": "http://127.0.0.1:1/jwks"}

        await self._is_refused(http, shop, mallory.token("mine", headers=own), "no such key")

    @pytest.mark.parametrize("token", ["x", "a.b.c", "." * 5, "é.é.é", "x" * 20_000, "eyJhbGciOiJub25lIn0.bnVsbA."])
    async def test_what_is_no_token_is_refused(self, http: Http, shop: Graph, token: str) -> None:
        await self._is_refused(http, shop, token, "")

    @pytest.mark.parametrize("given", ["Basic YTpi", "Bearer", "Bearer ", "nonsense"])
    async def test_another_scheme_is_as_good_as_none(self, http: Http, shop: Graph, given: str) -> None:
        assert (await shop.ask(http, "{ open }", Authorization=given))[1] == {"data": {"open": "open"}}
        assert (await shop.ask(http, "{ mine }", Authorization=given))[1]["data"] == {"mine": None}

    async def test_a_token_that_was_good_is_not_when_it_has_expired(
        self, http: Http, shop: Graph, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        token = shop.issuer.token()
        assert (await shop.ask(http, "{ mine }", token))[0] == 200
        later = time.time() + 61
        monkeypatch.setattr("gateway_graphql.server.authentication.time.time", lambda: later)

        await self._is_refused(http, shop, token, "expired")

    async def test_without_a_token_nobody_gets_in_where_it_is_required(self, http: Http) -> None:
        async with graph(required=True) as shop:
            status, result = await shop.ask(http, "{ open }")

            assert status == 401
            assert result["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
            assert (await shop.ask(http, "{ open }", shop.issuer.token()))[0] == 200

    async def _is_refused(self, http: Http, shop: Graph, token: str, reason: str) -> None:
        headers = {"Authorization": f"Bearer {token}".encode().decode("latin-1")}
        before = len(shop.requests)
        async with http.post(f"{shop.url}/graphql", json={"query": "{ open }"}, headers=headers) as answer:
            result = await answer.json()
            assert answer.status == 401, result
            assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
        assert result["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert reason in result["errors"][0]["message"]
        assert "data" not in result
        assert len(shop.requests) == before


def _hmac(claims: dict[str, Any], secret: bytes, kid: str) -> str:
    """By hand: the library refuses to sign with what looks like a public key."""
    import hashlib
    import hmac

    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).rstrip(b"=").decode()

    signed = f"{part(json.dumps({'alg': 'HS256', 'kid': kid}).encode())}.{part(json.dumps(claims).encode())}"
    return f"{signed}.{part(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"


class TestKeys:
    async def test_they_are_fetched_once(self, http: Http, shop: Graph) -> None:
        await asyncio.gather(*(shop.ask(http, "{ mine }", shop.issuer.token(jti=str(n))) for n in range(20)))

        assert shop.issuer.asked == 1

    async def test_a_new_key_is_asked_for_at_once_and_the_old_one_stays_good(
        self, http: Http, shop: Graph, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert (await shop.ask(http, "{ mine }", shop.issuer.token()))[0] == 200
        monkeypatch.setattr(jwks_module, "PAUSE", 0)
        shop.issuer.add("second")

        assert (await shop.ask(http, "{ mine }", shop.issuer.token("second")))[0] == 200
        assert (await shop.ask(http, "{ mine }", shop.issuer.token()))[0] == 200

    async def test_keys_that_nobody_has_do_not_make_us_ask_all_the_time(self, http: Http, shop: Graph) -> None:
        shop.issuer.add("unknown", publish=False)
        for _ in range(5):
            assert (await shop.ask(http, "{ mine }", shop.issuer.token("unknown")))[0] == 401

        assert shop.issuer.asked == 1

    async def test_a_key_that_was_taken_back_is_refused(self, http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
        async with graph(refresh_keys=0.001) as shop:
            token = shop.issuer.token()
            assert (await shop.ask(http, "{ mine }", token))[0] == 200
            monkeypatch.setattr(jwks_module, "PAUSE", 0)
            shop.issuer.published.clear()
            shop.issuer.add("second")

            assert (await shop.ask(http, "{ mine }", shop.issuer.token("second")))[0] == 200
            assert (await shop.ask(http, "{ mine }", token))[0] == 401

    async def test_an_issuer_that_is_down_leaves_what_is_known(
        self, http: Http, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with graph(refresh_keys=0.001) as shop:
            assert (await shop.ask(http, "{ mine }", shop.issuer.token()))[0] == 200
            monkeypatch.setattr(jwks_module, "PAUSE", 0)
            shop.issuer.broken = True

            assert (await shop.ask(http, "{ mine }", shop.issuer.token(jti="other")))[0] == 200

    async def test_an_issuer_that_was_never_reached_lets_nobody_in(self, http: Http, shop: Graph) -> None:
        shop.issuer.broken = True

        status, result = await shop.ask(http, "{ open }", shop.issuer.token())

        assert status == 503
        assert result["errors"][0]["extensions"]["code"] == "KEYS_MISSING"
        assert (await shop.ask(http, "{ open }"))[0] == 200

    async def test_one_issuer_cannot_speak_for_another(self, http: Http) -> None:
        async with issuer() as other, graph() as shop:
            theirs = IssuerSettings(
                other.url, other.jwks_url, AUDIENCE, subject_claim="client_id", scopes_claim="can.do"
            )
            ours = IssuerSettings(shop.issuer.url, shop.issuer.jwks_url, AUDIENCE)
            async with graph(issuers={"ours": ours, "theirs": theirs}) as both:
                claims = {"client_id": "robot", "sub": None, "scope": None, "can": {"do": ["write"]}}
                assert (await both.ask(http, "{ written }", other.token(**claims)))[1] == {
                    "data": {"written": "written"}
                }
                assert both.claims()["sub"] == "robot"
                forged = other.token(iss=shop.issuer.url)
                assert (await both.ask(http, "{ mine }", forged))[0] == 401


class TestSharing:
    async def test_two_callers_never_share_an_answer(self, http: Http, shop: Graph) -> None:
        shop.release.clear()
        tokens = [shop.issuer.token(sub=name) for name in ("ada", "eva", "ada")]
        asked = [asyncio.create_task(shop.ask(http, "{ mine }", token)) for token in (*tokens, tokens[0])]
        async with asyncio.timeout(5):
            while len(shop.requests) < 2:
                await asyncio.sleep(0.001)
        shop.release.set()

        assert all(status == 200 for status, _ in await asyncio.gather(*asked))
        assert sorted({shop.claims(n)["sub"] for n in range(len(shop.requests))}) == ["ada", "eva"]

    async def test_a_caller_has_one_service_token_until_it_must_be_renewed(self, http: Http, shop: Graph) -> None:
        token = shop.issuer.token()
        for query in ("{ mine }", "{ open }"):
            await shop.ask(http, query, token)

        first, second = (one.headers["Doorstep-Service-Token"] for one in shop.requests)
        assert first == second

    async def test_claims_go_on_only_where_the_settings_say_so_and_never_as_the_gateways_own(self, http: Http) -> None:
        async with graph(forward_claims=("roles", "iss", "exp")) as shop:
            await shop.ask(http, "{ mine }", shop.issuer.token(roles=["reviewer"], email="ada@example.com"))

            claims = shop.claims()
            assert claims["roles"] == ["reviewer"]
            assert claims["iss"] == "gateway"
            assert "email" not in claims


class TestWebSocket:
    async def test_a_token_comes_in_connection_init(self, http: Http, shop: Graph) -> None:
        init = {"Authorization": f"Bearer {shop.issuer.token()}"}
        async with connected(http, shop.url, init) as socket:
            await subscribe(socket, "1", "subscription { ticks }")
            assert (await socket.receive_json(timeout=5))["payload"] == {"data": {"ticks": "one"}}
        assert shop.claims()["sub"] == "ada"

    async def test_without_one_nothing_is_subscribed_to(self, http: Http, shop: Graph) -> None:
        async with connected(http, shop.url) as socket:
            await subscribe(socket, "1", "subscription { ticks }")
            result = (await socket.receive_json(timeout=5))["payload"]
        assert result["data"] == {"ticks": None}
        assert result["errors"][0]["extensions"]["coordinate"] == "Subscription.ticks"
        assert shop.requests == []

    async def test_a_bad_one_closes_the_connection(self, http: Http, shop: Graph) -> None:
        async with http.ws_connect(f"{shop.url}/graphql", protocols=("graphql-transport-ws",)) as socket:
            await socket.send_json({"type": "connection_init", "payload": {"authorization": "Bearer x.y.z"}})
            code, reason = await closing(socket)
        assert code == 4403
        assert "refused" in reason

    async def test_a_connection_ends_with_its_token(self, http: Http, shop: Graph) -> None:
        init = {"Authorization": f"Bearer {shop.issuer.token(exp=time.time() + 1)}"}
        async with connected(http, shop.url, init) as socket:
            await subscribe(socket, "1", "subscription { ticks }")
            assert (await socket.receive_json(timeout=5))["payload"] == {"data": {"ticks": "one"}}
            code, reason = await closing(socket)
        assert code == 4403
        assert "expired" in reason

    async def test_a_stream_over_http_ends_with_its_token(self, http: Http, shop: Graph) -> None:
        headers = {"accept": "text/event-stream", "Authorization": f"Bearer {shop.issuer.token(exp=time.time() + 1)}"}
        body = {"query": "subscription { ticks }"}
        async with http.post(f"{shop.url}/graphql", json=body, headers=headers) as answer:
            text = await asyncio.wait_for(answer.text(), 5)
        assert '"ticks":"one"' in text
        assert "ACCESS_TOKEN_EXPIRED" in text


class TestPolicies:
    async def test_a_function_of_the_application_is_asked(self, http: Http) -> None:
        async with graph(policies=f"{__name__}:only_ada") as shop:
            assert (await shop.ask(http, "{ secret }", shop.issuer.token()))[1] == {"data": {"secret": "secret"}}
            assert (await shop.ask(http, "{ secret }", shop.issuer.token(sub="eva")))[1]["data"] == {"secret": None}

    async def test_a_service_is_asked_and_without_its_answer_nothing_holds(self, http: Http) -> None:
        questions: list[dict[str, Any]] = []

        async def answer(request: web.Request) -> web.Response:
            questions.append(await request.json())
            if len(questions) > 1:
                return web.Response(status=500)
            return web.json_response({"policies": questions[0]["policies"]})

        async with subgraph(answer) as url, graph(policies=url) as shop:
            token = shop.issuer.token()
            assert (await shop.ask(http, "{ secret }", token))[1] == {"data": {"secret": "secret"}}
            assert (await shop.ask(http, "{ secret }", token))[1]["data"] == {"secret": None}
        assert questions[0]["subject"] == "ada"
        assert questions[0]["policies"] == ["lucky"]
        assert questions[0]["scopes"] == ["read"]


class TestRevokedTokens:
    async def test_a_token_that_was_revoked_before_it_is_first_shown_is_refused(self, http: Http) -> None:
        async with graph(revoked=True) as shop:
            token = shop.issuer.token()
            shop.issuer.revoked.append(token)
            status, result = await shop.ask(http, "{ mine }", token)
            assert (status, result["errors"][0]["message"]) == (401, "The access token is refused: it was revoked.")
            assert (await shop.ask(http, "{ mine }", shop.issuer.token(jti="another")))[0] == 200

    async def test_what_goes_on_with_it_ends_and_it_is_good_no_more(self, http: Http) -> None:
        async with graph(revoked=True, refresh_revoked=0.05) as shop:
            token, other = shop.issuer.token(), shop.issuer.token(sub="bea")
            init = {"Authorization": f"Bearer {token}"}
            headers = {"accept": "text/event-stream", **init}
            asked = {"query": "subscription { ticks }"}
            async with (
                connected(http, shop.url, init) as socket,
                connected(http, shop.url, {"Authorization": f"Bearer {other}"}) as others,
                http.post(f"{shop.url}/graphql", json=asked, headers=headers) as stream,
            ):
                for one in (socket, others):
                    await subscribe(one, "1", "subscription { ticks }")
                    assert (await one.receive_json(timeout=5))["payload"] == {"data": {"ticks": "one"}}
                shop.issuer.revoked.append(token)

                assert await closing(socket) == (4403, "Forbidden: the access token was revoked")
                text = await asyncio.wait_for(stream.text(), 5)
                assert "ACCESS_TOKEN_REVOKED" in text
                await others.send_json({"type": "ping"})
                assert await others.receive_json(timeout=5) == {"type": "pong"}
            assert (await shop.ask(http, "{ mine }", token))[0] == 401
            assert (await shop.ask(http, "{ mine }", other))[0] == 200

    async def test_a_list_that_did_not_change_is_not_sent_again_and_nobody_asks_for_each_request(
        self, http: Http
    ) -> None:
        async with graph(revoked=True, refresh_revoked=60) as shop:
            for _ in range(5):
                assert (await shop.ask(http, "{ mine }", shop.issuer.token()))[0] == 200
            assert shop.issuer.lists == 1

    async def test_while_the_issuer_is_away_what_was_revoked_stays_so(self, http: Http) -> None:
        async with graph(revoked=True, refresh_revoked=0.05) as shop:
            gone, good = shop.issuer.token(), shop.issuer.token(sub="bea")
            shop.issuer.revoked.append(gone)
            assert (await shop.ask(http, "{ mine }", gone))[0] == 401
            shop.issuer.broken = True
            looks = shop.issuer.looks
            while shop.issuer.looks == looks:
                await asyncio.sleep(0)
            assert (await shop.ask(http, "{ mine }", gone))[0] == 401
            assert (await shop.ask(http, "{ mine }", good))[0] == 200


def only_ada(caller: Caller, names: Any) -> list[str]:
    """The policies of the test above."""
    return list(names) if caller.subject == "ada" else []


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream", "application/json, multipart/mixed"])
async def test_policies_are_asked_once_for_a_request(http: Http, accept: str) -> None:
    asked: list[Any] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(await request.json())
        return web.json_response({"policies": ["lucky"]})

    async with subgraph(answer) as url, graph(policies=url) as shop:
        params = {"query": "{ secret }"}
        async with http.get(f"{shop.url}/graphql", params=params, headers={"Accept": accept}) as given:
            assert '"secret":"secret"' in await given.text()
    assert len(asked) == 1
