"""What one request loads together: however many subscribers are asked for, one query finds them."""

from collections.abc import Mapping
from typing import Any

from strawberry.dataloader import DataLoader

from subgraphs.chassis.threads import in_thread
from subgraphs.subscribers.model import Subscriber
from subgraphs.subscribers.store import store


def loaders() -> Mapping[str, Any]:
    """Fresh loaders for one request."""
    return {"subscribers": DataLoader(load_fn=_subscribers)}


async def _subscribers(ids: list[str]) -> list[Subscriber | None]:
    return await in_thread(store().get_many, ids)
