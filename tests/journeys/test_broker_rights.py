"""
On RabbitMQ each service does its own things and nothing of another's: everybody tries everything, on all there is.

What there is says the running broker; what is somebody's own says :func:`is_own`.
"""

import asyncio
import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

import pika
import pika.exceptions
import pytest
from pika.adapters.blocking_connection import BlockingChannel as Channel

from docker.local.infrastructure import RABBITMQ_SERVERS
from docker.local.server_users import FLOWER, HEARS, OPERATIONS, TASKS, in_vhost, tasks_vhost, url_for
from docker.local.up import RunningSystem
from tests.journeys.steps import until
from workers.chassis.broker import Names

pytestmark = pytest.mark.asyncio(loop_scope="session")

RELAY, FACTS = "outbox_relay", "/"
LOGS = "logs"
USERS = (*HEARS, RELAY, LOGS, "accounts", "monolith", FLOWER, OPERATIONS)
ASK_AND_ANSWER = ("subscribers", "addresses", "matching")
SHARED = ("", "amq.direct", "amq.fanout", "amq.headers", "amq.match", "amq.topic")
"""exchanges that every virtual host has"""
REFUSED = 403
Attack = Callable[[Channel], object]


@dataclass(frozen=True)
class Vhost:
    """A virtual host of the running broker, with what is in it."""

    name: str
    queues: tuple[str, ...]
    exchanges: tuple[str, ...]


@pytest.fixture(scope="session")
def vhosts(system: RunningSystem) -> list[Vhost]:
    """All that the broker has."""
    (server,) = (process for process in system.infrastructure.processes if process.name == "rabbitmq")
    control = Path(RABBITMQ_SERVERS[0]).with_name("rabbitmqctl")
    told = subprocess.run(
        [control if control.exists() else "rabbitmqctl", "export_definitions", "-", "--format", "json", "--silent"],
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **server.environment},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    said = json.loads(told)
    return [
        Vhost(
            one["name"],
            tuple(queue["name"] for queue in said["queues"] if queue["vhost"] == one["name"]),
            tuple(exchange["name"] for exchange in said["exchanges"] if exchange["vhost"] == one["name"]),
        )
        for one in said["vhosts"]
    ]


@contextmanager
def connected(system: RunningSystem, user: str, vhost: str) -> Iterator[pika.BlockingConnection]:
    """:raises pika.exceptions.AMQPConnectionError: the user may not enter."""
    infrastructure = system.infrastructure
    url = in_vhost(url_for(user, infrastructure.rabbitmq_url, infrastructure.passwords), vhost)
    connection = pika.BlockingConnection(pika.URLParameters(url))
    try:
        yield connection
    finally:
        connection.close()


def is_refused(connection: pika.BlockingConnection, attack: Attack) -> bool:
    channel = connection.channel()
    channel.confirm_delivery()
    try:
        attack(channel)
    except pika.exceptions.ChannelClosedByBroker as closed:
        return bool(closed.reply_code == REFUSED)
    channel.close()
    return False


def is_own(names: Names, user: str, vhost: str, name: str) -> bool:
    """Whether a queue or an exchange belongs to nobody but this user."""
    if user == OPERATIONS:
        return False
    if vhost == FACTS:
        if user == LOGS:
            return name == names.queue(LOGS)
        return user in HEARS and (name == names.queue(user) or name.startswith(f"{names.queue(user)}.again"))
    if vhost == names.queue("search"):
        return user == "matching" and name == names.queue("search")
    if user == FLOWER:
        return name == "celeryev" or name.startswith("celeryev.")
    assert vhost == f"{names.namespace}.tasks.{user}"
    return name == "celeryev" or name.startswith((names.queue("tasks"), "celery_delayed_"))


def may_publish(names: Names, user: str, vhost: str, exchange: str) -> bool:
    if is_own(names, user, vhost, exchange):
        return True
    if user == OPERATIONS:
        # What was set aside goes back where it was, by the ways that lead there and nowhere else.
        back = map(names.again, HEARS) if vhost == FACTS else [names.queue("tasks")]
        return vhost != names.queue("search") and (exchange in back or (vhost, exchange) == (FACTS, names.log_lines))
    if vhost == names.queue("search"):
        return exchange == "" and user in ASK_AND_ANSWER
    if vhost == FACTS and exchange == names.log_lines:
        return True
    return exchange == names.facts if user == RELAY else exchange == names.dead and user in HEARS


def may_lead(names: Names, user: str, source: str) -> bool:
    """Whether what goes through an exchange of all may be led somewhere by this user."""
    return (user, source) in {(RELAY, names.facts), (LOGS, names.log_lines)}


