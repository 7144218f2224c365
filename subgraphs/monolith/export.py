"""
Everything as JSON lines, for the service that takes over: ``contracts/export.line.json`` is what a line holds.

The lines may be read any number of times: each says how something is now, none what to do.
"""

import base64
import json
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, TextIO

from django.db import transaction
from django.db.models import QuerySet

from subgraphs.monolith.model import Customer, DiscountClaim, Purchase

Line = dict[str, Any]

_LOOK_AGAIN_AFTER = 1.0
"""seconds"""
_OVERLAP = timedelta(seconds=2)
"""a change can be written a moment after the time it bears"""


def export(out: TextIO, *, follow: bool) -> None:
    """
    Write a line for each customer, purchase and claim, in this order.

    :param follow: go on with what is added or changed from then on
    """
    since: datetime | None = None
    told: set[str] = set()
    while True:
        with transaction.atomic():
            found = [(_text(line), changed_at) for line, changed_at in lines(since)]
        if fresh := [f"{text}\n" for text, _ in found if text not in told]:
            # The empty line says that this was all for now.
            out.writelines([*fresh, "\n"])
            out.flush()
        if not follow:
            return
        told = {text for text, _ in found}
        since = max((changed_at - _OVERLAP for _, changed_at in found), default=since)
        time.sleep(_LOOK_AGAIN_AFTER)


def lines(since: datetime | None = None) -> Iterator[tuple[Line, datetime]]:
    """Each line with the moment of its last change; only those changed at that moment or after it."""
    for customer in _changed(Customer.objects.all(), since):
        yield _line("customer", customer_values(customer)), customer.changed_at
    for purchase in _changed(Purchase.objects.all(), since):
        yield _line("purchase", purchase_values(purchase)), purchase.changed_at
    for claim in _changed(DiscountClaim.objects.select_related("purchase", "voucher"), since):
        yield _line("claim", claim_values(claim)), claim.changed_at


def customer_values(customer: Customer) -> Line:
    """A customer as others read it."""
    return {
        "number": customer.number,
        "name": customer.name,
        "email": customer.email,
        "since": customer.since.isoformat(),
    }


def purchase_values(purchase: Purchase) -> Line:
    """A purchase as others read it."""
    return {
        "number": purchase.number,
        "customerNumber": purchase.customer_id,
        "article": purchase.article,
        "amountCents": purchase.amount_cents,
        "boughtOn": purchase.bought_on.isoformat(),
    }


def claim_values(claim: DiscountClaim) -> Line:
    """A claim with its voucher as others read it."""
    voucher = getattr(claim, "voucher", None)
    return {
        "id": claim.id,
        "customerNumber": claim.purchase.customer_id,
        "purchaseNumber": claim.purchase_id,
        "article": claim.purchase.article,
        "status": claim.status,
        "refusal": claim.refusal,
        "claimedAt": moment(claim.claimed_at),
        "voucher": voucher
        and {
            "code": voucher.code,
            "percent": voucher.percent,
            "amountCents": voucher.amount_cents,
            "issuedAt": moment(voucher.issued_at),
            "validUntil": voucher.valid_until.isoformat(),
            "pdf": base64.b64encode(bytes(voucher.pdf)).decode(),
        },
    }


def moment(at: datetime) -> str:
    """A time as JSON lines write it, to the millisecond: the store that takes over keeps no more."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _changed(rows: QuerySet[Any], since: datetime | None) -> Iterable[Any]:
    rows = rows.order_by("changed_at", "pk")
    return (rows.filter(changed_at__gte=since) if since else rows).iterator(chunk_size=500)


def _text(line: Line) -> str:
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"))


def _line(kind: str, values: Line) -> Line:
    return {"kind": kind, **values}
