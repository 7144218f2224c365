"""Use case: a claim waits; the rules are looked at, and it gets its voucher or its refusal."""

from datetime import datetime
from typing import Protocol

import structlog

from workers.discounts.model import Claim, Customer, Purchase, Voucher
from workers.discounts.rules import VALID, Bought, Refusal, discount_for, refusal_of
from workers.discounts.voucher_pdf import CURRENCY, new_code, voucher_pdf

log = structlog.get_logger("claims")


class Claims(Protocol):
    """Where claims and purchases are kept."""

    def waiting(self, claim_id: str) -> Claim | None:
        """The claim, unless it was decided before."""
        ...

    def purchase_of(self, claim: Claim) -> Purchase | None:
        """The purchase, when all three are right; which one is not, nobody is told."""
        ...

    def issue(self, claim: Claim, customer: Customer, voucher: Voucher) -> bool:
        """Write the voucher down and promise that it is told; not, when another claim has one for this purchase."""
        ...

    def refuse(self, claim: Claim, refusal: Refusal, now: datetime) -> None:
        """Write down why there is none, and promise that it is told."""
        ...


def decide_claim(claim_id: str, *, claims: Claims, now: datetime) -> None:
    """
    Decide a claim, once: heard again it changes nothing, and killed anywhere it is done again from the beginning.

    What it earns is written in one step; until then nobody has seen the code, so that a second one does no harm.
    """
    claim = claims.waiting(claim_id)
    if claim is None:
        return
    purchase = claims.purchase_of(claim)
    refusal = refusal_of(
        purchase.bought if purchase else None,
        already_claimed=purchase is not None and purchase.already_claimed,
        today=now.date(),
    )
    if purchase and not refusal and not claims.issue(claim, purchase.customer, _voucher(claim, purchase.bought, now)):
        refusal = Refusal.ALREADY_CLAIMED
    if refusal:
        claims.refuse(claim, refusal, now)
    log.info("claim decided", claim_id=claim_id, refusal=refusal)


def _voucher(claim: Claim, bought: Bought, now: datetime) -> Voucher:
    discount, code, valid_until = discount_for(bought, today=now.date()), new_code(), now.date() + VALID
    pdf = voucher_pdf(
        code=code,
        amount_cents=discount.amount_cents,
        purchase_number=claim.purchase_number,
        article=claim.article,
        valid_until=valid_until,
    )
    return Voucher(code, discount.percent, discount.amount_cents, CURRENCY, now, valid_until, pdf)
