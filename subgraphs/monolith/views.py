"""The pages: claim a discount, see what became of it, and all claims of a customer."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from subgraphs.chassis.clock import now
from subgraphs.monolith import kept
from subgraphs.monolith.claim_discount import claim_discount
from subgraphs.monolith.claim_limit import too_many_claims
from subgraphs.monolith.downloads import download_link
from subgraphs.monolith.forms import ClaimForm
from subgraphs.monolith.model import DiscountClaim
from subgraphs.monolith.statistics import statistics

CUSTOMER = "customer"
"""of a session: whoever named one of this customer's purchases in this browser"""

_NOTHING_FOREIGN = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
_NO_SUCH_PURCHASE = "We find no such purchase of yours. Compare all three fields with your receipt."
_MOST_CLAIMS = 100

View = Callable[..., HttpResponse]


def locked_down(view: View) -> View:
    """A page on which nothing of elsewhere runs."""

    @wraps(view)
    def answered(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        response = view(request, *arguments, **named)
        response["Content-Security-Policy"] = _NOTHING_FOREIGN
        return response

    return answered


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@locked_down
def claim(request: HttpRequest) -> HttpResponse:
    """The form, and what to do with it."""
    if not settings.CLAIMS_OPEN:
        return render(request, "monolith/closed.html", status=410)
    if request.method != "POST":
        return render(request, "monolith/claim.html", {"form": ClaimForm()})
    if too_many_claims(request.META.get("REMOTE_ADDR", "")):
        return render(request, "monolith/too_many.html", status=429)
    form = ClaimForm(request.POST)
    if form.is_valid():
        made = claim_discount(form.typed(), now=now())
        if made is not None:
            request.session.cycle_key()
            request.session[CUSTOMER] = made.purchase.customer_id
            return redirect("claim", id=made.pk)
        form.add_error(None, _NO_SUCH_PURCHASE)
    return render(request, "monolith/claim.html", {"form": form}, status=422)


@require_GET
@never_cache
@locked_down
def result(request: HttpRequest, id: str) -> HttpResponse:
    """What became of one claim."""
    found = _claims_of(request).filter(pk=id).first()
    if found is None:
        raise Http404
    return render(request, "monolith/result.html", _shown(found))


@require_GET
@never_cache
@locked_down
def claims(request: HttpRequest) -> HttpResponse:
    """All claims of the customer who claimed in this browser, the newest first."""
    customer = request.session.get(CUSTOMER, "")
    shown = {
        # Asked for only when the table is not kept.
        "claims": _claims_of(request).order_by("-claimed_at")[:_MOST_CLAIMS],
        "customer": customer,
        "generation": kept.generation(customer),
        "keep_seconds": settings.KEEP_SECONDS,
    }
    return render(request, "monolith/claims.html", shown)


def _about(request: HttpRequest) -> HttpResponse:
    return render(request, "monolith/about.html", {"statistics": kept.statistics(statistics)})


@require_GET
@locked_down
def about(request: HttpRequest) -> HttpResponse:
    """The rules, and what others got; the same for everybody."""
    return kept.page(kept.ABOUT, _about)(request)


def _claims_of(request: HttpRequest) -> Any:
    customer = request.session.get(CUSTOMER)
    return DiscountClaim.objects.select_related("purchase__customer", "voucher").filter(purchase__customer=customer)


def _shown(claim: DiscountClaim) -> dict[str, Any]:
    voucher = getattr(claim, "voucher", None)
    return {"claim": claim, "voucher": voucher, "download": download_link(claim.pk)[0] if voucher else None}
