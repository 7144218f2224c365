"""Use case: somebody corrects an address of the register."""

from collections.abc import Mapping

from subgraphs.addresses.create_address import TEXTS, Outcome, tidied
from subgraphs.addresses.facts import Change
from subgraphs.addresses.model import Address, AddressStatus
from subgraphs.addresses.problems import Problem, ProblemCode, text_problems
from subgraphs.addresses.register import Changed, change_register, update


def update_address(id: str, texts: Mapping[str, str | None], *, version: int) -> Outcome:
    """
    Write the texts that are given, if the address still is the version somebody saw.

    :param texts: only what shall change; ``None`` empties a field
    """
    values = tidied(texts)
    if problems := text_problems({TEXTS[name]: text for name, text in values.items()}):
        return Outcome(problems=problems)
    address = Address.objects.filter(pk=id).first()
    if address is None:
        return Outcome(problems=[not_found(id)])
    if address.status != AddressStatus.ACTIVE:
        return Outcome(address, [not_active(address, "id")])
    if address.version != version:
        return Outcome(address, [_conflict(address, version)])
    changed = {name: text for name, text in values.items() if getattr(address, name) != text}

    def correct() -> list[Change]:
        found = Address.objects.get(pk=id)
        if found.version != version:
            raise Changed(id)
        update(found, changed)
        return [Change("changed", found)]

    if not changed:
        return Outcome(address)
    try:
        return Outcome(change_register(correct)[0].address)
    except Changed:
        address = Address.objects.get(pk=id)
        return Outcome(address, [_conflict(address, version)])


def not_found(id: str, field: str = "id") -> Problem:
    """There is no such address."""
    return Problem(ProblemCode.NOT_FOUND, f"The register has no address {id[:100]!r}.", field)


def not_active(address: Address, field: str) -> Problem:
    """The address is out of use."""
    if address.status == AddressStatus.MERGED:
        message = f"The address {address.id} is merged; use {address.merged_into} instead."
    else:
        message = f"The address {address.id} is removed."
    return Problem(ProblemCode.NOT_ACTIVE, message, field)


def _conflict(address: Address, version: int) -> Problem:
    message = (
        f"The address has version {address.version} by now, not {version}: somebody changed it meanwhile. "
        "Look at it again and repeat the change."
    )
    return Problem(ProblemCode.VERSION_CONFLICT, message, "version")
