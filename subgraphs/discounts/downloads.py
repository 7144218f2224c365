"""
Vouchers as files, by links that end by themselves.

A link is signed: it is given to those who may see the voucher, and whoever has it may read the file until then.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from subgraphs.chassis.clock import now
from subgraphs.discounts.model import DiscountClaim

_SALT = "discounts.downloads"


def download_link(claim_id: str) -> tuple[str, datetime]:
    """Where the voucher of a claim can be read, and until when."""
    until = now() + timedelta(seconds=settings.DOWNLOAD_SECONDS)
    return f"{settings.DOWNLOAD_URL}/downloads/{signing.dumps(claim_id, salt=_SALT)}/voucher.pdf", until


@require_GET
def download(_: HttpRequest, token: str) -> HttpResponse:
    """The file behind a link."""
    try:
        claim_id = signing.loads(token, salt=_SALT, max_age=settings.DOWNLOAD_SECONDS)
    except signing.SignatureExpired:
        return _refusal(410, "This link has ended. Ask the graph for Voucher.download to get a new one.")
    except signing.BadSignature:
        return _refusal(403, "This is no link of ours. Ask the graph for Voucher.download to get one.")
    claim = DiscountClaim.objects.filter(pk=claim_id).first()
    if claim is None or claim.voucher is None:
        return _refusal(404, "The voucher is not there any more.")
    response = HttpResponse(bytes(claim.voucher.pdf), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="voucher-{claim.voucher.code}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


def _refusal(status: int, message: str) -> HttpResponse:
    return HttpResponse(f"{message}\n", status=status, content_type="text/plain; charset=utf-8")
