"""Use case: the register has changed, so the index must."""

from collections.abc import Iterable, Sequence
from typing import Protocol

import structlog

from workers.matching.index.mongo import Change

log = structlog.get_logger("matching")


class KeptIndex(Protocol):
    """What this use case needs of the index."""

    def keep(self, changes: Iterable[Change]) -> None: ...

    def remember_chunk(self, import_id: str, chunk: int, count: int) -> None: ...


def keep_index(changes: Sequence[Change], import_id: str | None, chunk: int | None, *, index: KeptIndex) -> None:
    """Make the changes searchable, and note which part of an import they were. Hearing it twice changes nothing."""
    index.keep(changes)
    if import_id is not None and chunk is not None:
        index.remember_chunk(import_id, chunk, sum(change.address is not None for change in changes))
    log.info("index kept", addresses=len(changes), address_import=import_id, chunk=chunk)
