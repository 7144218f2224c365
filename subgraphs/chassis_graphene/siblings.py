"""
No N+1 without an event loop: what one node of a list needs is loaded for all of them when the first one asks.

Every node of a list holds the same :class:`Siblings`. graphene-django resolves synchronously, so a loader that waits
for others to ask would wait for ever; this one knows beforehand who will.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from django.db.models import Model

from subgraphs.chassis.paging import WrongPage
from subgraphs.chassis_graphene.connections import Order, Page, bad_input, cut, wanted_size

_ATTRIBUTE = "_siblings"


class Siblings:
    """The nodes of one list and what was loaded for them."""

    def __init__(self, nodes: Sequence[Any]) -> None:
        self.nodes = nodes
        self._loaded: dict[Hashable, Any] = {}
        for node in nodes:
            setattr(node, _ATTRIBUTE, self)

    def load(self, what: Hashable, load: Callable[[Sequence[Any]], Any]) -> Any:
        """What ``load`` finds for all nodes; it is called once for each ``what``."""
        if what not in self._loaded:
            self._loaded[what] = load(self.nodes)
        return self._loaded[what]


def siblings_of(node: Any) -> Siblings:
    """The list a node came in; a node that came alone is a list of its own."""
    return getattr(node, _ATTRIBUTE, None) or Siblings([node])


def pages_below(
    parent: Any,
    model: type[Model],
    parent_field: str,
    order: Order,
    *,
    first: int | None,
    after: str | None,
) -> Page:
    """
    A page of what belongs to ``parent``; loaded for all its siblings in one query.

    :param parent_field: the field of ``model`` that holds the parent's id
    :raises GraphQLError: when the page asked for is too large or ``after`` is no cursor of this list.
    """
    size = wanted_size(first)
    siblings = siblings_of(parent)
    found = siblings.load(
        (model, parent_field, order, size, after),
        lambda parents: _first_of_each(parents, model, parent_field, order, size + 1, after),
    )

    def count() -> int:
        counts = siblings.load((model, "count"), lambda parents: _count_of_each(parents, model, parent_field))
        return counts.get(parent.id, 0)

    return cut(found.get(parent.id, []), size, order, after=after, count=count)


def _first_of_each(
    parents: Sequence[Any], model: type[Model], parent_field: str, order: Order, size: int, after: str | None
) -> Mapping[str, list[Any]]:
    wanted = model._default_manager.filter(**{f"{parent_field}__in": [parent.id for parent in parents]})
    try:
        wanted = wanted.filter(order.behind(after, model)) if after is not None else wanted
    except WrongPage as wrong:
        raise bad_input(str(wrong)) from None
    direction = -1 if order.descending else 1
    parent_column = model._meta.get_field(parent_field).column
    columns = [column.column for column in model._meta.concrete_fields]
    pipeline = [
        {"$match": _match(wanted)},
        {"$sort": {model._meta.get_field(order.field).column: direction, "_id": 1}},
        {"$group": {"_id": f"${parent_column}", "nodes": {"$firstN": {"input": "$$ROOT", "n": size}}}},
        {"$unwind": "$nodes"},
        {"$replaceWith": "$nodes"},
        # The backend takes the fields of all from the first document it sees.
        {"$project": {column: {"$ifNull": [f"${column}", None]} for column in columns}},
    ]
    found: dict[str, list[Any]] = {}
    for node in model._default_manager.raw_aggregate(pipeline):  # type: ignore[attr-defined]
        found.setdefault(getattr(node, parent_field), []).append(node)
    Siblings([node for nodes in found.values() for node in nodes])
    return found


def _count_of_each(parents: Sequence[Any], model: type[Model], parent_field: str) -> Mapping[str, int]:
    from django.db.models import Count

    rows = (
        model._default_manager.filter(**{f"{parent_field}__in": [parent.id for parent in parents]})
        .order_by()
        .values_list(parent_field)
        .annotate(Count("pk"))
    )
    return dict(rows)


def _match(queryset: Any) -> dict[str, Any]:
    """The queryset's conditions as MongoDB writes them."""
    compiler = queryset.query.get_compiler(queryset.db)
    compiler.pre_sql_setup()
    return compiler.build_query().match_mql or {}
