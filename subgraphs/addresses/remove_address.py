"""Use case: an address is no longer in use; it stays where it is, so that its id still leads somewhere."""

from subgraphs.addresses.create_address import Outcome
from subgraphs.addresses.facts import Change
from subgraphs.addresses.model import Address, AddressStatus
from subgraphs.addresses.register import change_register, update
from subgraphs.addresses.update_address import not_active, not_found


def remove_address(id: str) -> Outcome:
    """Take the address out of use; one that is removed already stays as it is."""
    address = Address.objects.filter(pk=id).first()
    if address is None:
        return Outcome(problems=[not_found(id)])
    if address.status == AddressStatus.MERGED:
        return Outcome(address, [not_active(address, "id")])

    def remove() -> list[Change]:
        found = Address.objects.get(pk=id)
        if found.status != AddressStatus.ACTIVE:
            return []
        update(found, {"status": AddressStatus.REMOVED.value})
        return [Change("removed", found)]

    changes = change_register(remove)
    return Outcome(changes[0].address if changes else Address.objects.get(pk=id))
