"""Figures about all claims, for everybody to see."""

from typing import Any

from django.db.models import Count, Sum

from subgraphs.monolith.model import Voucher
from subgraphs.monolith.voucher_pdf import money

_MOST_ARTICLES = 5


def statistics() -> dict[str, Any]:
    """How many vouchers there are, what they are worth together, and for what most of them were given."""
    together = Voucher.objects.aggregate(count=Count("pk"), cents=Sum("amount_cents"))
    articles = (
        Voucher.objects.values_list("claim__purchase__article")
        .annotate(count=Count("pk"))
        .order_by("-count", "claim__purchase__article")[:_MOST_ARTICLES]
    )
    return {
        "count": together["count"],
        "worth": money(together["cents"] or 0),
        "articles": [{"article": article, "count": count} for article, count in articles],
    }
