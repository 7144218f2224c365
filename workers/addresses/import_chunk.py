"""
Use case: one chunk of an import is brought into the register.

It may be tried any number of times, by several at once, and may die between any two steps: what the chunk means is
found out and kept before the first change, so a later attempt counts the same and tells the same.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from workers.addresses.imports import Comparison, Imports
from workers.addresses.model import Entry, change
from workers.addresses.register import Register


def import_chunk(
    import_id: str,
    number: int,
    *,
    imports: Imports,
    register: Register,
    register_has_changed: Callable[[], None],
) -> bool:
    """Bring in the chunk, tell what changed, count it; say whether this attempt was the one that counted."""
    chunk = imports.open_chunk(import_id, number)
    if chunk is None:
        return False
    comparison = chunk.comparison or imports.keep_comparison(chunk, compare(chunk.entries, register))
    now = datetime.now(UTC)
    register.bring_in(chunk.entries, now)
    if not chunk.is_told:
        imports.tell_changes(chunk, changes(comparison, register))
    if comparison.added or comparison.changed:
        register_has_changed()
    return imports.count(chunk, comparison, now)


def compare(entries: Sequence[Entry], register: Register) -> Comparison:
    """What these entries would add and change; of several with one reference, the last is the one that counts."""
    last = {entry.id: entry for entry in entries}
    known = register.known(last)
    added = tuple(id for id in last if id not in known)
    changed = tuple(id for id, entry in last.items() if id in known and not entry.is_said_by(known[id]))
    return Comparison(
        added=added,
        changed=changed,
        unchanged=len(last) - len(added) - len(changed),
        repeated=len(entries) - len(last),
    )


def changes(comparison: Comparison, register: Register) -> list[dict[str, object]]:
    """The changes to tell, as the register has them now; a removed or merged address stays out of everybody's index."""
    kinds = dict.fromkeys(comparison.added, "added") | dict.fromkeys(comparison.changed, "changed")
    known = register.known(kinds)
    return [change(kind, known[id]) for id, kind in kinds.items() if id in known and known[id]["status"] == "ACTIVE"]
