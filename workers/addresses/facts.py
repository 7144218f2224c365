"""The facts this worker tells."""

from collections.abc import Mapping, Sequence
from typing import Any

from workers.chassis.facts import fact, repeatable_id

_COUNTS = ("total", "done", "added", "changed", "unchanged", "rejected")


def register_changed(
    changes: Sequence[Mapping[str, Any]], subject: str, attempt: object, *, import_id: str | None, chunk: int | None
) -> dict[str, Any]:
    """The register says something new; matching brings its index up to date, and what the gateway keeps is called back."""
    return fact(
        "register.changed.v1",
        source="/addresses",
        subject=subject,
        audience=["matching", "caches"],
        id=repeatable_id("register.changed.v1", subject, attempt),
        data={"importId": import_id, "chunk": chunk, "addresses": list(changes)},
    )


def import_progressed(import_id: str, attempt: object, progress: Mapping[str, Any]) -> dict[str, Any]:
    """An import got further, or came to its end."""
    return fact(
        "import.progressed.v1",
        source="/addresses",
        subject=import_id,
        audience=["live_updates"],
        id=repeatable_id("import.progressed.v1", import_id, attempt),
        data={"importId": import_id, **progress},
    )


def progress_of(found: Mapping[str, Any]) -> dict[str, Any]:
    """How far an import is, as its document says."""
    return {"status": found.get("status", "RUNNING")} | {name: found.get(name, 0) for name in _COUNTS}
