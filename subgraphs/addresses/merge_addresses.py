"""Use case: several addresses turn out to be one."""

from collections.abc import Sequence

from subgraphs.addresses.create_address import Outcome
from subgraphs.addresses.facts import Change
from subgraphs.addresses.model import Address, AddressStatus
from subgraphs.addresses.problems import Problem, ProblemCode
from subgraphs.addresses.register import change_register, update
from subgraphs.addresses.update_address import not_active, not_found

MOST_DUPLICATES = 100


class _Refused(Exception):
    def __init__(self, problems: list[Problem]) -> None:
        super().__init__()
        self.problems = problems


def merge_addresses(into: str, duplicates: Sequence[str]) -> Outcome:
    """Let ``into`` stand for the duplicates, and for whatever they stood for."""
    wanted = list(dict.fromkeys(duplicates))
    if not wanted:
        return Outcome(
            problems=[Problem(ProblemCode.BLANK, "duplicates must name at least one address.", "duplicates")]
        )
    if len(wanted) > MOST_DUPLICATES:
        message = f"duplicates names {len(wanted):,} addresses; {MOST_DUPLICATES} are allowed. Merge in several steps."
        return Outcome(problems=[Problem(ProblemCode.TOO_MANY, message, "duplicates")])
    if into in wanted:
        message = "An address cannot be merged into itself. Take it out of duplicates."
        return Outcome(problems=[Problem(ProblemCode.SAME_ADDRESS, message, "duplicates")])

    def merge() -> list[Change]:
        found = Address.objects.in_bulk([into, *wanted])
        if problems := _problems(into, wanted, found):
            raise _Refused(problems)
        merging = [found[id] for id in wanted if found[id].merged_into != into]
        followers = Address.objects.filter(merged_into__in=[address.pk for address in merging]) if merging else ()
        changes = []
        for address in (*merging, *followers):
            update(address, {"status": AddressStatus.MERGED.value, "merged_into": into})
            changes.append(Change("merged", address))
        if changes:
            # Noted at the target as well, so that it cannot be removed or merged away at the same moment.
            Address.objects.filter(pk=into).update(updated_at=changes[0].address.updated_at)
        return changes

    try:
        change_register(merge)
    except _Refused as refused:
        return Outcome(Address.objects.filter(pk=into).first(), refused.problems)
    return Outcome(Address.objects.get(pk=into))


def _problems(into: str, wanted: Sequence[str], found: dict[str, Address]) -> list[Problem]:
    fields = {into: "into"} | dict.fromkeys(wanted, "duplicates")
    problems = [not_found(id, field) for id, field in fields.items() if id not in found]
    for id, field in fields.items():
        address = found.get(id)
        if address and address.status != AddressStatus.ACTIVE and address.merged_into != into:
            problems.append(not_active(address, field))
    return problems
