"""How much of each field is answered here, as long as the monolith still answers the rest."""

import re
from collections.abc import Mapping, Sequence

import graphene
from graphene_federation import override

from subgraphs.chassis.env import WrongSetting

MONOLITH = "monolith"
ALL = "*"

_ITEM = re.compile(r"(?:(?P<field>\w+\.\w+)=)?(?P<percent>\d{1,3}(?:\.\d{1,8})?)")


def shares(items: Sequence[str]) -> Mapping[str, float]:
    """
    Field → percent of the requests; ``*``: every other field.

    :raises WrongSetting: with how to write it.
    """
    said = {ALL: 100.0}
    for item in items:
        found = _ITEM.fullmatch(item)
        if not found or float(found["percent"]) > 100:
            raise WrongSetting(
                f"DISCOUNTS_TAKES_OVER has {item!r}: write percents, for all fields or for one, "
                "such as 0,DiscountClaim.status=5"
            )
        said[found["field"] or ALL] = float(found["percent"])
    return said


def taken_over(coordinate: str, field: graphene.Field, said: Mapping[str, float]) -> graphene.Field:
    """The field, taken from the monolith for as many requests as the settings say."""
    percent = said.get(coordinate, said[ALL])
    return override(field, from_=MONOLITH, label=f"percent({percent:g})")
