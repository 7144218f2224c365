"""The single-page application beside the graph."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from yarl import URL

import gateway_graphql
from gateway_graphql.server.app import GatewayApp, create_app
from gateway_graphql.server.graph_file import WrongGraphFile, read_graph_file
from gateway_graphql.server.settings import ApplicationSettings, ServerSettings
from tests.gateway_graphql.server.serving import serving
from tests.gateway_graphql.server.test_http import Http

SUPERGRAPH = Path(gateway_graphql.__file__).with_name("supergraph.graphql")
PAGE = "<!doctype html><title>Shop</title>"
SCRIPT = "console.log('shop');" * 200
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def app(tmp_path: Path) -> GatewayApp:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(PAGE)
    (tmp_path / "assets/page-1a2b.js").write_text(SCRIPT)
    (tmp_path / ".sources-1").touch()
    told = ApplicationSettings(tmp_path, ("https://login.example.org",), {"issuer": "https://login.example.org/o"})
    return create_app(SUPERGRAPH.read_text(), ServerSettings(application=told))


@pytest.fixture
async def page(app: GatewayApp) -> AsyncIterator[str]:
    async with serving(app, own_http=True) as url:
        yield url


@pytest.mark.parametrize("path", ["/", "/reviews", "/some/where/else"])
async def test_a_browser_gets_the_page_at_every_address(http: Http, page: str, path: str) -> None:
    async with http.get(f"{page}{path}", headers=BROWSER) as answer:
        assert (answer.status, await answer.text()) == (200, PAGE)
        assert answer.headers["Cache-Control"] == "no-cache"


async def test_the_page_runs_no_foreign_code_and_talks_to_named_origins_alone(http: Http, page: str) -> None:
    async with http.get(f"{page}/", headers=BROWSER) as answer:
        policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))

    assert (policy["default-src"], policy["script-src"]) == ("'none'", "'self'")
    assert policy["connect-src"] == "'self' https://login.example.org"
    assert policy["frame-ancestors"] == "'none'"


async def test_a_file_with_a_hash_in_its_name_is_kept_for_ever_and_travels_compressed(http: Http, page: str) -> None:
    async with http.get(f"{page}/assets/page-1a2b.js") as answer:
        assert await answer.text() == SCRIPT
        assert answer.content_type == "text/javascript"
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


async def test_a_file_that_is_known_already_is_not_sent_again(http: Http, page: str) -> None:
    async with http.get(f"{page}/assets/page-1a2b.js") as answer:
        etag = answer.headers["ETag"]
    async with http.get(f"{page}/assets/page-1a2b.js", headers={"If-None-Match": etag}) as answer:
        assert (answer.status, await answer.read()) == (304, b"")


async def test_settings_are_told(http: Http, page: str) -> None:
    async with http.get(f"{page}/settings.json") as answer:
        assert await answer.json() == {"issuer": "https://login.example.org/o"}


@pytest.mark.parametrize("path", ["/assets/gone-3c4d.js", "/.sources-1", "/../secret", "/%2e%2e/secret"])
async def test_what_is_no_file_of_it_is_404(http: Http, page: str, path: str) -> None:
    async with http.get(URL(f"{page}{path}", encoded=True), headers={"accept": "*/*"}) as answer:
        assert answer.status == 404


async def test_other_addresses_keep_their_meaning(http: Http, page: str) -> None:
    async with http.get(f"{page}/health", headers=BROWSER) as answer:
        assert await answer.json() == {"status": "ok"}
    async with http.get(f"{page}/graphiql", headers=BROWSER) as answer:
        assert "GraphiQL" in await answer.text()
    async with http.post(f"{page}/graphql", json={"query": "{ __typename }"}) as answer:
        assert (await answer.json())["data"] == {"__typename": "Query"}
    async with http.post(f"{page}/reviews") as answer:
        assert answer.status == 404


def test_a_folder_without_a_page_is_told_at_the_start(tmp_path: Path) -> None:
    file = tmp_path / "graph.yaml"
    file.write_text("supergraph: s.graphql\napplication: {folder: dist, connect_to: [nowhere]}\n")
    (tmp_path / "s.graphql").touch()
    with pytest.raises(WrongGraphFile) as wrong:
        read_graph_file(file, {})

    assert wrong.value.problems == [
        f"application.folder: there is no {tmp_path}/dist/index.html; build the application first",
        "application.connect_to: expected an origin such as https://login.example.org, not 'nowhere'",
    ]


def test_a_folder_that_the_environment_does_not_name_is_none(tmp_path: Path) -> None:
    file = tmp_path / "graph.yaml"
    file.write_text('supergraph: s.graphql\napplication: {folder: "${NO_SUCH:-}", connect_to: ["${NO_SUCH:-}"]}\n')
    (tmp_path / "s.graphql").touch()

    assert read_graph_file(file, {}).settings.application is None
