"""What one request loads together: however many suggestions are asked for, one query finds them."""

from collections.abc import Mapping
from typing import Any

from strawberry.dataloader import DataLoader

from subgraphs.chassis.threads import in_thread
from subgraphs.suggestions.model import Suggestion
from subgraphs.suggestions.store import store


def loaders() -> Mapping[str, Any]:
    """Fresh loaders for one request."""
    return {"suggestions": DataLoader(load_fn=_suggestions)}


async def _suggestions(ids: list[str]) -> list[Suggestion | None]:
    return await in_thread(store().get_many, ids)
