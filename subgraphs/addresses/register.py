"""The register in MongoDB: each change lands together with the fact that tells it, or not at all."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from subgraphs.addresses.facts import Change, register_changed
from subgraphs.addresses.generation import register_has_changed
from subgraphs.addresses.model import Address, Outbox
from subgraphs.chassis.clock import now
from subgraphs.chassis_graphene.mongo import in_one_transaction


class Changed(Exception):
    """An address is no longer the version somebody saw."""


def change_register(work: Callable[[], Iterable[Change]]) -> list[Change]:
    """
    Do what changes the register, and promise that whoever listens will hear of it.

    ``work`` may be called more than once when others change the same addresses at the same time.
    """

    def all_or_nothing() -> list[Change]:
        changes = list(work())
        if changes:
            Outbox(unsent=register_changed(changes)).save(force_insert=True)
        return changes

    changes = in_one_transaction(all_or_nothing)
    if changes:
        register_has_changed()
    return changes


def update(address: Address, values: Mapping[str, Any]) -> None:
    """
    Write new values and the next version, provided nobody was faster.

    :raises Changed: when the address has another version by now.
    """
    seen = address.version
    for name, value in values.items():
        setattr(address, name, value)
    address.version = seen + 1
    address.updated_at = now()
    address.refresh_search_text()
    written = {name: getattr(address, name) for name in (*values, "version", "updated_at", "search_text")}
    if Address.objects.filter(pk=address.pk, version=seen).update(**written) != 1:
        raise Changed(address.pk)
