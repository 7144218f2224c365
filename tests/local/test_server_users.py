"""The table of rights on RabbitMQ says what listeners and workers really need."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from docker.local.server_users import HEARS, QUESTIONS, SERVICES, TASKS, in_vhost, rabbitmq_definitions, vhosts_of
from workers.addresses.listener import TELLERS as HEARD_BY_ADDRESSES
from workers.caches.call_back import TELLERS as HEARD_BY_CACHES
from workers.chassis.broker import Names
from workers.discounts.facts import TELLERS as HEARD_BY_DISCOUNTS
from workers.live_updates.topics import TOPICS
from workers.matching.listener import TELLERS as HEARD_BY_MATCHING
from workers.notifications.facts import TELLERS as HEARD_BY_NOTIFICATIONS
from workers.subscribers.facts import TELLERS as HEARD_BY_SUBSCRIBERS
from workers.suggestions.listener import TELLERS as HEARD_BY_SUGGESTIONS

HANDLERS: Mapping[str, Mapping[str, Any]] = {
    "addresses": HEARD_BY_ADDRESSES,
    "live_updates": TOPICS,
    "matching": HEARD_BY_MATCHING,
    "notifications": HEARD_BY_NOTIFICATIONS,
    "subscribers": HEARD_BY_SUBSCRIBERS,
    "suggestions": HEARD_BY_SUGGESTIONS,
    "discounts": HEARD_BY_DISCOUNTS,
    "caches": HEARD_BY_CACHES,
}


@pytest.fixture
def definitions() -> dict[str, list[dict[str, object]]]:
    made = rabbitmq_definitions(dict.fromkeys(("doorstep", "watcher", *SERVICES), "a-password"), "ns")
    return dict(json.loads(made))


def test_a_listener_may_hear_what_it_handles_and_nothing_else() -> None:
    assert {listener: set(types) for listener, types in HEARS.items()} == {
        listener: set(handled) for listener, handled in HANDLERS.items()
    }


def test_queues_of_listeners_are_made_as_they_declare_them(definitions: dict[str, list[dict[str, object]]]) -> None:
    names = Names("ns")
    queues = {queue["name"]: queue["arguments"] for queue in definitions["queues"] if queue["vhost"] == "/"}

    assert queues.pop(names.dead_letters) == {"x-queue-type": "quorum"}
    assert queues == {names.queue(listener): names.queue_arguments() for listener in HANDLERS}


def test_nobody_but_the_administration_may_make_what_is_shared(definitions: dict[str, list[dict[str, object]]]) -> None:
    for name in [*definitions["exchanges"], *(one for one in definitions["queues"] if "dead" in str(one["name"]))]:
        users = {
            str(rights["user"])
            for rights in definitions["permissions"]
            if rights["vhost"] == name["vhost"] and re.search(str(rights["configure"]), str(name["name"]))
        }
        assert users == {"doorstep"}, name


def test_tasks_have_a_virtual_host_for_each_service_and_questions_one_for_each_queue() -> None:
    found = {service: vhosts_of(service, "ns") for service in SERVICES}

    assert len({found[service]["RABBITMQ_TASKS_URL"] for service in TASKS}) == len(TASKS)
    for queue, (answering, asking) in QUESTIONS.items():
        assert {found[service]["RABBITMQ_QUESTIONS_URL"] for service in (answering, *asking)} == {f"ns.{queue}"}
    assert found["gateway"] == found["realtime"] == {}


def test_who_looks_at_the_brokers_pages_has_no_right_in_any_virtual_host(
    definitions: dict[str, list[dict[str, object]]],
) -> None:
    tags = {user["name"]: user["tags"] for user in definitions["users"] if user["tags"]}

    assert tags == {"doorstep": "administrator", "watcher": "monitoring", "operations": "monitoring"}
    assert not [rights for rights in definitions["permissions"] if rights["user"] == "watcher"]


def test_a_virtual_host_takes_the_place_of_another_in_an_address() -> None:
    assert in_vhost("amqps://me:secret@rabbit:5671/%2F", "ns.search") == "amqps://me:secret@rabbit:5671/ns.search"
    assert in_vhost("amqp://127.0.0.1:5672", "/") == "amqp://127.0.0.1:5672/%2F"
