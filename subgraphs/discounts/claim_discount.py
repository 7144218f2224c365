"""Use case: somebody claims a discount, and is answered at once."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.db import IntegrityError

from subgraphs.chassis.clock import now
from subgraphs.discounts.facts import discount_claimed
from subgraphs.discounts.model import DiscountClaim, Status
from subgraphs.discounts.problems import Problem, ProblemCode
from subgraphs.discounts.rules import TypedClaim, refusals_of

UNDECIDED_OR_GRANTED = (Status.QUEUED.value, Status.ISSUED.value)
"""a claim that leaves no room for another one of the same caller; one that was refused can be made again"""


@dataclass(frozen=True)
class Outcome:
    """What became of a wish."""

    claim: DiscountClaim | None = None
    problems: list[Problem] = field(default_factory=list)


def claim_discount(typed: TypedClaim, *, owner: str | None) -> Outcome:
    """
    Write the claim down and promise that the worker hears of it; the rules are the worker's to look at.

    Claiming twice is claiming once: an index lets no caller have two claims of one purchase.
    """
    typed = typed.tidied()
    if refusals := list(refusals_of(typed)):
        return Outcome(problems=[Problem(ProblemCode(one.code), one.message, f"input.{one.field}") for one in refusals])
    if _too_many_of(owner):
        return Outcome(problems=[Problem(ProblemCode.TOO_MANY, "These are too many claims. Wait for a minute.")])
    id = str(uuid4())
    claim = DiscountClaim(
        id=id,
        owner=owner,
        customer=typed.customer,
        purchase_number=typed.purchase_number,
        article=typed.article,
        status=Status.QUEUED.value,
        claimed_at=now(),
        unsent=[discount_claimed(id)],
    )
    try:
        claim.save(force_insert=True)
    except IntegrityError:
        same = {"owner": owner, "purchase_number": typed.purchase_number, "status__in": UNDECIDED_OR_GRANTED}
        found = DiscountClaim.objects.filter(**same).first()
        # Refused in this very moment, it can be made again.
        return Outcome(found) if found else claim_discount(typed, owner=owner)
    return Outcome(claim)


def _too_many_of(owner: str | None) -> bool:
    within_a_minute = DiscountClaim.objects.filter(owner=owner, claimed_at__gte=now() - timedelta(minutes=1))
    return within_a_minute.count() >= settings.CLAIMS_PER_MINUTE
