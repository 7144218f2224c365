"""What a list of addresses can be narrowed down to, and sorted by."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

import django_filters
from django.db.models import QuerySet

from subgraphs.addresses.model import Address, AddressStatus
from subgraphs.addresses.search_text import tokens
from subgraphs.addresses.suggest_addresses import every_word_begins
from subgraphs.chassis_graphene.connections import Order
from subgraphs.chassis_graphene.mongo import choices


class AddressFilter(django_filters.FilterSet):
    """Conditions on addresses; all that are given must hold."""

    city = django_filters.CharFilter(method="in_city")
    postal_code = django_filters.CharFilter(field_name="postal_code", lookup_expr="exact")
    country = django_filters.CharFilter(method="in_country")
    source = django_filters.CharFilter(field_name="source", lookup_expr="exact")
    status = django_filters.ChoiceFilter(field_name="status", choices=choices(AddressStatus))
    search = django_filters.CharFilter(method="searched")

    class Meta:
        model = Address
        fields = ("city", "postal_code", "country", "source", "status", "search")

    def in_city(self, queryset: QuerySet[Address], _name: str, city: str) -> QuerySet[Address]:
        """The city in whatever case; found by its words, which are indexed, then compared."""
        return every_word_begins(queryset, tokens(city)).filter(city__iexact=city)

    def in_country(self, queryset: QuerySet[Address], _name: str, country: str) -> QuerySet[Address]:
        """The country, which the register keeps in capitals."""
        return queryset.filter(country=country.upper())

    def searched(self, queryset: QuerySet[Address], _name: str, text: str) -> QuerySet[Address]:
        """Every word begins some word of the address."""
        words = tokens(text)
        return every_word_begins(queryset, words) if words else queryset.none()


class AddressOrder(Enum):
    """What a list of addresses is sorted by."""

    NEWEST_FIRST = "NEWEST_FIRST"
    LAST_CHANGED_FIRST = "LAST_CHANGED_FIRST"
    CITY = "CITY"
    POSTAL_CODE = "POSTAL_CODE"


ORDERS: Mapping[AddressOrder, Order] = {
    AddressOrder.NEWEST_FIRST: Order("created_at", descending=True),
    AddressOrder.LAST_CHANGED_FIRST: Order("updated_at", descending=True),
    AddressOrder.CITY: Order("city"),
    AddressOrder.POSTAL_CODE: Order("postal_code"),
}
"""each has its index"""


def filtered(conditions: Mapping[str, Any]) -> QuerySet[Address]:
    """The addresses for which all conditions hold."""
    given = {name: value for name, value in conditions.items() if value is not None}
    return AddressFilter(given, queryset=Address.objects.all()).qs
