"""The pages of the staff: customers and purchases to keep, claims and vouchers to look at."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest

from subgraphs.monolith.model import Customer, DiscountClaim, Purchase, Voucher
from subgraphs.monolith.send_voucher import send_voucher

admin.site.site_header = admin.site.site_title = "Discounts"


@admin.register(Customer)
class CustomerAdmin(ModelAdmin):
    """Customers."""

    list_display = ("number", "name", "email", "since")
    search_fields = ("number", "name", "email")


@admin.register(Purchase)
class PurchaseAdmin(ModelAdmin):
    """Purchases."""

    list_display = ("number", "customer", "article", "amount_cents", "bought_on")
    list_select_related = ("customer",)
    search_fields = ("number", "article", "customer__number", "customer__email")
    raw_id_fields = ("customer",)


class _OnlyToLookAt(ModelAdmin):
    """What came of claims is changed by nobody."""

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:  # noqa: ARG002 - Django's signature
        return False

    def has_change_permission(self, request: HttpRequest, *_: Any) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, *_: Any) -> bool:  # noqa: ARG002
        return False


@admin.register(DiscountClaim)
class DiscountClaimAdmin(_OnlyToLookAt):
    """Claims."""

    list_display = ("claimed_at", "purchase", "status", "refusal")
    list_filter = ("status", "refusal")
    list_select_related = ("purchase",)
    search_fields = ("purchase__number", "purchase__customer__number", "purchase__customer__email")
    date_hierarchy = "claimed_at"


@admin.register(Voucher)
class VoucherAdmin(_OnlyToLookAt):
    """Vouchers, and whether their letters were sent."""

    list_display = ("code", "amount_cents", "percent", "issued_at", "valid_until", "sent_at")
    search_fields = ("code", "claim__purchase__number")
    exclude = ("pdf",)
    actions = ("send_again",)

    @admin.action(description="Send the letter again", permissions=["view"])
    def send_again(self, request: HttpRequest, vouchers: QuerySet[Voucher]) -> None:
        """One letter for each that was chosen."""
        sent = sum(send_voucher(voucher) for voucher in vouchers.select_related("claim__purchase__customer"))
        self.message_user(request, f"{sent} of {len(vouchers)} letters sent")
