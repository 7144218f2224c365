"""Claims in MongoDB, with the customers and purchases they name."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from workers.discounts.facts import discount_refused, voucher_issued
from workers.discounts.model import Claim, Customer, Purchase, Voucher
from workers.discounts.rules import Bought, Refusal


class MongoClaims:
    """The collections `discount_claims`, `customers` and `purchases`, which the subgraph of the same name owns with us."""

    def __init__(self, database: "Database[dict[str, Any]]") -> None:
        self._claims = database["discount_claims"]
        self._customers = database["customers"]
        self._purchases = database["purchases"]

    def waiting(self, claim_id: str) -> Claim | None:
        """The claim, unless it was decided before."""
        found = self._claims.find_one({"_id": claim_id, "status": "QUEUED"})
        return Claim(found["_id"], found["customer"], found["purchaseNumber"], found["article"]) if found else None

    def purchase_of(self, claim: Claim) -> Purchase | None:
        """The purchase, when all three are right."""
        purchase = self._purchases.find_one({"_id": claim.purchase_number, "article": claim.article})
        customer = purchase and self._customers.find_one(
            {"_id": purchase["customerNumber"], "$or": [{"_id": claim.customer}, {"email": claim.customer}]}
        )
        if not purchase or not customer:
            return None
        issued = self._claims.find_one({"purchaseNumber": claim.purchase_number, "status": "ISSUED"}, {"_id": True})
        return Purchase(
            Customer(customer["_id"], customer["name"], customer["email"]),
            Bought(purchase["amountCents"], purchase["boughtOn"].date(), customer["since"].date()),
            already_claimed=issued is not None,
        )

    def issue(self, claim: Claim, customer: Customer, voucher: Voucher) -> bool:
        """Write the voucher down with its fact, in one step; an index keeps a purchase to one voucher."""
        try:
            self._decide(
                claim,
                {"status": "ISSUED", "decidedAt": voucher.issued_at, "voucher": _document(voucher)},
                voucher_issued(claim, customer, voucher),
            )
        except DuplicateKeyError:
            return False
        return True

    def refuse(self, claim: Claim, refusal: Refusal, now: datetime) -> None:
        """Write down why there is none, with its fact, in one step."""
        self._decide(
            claim,
            {"status": "REFUSED", "decidedAt": now, "refusal": refusal.value},
            discount_refused(claim, refusal),
        )

    def _decide(self, claim: Claim, outcome: Mapping[str, Any], fact: Mapping[str, Any]) -> None:
        # The first decision stands.
        self._claims.update_one(
            {"_id": claim.id, "status": "QUEUED"}, {"$set": dict(outcome), "$push": {"unsent": dict(fact)}}
        )


def _document(voucher: Voucher) -> dict[str, Any]:
    return {
        "code": voucher.code,
        "percent": voucher.percent,
        "amountCents": voucher.amount_cents,
        "currency": voucher.currency,
        "issuedAt": voucher.issued_at,
        "validUntil": _first_moment(voucher.valid_until),
        "pdf": voucher.pdf,
    }


def _first_moment(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
