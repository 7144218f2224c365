"""What a list of letters can be narrowed down to."""

from collections.abc import Mapping
from typing import Any

import django_filters
from django.db.models import QuerySet

from subgraphs.chassis_graphene.connections import Order
from subgraphs.chassis_graphene.mongo import choices
from subgraphs.notifications.model import Kind, Notification, Status

NEWEST_FIRST = Order("intended_at", descending=True)


class NotificationFilter(django_filters.FilterSet):
    """Conditions on letters; all that are given must hold."""

    status = django_filters.ChoiceFilter(choices=choices(Status))
    kind = django_filters.ChoiceFilter(choices=choices(Kind))
    subscriber_id = django_filters.CharFilter()
    match_task_id = django_filters.CharFilter()

    class Meta:
        model = Notification
        fields = ("status", "kind", "subscriber_id", "match_task_id")


def filtered(conditions: Mapping[str, Any]) -> QuerySet[Notification]:
    """The letters for which all conditions hold."""
    given = {name: getattr(value, "value", value) for name, value in conditions.items() if value is not None}
    return NotificationFilter(given, queryset=Notification.objects.all()).qs
