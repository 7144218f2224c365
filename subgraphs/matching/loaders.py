"""What one request loads together: however many entities are asked for, one query per kind finds them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from strawberry.dataloader import DataLoader

from subgraphs.chassis.threads import in_thread
from subgraphs.matching.batch_store import batch_store
from subgraphs.matching.lists import Position
from subgraphs.matching.task_store import task_store


@dataclass(frozen=True)
class PageOf:
    """A page of the list that belongs to one parent."""

    parent: str
    size: int
    after: Position | None
    only: str | None = None
    """a field's value that the nodes must have"""


def loaders() -> Mapping[str, Any]:
    """Fresh loaders for one request."""
    tasks, batches = task_store(), batch_store()
    return {
        "tasks": _each(tasks.get_many),
        "batches": _each(batches.get_many),
        "indexed": _each(batches.indexed),
        "tasks_of_subscribers": _pages(lambda ids, page: tasks.of_each("subscriberId", ids, page.size, page.after)),
        "tasks_of_addresses": _pages(lambda ids, page: tasks.of_each("addressId", ids, page.size, page.after)),
        "task_count_of_subscribers": _counts(lambda ids: tasks.count_of_each("subscriberId", ids)),
        "task_count_of_addresses": _counts(lambda ids: tasks.count_of_each("addressId", ids)),
        "results": _pages(lambda ids, page: batches.results_of_each(ids, page.size, page.after, page.only)),
        "rejected_rows": _pages(lambda ids, page: batches.rejected_of_each(ids, page.size, page.after)),
        "rejected_count": _counts(batches.count_rejected_of_each),
    }


def _each(find: Callable[[list[str]], list[Any]]) -> DataLoader[str, Any]:
    async def load(ids: list[str]) -> list[Any]:
        return await in_thread(find, ids)

    return DataLoader(load_fn=load)


def _pages(find: Callable[[list[str], PageOf], Mapping[str, list[Any]]]) -> DataLoader[PageOf, list[Any]]:
    def find_all(pages: list[PageOf]) -> list[list[Any]]:
        # Pages of the same field have the same arguments, unless the operation names the field several times.
        alike: dict[tuple[Any, ...], list[PageOf]] = {}
        for page in pages:
            alike.setdefault((page.size, page.after, page.only), []).append(page)
        found = {}
        for group in alike.values():
            documents = find([page.parent for page in group], group[0])
            found.update({page: documents[page.parent] for page in group})
        return [found[page] for page in pages]

    async def load(pages: list[PageOf]) -> list[list[Any]]:
        return await in_thread(find_all, pages)

    return DataLoader(load_fn=load)


def _counts(count: Callable[[list[str]], Mapping[str, int]]) -> DataLoader[str, int]:
    async def load(ids: list[str]) -> list[int]:
        counts = await in_thread(count, ids)
        return [counts[id] for id in ids]

    return DataLoader(load_fn=load)
