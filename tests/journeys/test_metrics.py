"""What Prometheus learns of the main job, from every process that has a part in it."""

import pytest

from docker.local.demo.client import GraphQLClient
from docker.local.up import RunningSystem
from tests.journeys.register import ADDRESSES, as_csv, mistyped
from tests.journeys.scraped import Sample, scrape, total
from tests.journeys.steps import finished, letters, start_batch, subscribe, until, verdict_live

# The system lives as long as the session, and so does the event loop.
pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_every_process_answers_prometheus(system: RunningSystem) -> None:
    servers = {process.name for process in system.infrastructure.processes}
    ours = {name.replace(" ", "-") for name in system.supervisor.names} - servers - {"mailbox"}

    async def all_answer() -> bool:
        return {sample.process for sample in scrape(system) if sample.name == "process_cpu_seconds_total"} == ours

    await until(all_answer, seconds=20, what=f"all of {sorted(ours)}")


async def test_the_main_job_is_counted_on_its_whole_way(system: RunningSystem, client: GraphQLClient) -> None:
    before = scrape(system)

    payload = await subscribe(client, mistyped(ADDRESSES[23], id="q", seed=5), email="counted@example.com")
    assert (await verdict_live(client, payload["matchTask"]["id"]))[-1]["status"] == "MATCHED"
    await finished(client, await start_batch(client, as_csv([mistyped(ADDRESSES[5], id="q", seed=9)])))

    async def delivered() -> bool:
        return any("counted@example.com" in str(letter["to"]) for letter in letters(system))

    await until(delivered, what="the letter")
    steps = {
        "gateway_subgraph_request_seconds_count": {"subgraph": "subscribers", "outcome": "ok"},
        "subgraph_operation_seconds_count": {"kind": "mutation", "field": "subscribe", "outcome": "ok"},
        "subgraph_http_requests_total": {"status": "200"},
        "outbox_facts_told_total": {"source": "subscribers", "fact": "address.submitted.v1"},
        "worker_fact_seconds_count": {"fact": "address.submitted.v1", "outcome": "handled"},
        "worker_fact_waited_seconds_count": {"fact": "address.submitted.v1"},
        "worker_task_seconds_count": {"task": "matching.match_submission", "outcome": "done"},
        "worker_task_waited_seconds_count": {"task": "matching.match_submission"},
        "matching_verdicts_total": {"verdict": "match", "came_in": "one"},
        "matching_question_seconds_count": {"kind": "exact", "outcome": "answered"},
        "realtime_updates_total": {"watched": "match_task"},
        "letters_total": {"outcome": "sent"},
    }
    both = {**steps, "matching_verdicts_total ": {"verdict": "match", "came_in": "batch"}}

    async def counted() -> list[Sample] | None:
        now = scrape(system)
        more = all(total(now, name.strip(), **labels) > total(before, name.strip(), **labels) for name, labels in both.items())  # fmt: skip
        return now if more else None

    now = await until(counted, what=f"all of {sorted(both)}")
    # The stores are the only place where nothing is left behind: what waits is told as 0, not left out.
    assert {one.labels["source"] for one in now if one.name == "outbox_waiting_documents"} >= {
        "subscribers",
        "matching",
    }
    assert total(now, "realtime_subscriptions", watched="match_task") == 0
