"""Use case: the register changed, and whatever the gateway keeps of what changed is no longer good."""

import uuid
from collections.abc import Mapping
from typing import Any

import redis

from workers.chassis.facts import Heard, Refused

TELLERS = {"register.changed.v1": "addresses"}
"""every fact that is heard here, and the service that may tell it"""

KEPT_SECONDS = 2 * 24 * 60 * 60
"""how long a tag's version is kept: longer than the gateway keeps any answer"""


class Tags:
    """The versions of the tags, where the gateway looks for them: ``{namespace}:answers:tag:{tag}``."""

    def __init__(self, store: redis.Redis, namespace: str) -> None:
        self._store = store
        self._prefix = f"{namespace}:answers:tag:"

    def renew(self, tags: list[str]) -> None:
        """Give each another version: no answer with one of them is good any more."""
        with self._store.pipeline(transaction=False) as pipeline:
            for tag in tags:
                pipeline.set(self._prefix + tag, uuid.uuid4().hex, ex=KEPT_SECONDS)
            pipeline.execute()


def call_back(heard: Heard, *, tags: Tags) -> None:
    """Renew the tags of the addresses that changed, and the one of whatever holds addresses."""
    changed = heard.data.get("addresses")
    if not isinstance(changed, list):
        raise Refused("addresses: expected a list of the addresses that changed")
    # An address that is new is in no answer yet, but for the lists that it is missing in.
    known = [f"address-{_id(one)}" for one in changed if one.get("change") != "added"]
    tags.renew([*known, "type:Address"])


def _id(address: Mapping[str, Any]) -> str:
    id = address.get("id")
    if not isinstance(id, str) or not id:
        raise Refused("addresses.id: expected the id of the address that changed")
    return id
