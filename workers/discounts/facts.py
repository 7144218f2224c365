"""What this worker hears, and the facts it tells."""

import base64
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from workers.chassis.facts import fact, repeatable_id
from workers.discounts.model import Claim, Customer, Voucher
from workers.discounts.rules import Refusal
from workers.discounts.voucher_pdf import money

TELLERS = {"discount.claimed.v1": "discounts"}
"""every fact that is heard here, and the service that may tell it"""


def voucher_issued(claim: Claim, customer: Customer, voucher: Voucher) -> dict[str, Any]:
    """A discount was granted; the letter with the voucher is handed in to be sent."""
    shown = f"    {money(voucher.amount_cents)}\n    {voucher.code}\n    valid until {voucher.valid_until:%d %B %Y}"
    letter = {
        "subject": "Your discount voucher",
        "paragraphs": [
            f"Thank you for your purchase {claim.purchase_number}. Here is your voucher:",
            shown,
            "It is attached as a page to print.",
        ],
        "recipients": [{"letterId": _letter_id(claim), "name": customer.name, "email": customer.email}],
        "attachments": [
            {
                "name": "voucher.pdf",
                "mediaType": "application/pdf",
                "content": base64.b64encode(voucher.pdf).decode(),
            }
        ],
    }
    return _about("voucher.issued.v1", claim, ["live_updates", "notifications"], status="ISSUED", letter=letter)


def discount_refused(claim: Claim, refusal: Refusal) -> dict[str, Any]:
    """There is no discount."""
    return _about("discount.refused.v1", claim, ["live_updates"], status="REFUSED", refusal=refusal.value)


def _about(type: str, claim: Claim, audience: list[str], **data: Any) -> dict[str, Any]:
    return fact(
        type,
        source="/discounts",
        subject=claim.id,
        audience=audience,
        id=repeatable_id(type, claim.id),
        data={"claimId": claim.id, **data},
    )


def _letter_id(claim: Claim) -> str:
    return str(uuid5(NAMESPACE_URL, f"doorstep:{claim.id}:VOUCHER"))