def attacks(names: Names, user: str, vhost: Vhost) -> Iterator[tuple[str, Attack]]:
    """Everything that this user may not do there."""
    own = [queue for queue in vhost.queues if is_own(names, user, vhost.name, queue)]
    # What can be led into a queue depends on both: one of its own and those of all stand for the others.
    of_all = [exchange for exchange in (names.facts, names.log_lines, names.dead) if exchange in vhost.exchanges]
    sources = [*[one for one in vhost.exchanges if is_own(names, user, vhost.name, one)][:1], *of_all]
    for queue in vhost.queues:
        if not may_publish(names, user, vhost.name, ""):
            yield f"write into {queue}", partial(Channel.basic_publish, exchange="", routing_key=queue, body=b"")
        if queue in own:
            continue
        if not (user == OPERATIONS and queue == names.dead_letters):
            yield f"read {queue}", partial(Channel.basic_get, queue=queue)
            yield f"empty {queue}", partial(Channel.queue_purge, queue=queue)
        yield f"delete {queue}", partial(Channel.queue_delete, queue=queue)
        yield f"make {queue}", partial(Channel.queue_declare, queue=queue, durable=True)
        for source in sources:
            if not (may_lead(names, user, source) and queue.removeprefix(f"{names.namespace}.") in HEARS):
                yield f"lead {source} into {queue}", partial(Channel.queue_bind, queue=queue, exchange=source)
    for exchange in (*SHARED, *vhost.exchanges):
        publishes = may_publish(names, user, vhost.name, exchange)
        if not publishes:
            yield f"publish to {exchange}", partial(Channel.basic_publish, exchange=exchange, routing_key="x", body=b"")
        if is_own(names, user, vhost.name, exchange) or not exchange:
            continue
        yield f"delete {exchange}", partial(Channel.exchange_delete, exchange=exchange)
        for queue in () if may_lead(names, user, exchange) else own[:1]:
            bind = partial(Channel.queue_bind, queue=queue, exchange=exchange, routing_key="#")
            yield f"lead {exchange} into {queue}", bind
        for source in sources:
            # Where it publishes itself it may also lead what it has published elsewhere.
            if not (publishes and (is_own(names, user, vhost.name, source) or may_lead(names, user, source))):
                bind = partial(Channel.exchange_bind, destination=exchange, source=source, routing_key="#")
                yield f"lead {source} into {exchange}", bind
    if user in (FLOWER, OPERATIONS) or not vhost.name.startswith(names.queue("tasks")):
        for name in ("", "mine", f"{names.facts}.mine", f"{names.queue(user)}2", "celery_delayed_1"):
            yield f"make a queue {name}", partial(Channel.queue_declare, queue=name)
            yield f"make an exchange {name}", partial(Channel.exchange_declare, exchange=name or "another")


async def test_each_attack_has_something_to_attack(system: RunningSystem, vhosts: list[Vhost]) -> None:
    names = Names(system.settings.namespace)
    found = {vhost.name: vhost for vhost in vhosts}

    assert found.keys() == {FACTS, names.queue("search")} | {
        f"{names.namespace}.tasks.{service}" for service in ("addresses", "matching", "notifications", "suggestions")
    }
    assert set(found[names.queue("search")].queues) == {names.queue("search")}, (
        "answers may go wherever they like there"
    )
    assert {names.queue(listener) for listener in HEARS} < set(found[FACTS].queues)
    assert names.queue("tasks.batches") in found[f"{names.namespace}.tasks.matching"].queues
    for vhost in vhosts:
        if vhost.name != names.queue("search"):
            assert names.dead_letters in vhost.queues, vhost.name


@pytest.mark.parametrize("user", USERS)
async def test_what_is_not_its_own_is_refused(system: RunningSystem, vhosts: list[Vhost], user: str) -> None:
    names = Names(system.settings.namespace)
    entered, tried, done = set(), 0, []
    for vhost in vhosts:
        try:
            with connected(system, user, vhost.name) as connection:
                entered.add(vhost.name)
                for what, attack in attacks(names, user, vhost):
                    tried += 1
                    if not is_refused(connection, attack):
                        done.append(f"{what} in {vhost.name}")
        except pika.exceptions.AMQPConnectionError:
            continue

    assert not done
    assert tried > 100
    if user == FLOWER:
        assert entered == {tasks_vhost(service, names.namespace) for service in TASKS}
        return
    if user == OPERATIONS:
        assert entered == {vhost.name for vhost in vhosts}
        return
    own = {FACTS, f"{names.namespace}.tasks.{user}"} | ({names.queue("search")} if user in ASK_AND_ANSWER else set())
    assert entered == own & {vhost.name for vhost in vhosts}


@pytest.mark.parametrize("listener", HEARS)
async def test_only_facts_that_it_handles_can_be_led_to_a_listener_by_it(system: RunningSystem, listener: str) -> None:
    names = Names(system.settings.namespace)
    others = set(chain.from_iterable(HEARS.values())) - set(HEARS[listener])
    to_queue = partial(Channel.queue_bind, queue=names.queue(listener), exchange=names.facts)
    by_exchange = partial(Channel.exchange_bind, destination=names.again(listener), source=names.facts)
    with connected(system, listener, FACTS) as connection:
        for type in sorted({*others, "#", "*.*.*", "address.#", "log.written.v1", ""}):
            assert is_refused(connection, partial(to_queue, routing_key=type)), type
            assert is_refused(connection, partial(by_exchange, routing_key=type)), type
        for type in HEARS[listener]:
            assert not is_refused(connection, partial(to_queue, routing_key=type)), type


async def test_the_relay_tells_facts(system: RunningSystem) -> None:
    names = Names(system.settings.namespace)
    tell = partial(Channel.basic_publish, exchange=names.facts, routing_key="nobody.hears.it.v1", body=b"{}")
    with connected(system, RELAY, FACTS) as connection:
        assert not is_refused(connection, tell)


async def test_what_listeners_try_again_comes_back_to_them_and_is_set_aside_where_all_of_it_is(
    system: RunningSystem,
) -> None:
    names = Names(system.settings.namespace)
    for listener in HEARS:
        waits = partial(Channel.basic_publish, exchange=names.again(listener), body=b"no fact")
        with connected(system, listener, FACTS) as connection:
            assert not is_refused(connection, partial(waits, routing_key=names.waiting_queue(listener, 1000)))
    came_back: set[str] = set()

    def look() -> bool:
        with pika.BlockingConnection(pika.URLParameters(system.infrastructure.rabbitmq_url)) as connection:
            channel = connection.channel()
            while (found := channel.basic_get(names.dead_letters, auto_ack=True))[0] is not None:
                _, properties, body = found
                if body == b"no fact":
                    came_back.add(properties.headers["listener"])
        return came_back == set(HEARS)

    await until(partial(asyncio.to_thread, look), what=f"what waited for {', '.join(HEARS)}")
