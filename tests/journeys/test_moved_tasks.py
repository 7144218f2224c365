"""Tasks that waited where an earlier version had them are not lost when the new one starts."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import kombu
import pika
import pymongo
import pytest
from kombu.transport.native_delayed_delivery import (
    bind_queue_to_native_delayed_delivery_exchange,
    declare_native_delayed_delivery_exchanges_and_queues,
)
from pika.adapters.blocking_connection import BlockingChannel

from docker.local.keys import load_or_make
from docker.local.move_tasks import move_tasks
from docker.local.processes import PYTHON
from docker.local.server_users import in_vhost, queue_arguments
from docker.local.settings import REPOSITORY
from docker.local.up import RunningSystem
from tests.journeys.steps import until
from workers.matching.matcher import Address
from workers.matching.task_store import TaskStore

pytestmark = pytest.mark.asyncio(loop_scope="session")
WAIT_SECONDS = 3000


@contextmanager
def broker(url: str) -> Iterator[BlockingChannel]:
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        yield connection.channel()


def count(url: str, queue: str) -> int:
    with broker(url) as channel:
        return int(channel.queue_declare(queue, passive=True).method.message_count)


def as_it_was(system: RunningSystem) -> None:
    """The queue of matching's tasks among the facts, and where they wait for a later try."""
    namespace, url = system.settings.namespace, system.infrastructure.rabbitmq_url
    name = f"{namespace}.tasks.matching"
    queue = kombu.Queue(
        name,
        kombu.Exchange(f"{namespace}.tasks", type="topic"),
        routing_key=name,
        queue_arguments=queue_arguments(namespace),
    )
    with kombu.Connection(url) as connection:
        queue(connection.default_channel).declare()
        declare_native_delayed_delivery_exchanges_and_queues(connection, "quorum")
        bind_queue_to_native_delayed_delivery_exchange(connection, queue)


def enqueue_as_it_was(system: RunningSystem, task_id: str) -> None:
    """By matching's own code, with every right and no address for tasks: one for now, one for later."""
    code = (
        "from workers.matching.tasks import match_submission_task as task;"
        f"task.delay({task_id!r}); task.apply_async(('later',), countdown={WAIT_SECONDS})"
    )
    environment = {
        **os.environ,
        **system.infrastructure.environment,
        **load_or_make(system.settings.state).of("matching"),
        "DOORSTEP_NAMESPACE": system.settings.namespace,
        "SERVICE_PUBLIC_KEYS_FILE": str(load_or_make(system.settings.state).public_file),
    }
    subprocess.run([PYTHON, "-c", code], env=environment, check=True, cwd=REPOSITORY)


async def test_tasks_of_an_earlier_version_are_done_by_the_worker_of_this_one(system: RunningSystem) -> None:
    namespace, url = system.settings.namespace, system.infrastructure.rabbitmq_url
    tasks_url = in_vhost(url, f"{namespace}.tasks.matching")
    task_id = str(uuid4())
    as_it_was(system)
    with broker(url) as channel:
        # Left by a run before this one.
        channel.queue_purge("celery_delayed_11")
    waited = count(tasks_url, "celery_delayed_11")
    await asyncio.to_thread(enqueue_as_it_was, system, task_id)
    # 3000 seconds: first in the queue where tasks wait for 2048.
    assert (count(url, f"{namespace}.tasks.matching"), count(url, "celery_delayed_11")) == (1, 1)
    with broker(url) as channel:
        channel.basic_publish("", "celery_delayed_11", b"of somebody else")
    with pymongo.MongoClient[dict[str, Any]](system.infrastructure.mongo_url) as client:
        tasks = TaskStore(client[f"{namespace}_matching"])
        tasks.queue(task_id, Address("1 rue de la Lune", postal_code="75002", city="Paris").as_document(), None)

        assert await asyncio.to_thread(move_tasks, url, namespace) == 2

        async def done() -> bool:
            found = client[f"{namespace}_matching"]["match_tasks"].find_one({"_id": task_id}) or {}
            return found.get("status") not in ("QUEUED", "RUNNING")

        await until(done, what="the worker to do a task that was moved")
    assert count(url, f"{namespace}.tasks.matching") == 0
    assert count(tasks_url, "celery_delayed_11") == waited + 1
    assert count(url, "celery_delayed_11") == 1, "what is no task of ours stays"
    assert await asyncio.to_thread(move_tasks, url, namespace) == 0
