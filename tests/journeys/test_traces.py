"""One request is one trace: through gateway, subgraph, outbox, broker, worker, to whoever watches and into the mailbox."""

import json
from secrets import token_hex

import aiohttp
import pytest

from docker.local.demo import operations
from docker.local.demo.client import GraphQLClient
from docker.local.token import AccessTokens
from docker.local.up import RunningSystem
from tests.journeys.otlp import Collector, Span
from tests.journeys.register import ADDRESSES, mistyped
from tests.journeys.steps import until, verdict_live

# The system lives as long as the session, and so does the event loop.
pytestmark = pytest.mark.asyncio(loop_scope="session")

SUBMITTED = (
    "gateway SERVER POST /graphql",
    "gateway CLIENT subgraph subscribers",
    "subscribers SERVER POST /graphql",
    "outbox_relay PRODUCER publish address.submitted.v1",
    "matching_worker CONSUMER process journeys.matching",
    "matching_worker PRODUCER publish matching.match_submission",
    "matching_worker CONSUMER process matching.match_submission",
    "outbox_relay PRODUCER publish address.matched.v1",
)
LIVE = ("live_updates_worker CONSUMER process journeys.live_updates", "realtime CONSUMER deliver match_task")
LETTER = (
    "notifications_worker CONSUMER process journeys.notifications",
    "notifications_worker PRODUCER publish notifications.send_letter",
    "notifications_worker CONSUMER process notifications.send_letter",
    "outbox_relay PRODUCER publish letter.sent.v1",
    "live_updates_worker CONSUMER process journeys.live_updates",
)
WAYS = {
    (*SUBMITTED, *LIVE),
    (*SUBMITTED, *LETTER),
    (*SUBMITTED, "subscribers_worker CONSUMER process journeys.subscribers"),
    (*SUBMITTED[:3], "matching_worker SERVER answer question"),
}


async def subscribe_traced(system: RunningSystem, caller: str, email: str) -> str:
    """Subscribe as somebody who has a trace already; the id of the match task."""
    typed = mistyped(ADDRESSES[31], id="q", seed=11).typed()
    body = {
        "query": operations.SUBSCRIBE,
        "variables": {"input": {"name": "Ada", "email": email, "address": typed}},
    }
    token = await AccessTokens(system.settings, "operator")()
    headers = {"Authorization": f"Bearer {token}", "traceparent": caller}
    async with (
        aiohttp.ClientSession() as session,
        session.post(system.settings.url("gateway"), json=body, headers=headers) as answer,
    ):
        return str((await answer.json())["data"]["subscribe"]["matchTask"]["id"])


def ways(spans: list[Span]) -> dict[tuple[str, ...], Span]:
    """How each span is reached from the first: kinds and names on the way, and the span itself."""
    known = {span.id: span for span in spans}

    def way(span: Span) -> tuple[str, ...]:
        above = way(known[span.parent]) if span.parent in known else ()
        return (*above, f"{span.service} {span.kind} {span.name}")

    return {way(span): span for span in spans}


async def test_a_request_is_one_trace_to_its_last_consequence(
    system: RunningSystem, client: GraphQLClient, traces: Collector
) -> None:
    trace, caller = token_hex(16), token_hex(8)

    task_id = await subscribe_traced(system, f"00-{trace}-{caller}-01", "traced@example.com")
    assert (await verdict_live(client, task_id))[-1]["status"] == "MATCHED"

    async def arrived() -> list[Span] | None:
        spans = traces.spans(trace)
        return spans if set(ways(spans)) >= WAYS else None

    try:
        spans = await until(arrived, seconds=30, what="the whole trace")
    except AssertionError:
        missing = [way[-1] for way in WAYS - set(ways(traces.spans(trace)))]
        raise AssertionError(
            f"missing: {missing}; there is {json.dumps([*ways(traces.spans(trace))], indent=1)}"
        ) from None
    (first,) = (span for span in spans if span.parent not in {one.id for one in spans})
    assert (first.parent, first.name) == (caller, "POST /graphql")
    assert not [span for span in spans if span.failed]
    told = ways(spans)
    relayed = told[SUBMITTED[:4]]
    assert relayed.attributes["messaging.system"] == "rabbitmq"
    assert relayed.attributes["messaging.destination.name"] == "journeys.facts"
    heard = told[SUBMITTED[:5]]
    assert heard.attributes["messaging.message.id"] == relayed.attributes["messaging.message.id"]
    assert heard.attributes["cloudevents.event_type"] == "address.submitted.v1"


async def test_what_nobody_wants_traced_is_not(system: RunningSystem, client: GraphQLClient, traces: Collector) -> None:
    trace = token_hex(16)

    task_id = await subscribe_traced(system, f"00-{trace}-{token_hex(8)}-00", "untraced@example.com")
    await verdict_live(client, task_id)

    assert traces.spans(trace) == []


async def test_the_lines_of_the_log_say_which_trace_they_belong_to(
    system: RunningSystem, client: GraphQLClient, capsys: pytest.CaptureFixture[str]
) -> None:
    trace, said = token_hex(16), ""

    task_id = await subscribe_traced(system, f"00-{trace}-{token_hex(8)}-01", "logged@example.com")
    await verdict_live(client, task_id)

    async def logged() -> bool:
        nonlocal said
        said += capsys.readouterr().out
        lines = [line for line in said.splitlines() if trace in line]
        return all(any(words in line for line in lines) for words in ("request answered", "fact handled", "task done"))

    await until(logged, what="lines of a subgraph, a listener and a task")
