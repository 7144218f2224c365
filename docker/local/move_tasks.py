"""
Tasks that an earlier version has left among the facts, before there was a virtual host for those of each service.

They are moved whenever a system starts; what waits for a later try waits for the rest of its time. Nobody can write a
task to the old place any more.
"""

import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import kombu
import pika
import pika.exceptions
from kombu.transport.native_delayed_delivery import (
    MAX_LEVEL,
    MAX_NUMBER_OF_BITS_TO_USE,
    bind_queue_to_native_delayed_delivery_exchange,
    calculate_routing_key,
    declare_native_delayed_delivery_exchanges_and_queues,
    level_name,
)
from pika.adapters.blocking_connection import BlockingChannel
from pika.spec import BasicProperties

from docker.local.server_users import FACTS_VHOST, in_vhost, queue_arguments, tasks_vhost

_WERE = {
    "tasks.matching": "matching",
    "tasks.batches": "matching",
    "tasks.addresses": "addresses",
    "tasks.notifications": "notifications",
    "tasks.suggestions": "suggestions",
}
"""queue of tasks → whose it is"""
_WAITING = [level_name(level) for level in range(MAX_LEVEL, -1, -1)]
"""the queues in which tasks wait for a later try, in the order in which they go through them"""


def move_tasks(url: str, namespace: str, *, ca_file: str = "") -> int:
    """
    Move what is there, and say how many tasks that were.

    :param url: of the broker, with every right that there is
    :param ca_file: where ``url`` begins with ``amqps``: the authority that is believed
    """
    moved = 0
    with ExitStack() as opened:
        here = opened.enter_context(_connect(url, FACTS_VHOST, ca_file))
        services = {f"{namespace}.{queue}": service for queue, service in _WERE.items()}
        old = [queue for queue in services if _is_there(here, queue)]
        channel = here.channel()
        there: dict[str, BlockingChannel] = {}
        # Those that wait come first: meanwhile they may reach their queue.
        for queue in (*(one for one in _WAITING if old and _is_there(here, one)), *old):
            for tag, routing_key, properties, body in _messages(channel, queue):
                name = routing_key.split(".", MAX_NUMBER_OF_BITS_TO_USE)[-1] if queue in _WAITING else queue
                if name not in services:
                    continue
                if name not in there:
                    there[name] = opened.enter_context(
                        _connect(url, tasks_vhost(services[name], namespace), ca_file)
                    ).channel()
                    there[name].confirm_delivery()
                    _declare(url, services[name], namespace, name, ca_file)
                seconds = _seconds_left(properties) if queue in _WAITING else 0
                exchange = level_name(MAX_LEVEL) if seconds else f"{namespace}.tasks"
                key = calculate_routing_key(seconds, name) if seconds else name
                there[name].basic_publish(exchange, key, body, properties, mandatory=True)
                channel.basic_ack(tag)
                moved += 1
        # What belongs to others goes back to where it was.
        channel.close()
    return moved


def _connect(url: str, vhost: str, ca_file: str) -> pika.BlockingConnection:
    parameters = pika.URLParameters(in_vhost(url, vhost))
    if parameters.ssl_options:
        parameters.ssl_options = pika.SSLOptions(ssl.create_default_context(cafile=ca_file or None))
    return pika.BlockingConnection(parameters)


def _is_there(connection: pika.BlockingConnection, queue: str) -> bool:
    channel = connection.channel()
    try:
        channel.queue_declare(queue, passive=True)
    except pika.exceptions.ChannelClosedByBroker:
        return False
    channel.close()
    return True


def _messages(channel: BlockingChannel, queue: str) -> Iterator[tuple[int, str, BasicProperties, bytes]]:
    while True:
        method, properties, body = channel.basic_get(queue)
        if method is None:
            return
        yield method.delivery_tag, method.routing_key, properties, body


def _declare(url: str, service: str, namespace: str, name: str, ca_file: str) -> None:
    """Make what the worker of these tasks makes when it starts: it comes later."""
    secure = {"cert_reqs": ssl.CERT_REQUIRED, "ca_certs": ca_file, "server_hostname": None}
    exchange = kombu.Exchange(f"{namespace}.tasks", type="topic", durable=True)
    queue = kombu.Queue(name, exchange, routing_key=name, queue_arguments=queue_arguments(namespace))
    vhost = in_vhost(url, tasks_vhost(service, namespace))
    with kombu.Connection(vhost, ssl=secure if url.startswith("amqps") else False) as connection:
        queue(connection.default_channel).declare()
        declare_native_delayed_delivery_exchanges_and_queues(connection, "quorum")
        bind_queue_to_native_delayed_delivery_exchange(connection, queue)


def _seconds_left(properties: BasicProperties) -> int:
    """How long a task still has to wait; it says until when."""
    until = (properties.headers or {}).get("eta")
    return max(0, round((datetime.fromisoformat(until) - datetime.now(UTC)).total_seconds())) if until else 0
