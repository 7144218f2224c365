"""
The way of ``subgraphs/monolith/README.md``, step by step on the running system: from the monolith to the service.

Who answers for a voucher can be seen by its link: each service gives its own.
"""

import asyncio
import os
import re
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pymongo
import pytest
import requests
import yaml

from docker.local import processes
from docker.local.demo.client import GraphQLClient
from docker.local.in_service import environment
from docker.local.keys import load_or_make
from docker.local.ports import pick_free
from docker.local.schema import sdl_file
from docker.local.settings import REPOSITORY
from docker.local.shadow_reads import shadow_reads
from docker.local.token import AccessTokens
from docker.local.up import RunningSystem
from tests.journeys.steps import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

VOUCHERS = "{ discountClaims(status: ISSUED) { nodes { id status voucher { code download { url } } } } }"
FOLLOWED = {"customer": "C-1002", "purchase_number": "P-2005", "article": "RUG"}


def run(system: RunningSystem, service: str, command: str, *, said: str = "", **more: str) -> tuple[int, str]:
    """Run a command of a service; its exit status and what it printed."""
    done = subprocess.run(
        [processes.PYTHON_GRAPHENE, "-m", f"subgraphs.{service}", command],
        cwd=REPOSITORY, env=environment(system.settings, service, system.infrastructure) | more, input=said, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    return done.returncode, done.stdout


def claim_on_the_pages(system: RunningSystem, purchase: Mapping[str, str]) -> requests.Response:
    """As a visitor does."""
    browser = requests.Session()
    url = system.settings.url("monolith", "/discounts/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get(url, timeout=10).text)
    assert token
    return browser.post(url, data={**purchase, "csrfmiddlewaretoken": token[1]}, timeout=10)


@pytest.fixture(scope="module")
def claimed(system: RunningSystem) -> None:
    """A voucher that the monolith gave."""
    page = claim_on_the_pages(
        system, {"customer": "ada@example.org", "purchase_number": "P-2002", "article": "ARMCHAIR"}
    )
    assert "EUR 50.00" in page.text


async def test_everything_is_copied_and_compared_as_often_as_one_likes(system: RunningSystem, claimed: None) -> None:
    _, lines = run(system, "monolith", "export")
    status, said = run(system, "discounts", "compare", said=lines)
    assert status == 1
    assert "is not here" in said

    for _ in range(2):
        status, said = run(system, "discounts", "import", said=lines)
        assert status == 0, said
    assert run(system, "discounts", "compare", said=lines)[0] == 0


async def test_shadow_reads_say_where_the_answers_differ(
    system: RunningSystem, claimed: None, capsys: pytest.CaptureFixture[str]
) -> None:
    _, lines = run(system, "monolith", "export")
    run(system, "discounts", "import", said=lines)
    assert await shadow_reads(system.settings) == 0
    assert " 0 different" in capsys.readouterr().out

    url = system.infrastructure.environment_of("discounts")["MONGO_URL"]
    with pymongo.MongoClient[dict[str, Any]](url) as mongo:
        claims = mongo[f"{system.settings.namespace}_discounts"]["discount_claims"]
        claims.update_one({"purchaseNumber": "P-2002", "status": "ISSUED"}, {"$set": {"voucher.percent": 1}})
    assert await shadow_reads(system.settings) == 1
    assert "percent is 15 in monolith, 1 in discounts" in capsys.readouterr().out

    run(system, "discounts", "import", said=lines)
    assert await shadow_reads(system.settings) == 0


async def test_who_follows_has_what_is_changed_within_moments(system: RunningSystem, claimed: None) -> None:
    of_monolith, of_discounts = (
        environment(system.settings, service, system.infrastructure) for service in ("monolith", "discounts")
    )
    with (
        subprocess.Popen(
            [processes.PYTHON_GRAPHENE, "-m", "subgraphs.monolith", "follow"],
            cwd=REPOSITORY, env=of_monolith, stdout=subprocess.PIPE,
        ) as follow,
        subprocess.Popen(
            [processes.PYTHON_GRAPHENE, "-m", "subgraphs.discounts", "import"],
            cwd=REPOSITORY, env=of_discounts, stdin=follow.stdout, stdout=subprocess.PIPE,
        ) as importing,
    ):  # fmt: skip
        try:
            claim_on_the_pages(system, FOLLOWED)
            url = system.infrastructure.environment_of("discounts")["MONGO_URL"]
            with pymongo.MongoClient[dict[str, Any]](url) as mongo:
                claims = mongo[f"{system.settings.namespace}_discounts"]["discount_claims"]

                async def followed() -> Any:
                    return claims.find_one({"purchaseNumber": "P-2005", "refusal": "PURCHASE_TOO_OLD"})

                await until(followed, what="the claim to be taken over")
        finally:
            follow.terminate()
            importing.wait(15)


def answer_for(takes_over: str, system: RunningSystem, folder: Path) -> None:
    """Let discounts answer for so much in the gateway of this folder."""
    status, sdl = run(system, "discounts", "schema", DISCOUNTS_TAKES_OVER=takes_over)
    assert status == 0
    (folder / "discounts.graphql").write_text(sdl)


@asynccontextmanager
async def gateway(
    system: RunningSystem, folder: Path, takes_over: str, *, without: str = ""
) -> AsyncIterator[GraphQLClient]:
    """A further gateway, of a graph in which discounts answers for so much; an operator's client of it."""
    answer_for(takes_over, system, folder)
    graph = yaml.safe_load((REPOSITORY / "docker/graph.yaml").read_text())
    graph.pop("rest", None)  # its files are named relative to the graph's
    graph["subgraphs"].pop(without, None)
    for service, entry in graph["subgraphs"].items():
        entry["schema"] = {"file": str(folder / "discounts.graphql" if service == "discounts" else sdl_file(service))}
    (folder / "graph.yaml").write_text(yaml.safe_dump(graph))
    keys, (port,) = load_or_make(system.settings.state), pick_free(1)
    usual = processes.gateway(system.settings, keys, system.infrastructure)
    command = [str(folder / "graph.yaml") if part == "docker/graph.yaml" else part for part in usual.command]
    command[command.index("--port") + 1] = str(port)
    with subprocess.Popen(
        command, cwd=REPOSITORY, env={**os.environ, **usual.environment}, stdout=subprocess.DEVNULL
    ) as process:
        try:

            async def answers() -> bool:
                assert process.poll() is None, "the gateway has ended"
                try:
                    return (await asyncio.to_thread(requests.get, f"http://127.0.0.1:{port}/health", timeout=5)).ok
                except requests.ConnectionError:
                    return False

            await until(answers, what="the gateway")
            token = AccessTokens(system.settings, "operator")
            async with GraphQLClient(f"http://127.0.0.1:{port}/graphql", token) as client:
                yield client
        finally:
            process.terminate()


async def answered_by(system: RunningSystem, client: GraphQLClient, times: int) -> Counter[str]:
    """Which service gave the link to the monolith's voucher, so many times."""
    found: Counter[str] = Counter()
    for _ in range(times):
        nodes = (await client.execute(VOUCHERS))["discountClaims"]["nodes"]
        urls = [node["voucher"]["download"]["url"] for node in nodes]
        assert urls
        found.update(
            service for service in ("monolith", "discounts") if urls[0].startswith(system.settings.url(service, "/"))
        )
    return found


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("takes_over", "expected"),
    [
        ("0", {"monolith"}),
        ("50", {"monolith", "discounts"}),
        ("0,Voucher.download=100", {"discounts"}),
        ("100", {"discounts"}),
    ],
)
async def test_fields_move_by_percent(
    system: RunningSystem, claimed: None, tmp_path: Path, takes_over: str, expected: set[str]
) -> None:
    run(system, "discounts", "import", said=run(system, "monolith", "export")[1])

    async with gateway(system, tmp_path, takes_over) as client:
        assert set(await answered_by(system, client, 40)) == expected


@pytest.mark.timeout(240)
async def test_a_field_moves_while_clients_ask(system: RunningSystem, claimed: None, tmp_path: Path) -> None:
    run(system, "discounts", "import", said=run(system, "monolith", "export")[1])

    async with gateway(system, tmp_path, "0") as client:
        assert set(await answered_by(system, client, 5)) == {"monolith"}
        answer_for("100", system, tmp_path)

        async def moved() -> bool:
            # An answer with an error would end this.
            return "discounts" in await answered_by(system, client, 1)

        await until(moved, what="the gateway to take the new schema")
        assert set(await answered_by(system, client, 5)) == {"discounts"}


@pytest.mark.timeout(240)
async def test_the_monolith_can_go(system: RunningSystem, claimed: None, tmp_path: Path) -> None:
    run(system, "discounts", "import", said=run(system, "monolith", "export")[1])

    async with gateway(system, tmp_path, "100", without="monolith") as client:
        assert set(await answered_by(system, client, 3)) == {"discounts"}
