"""Use case: addresses that fit what somebody has typed so far."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import QuerySet

from subgraphs.addresses.generation import generation
from subgraphs.addresses.model import Address, AddressStatus
from subgraphs.addresses.search_questions import SearchQuestions
from subgraphs.addresses.search_text import tokens

MOST_CHARACTERS = 200
MOST_SUGGESTIONS = 50

_MOST_TOKENS = 10
_LOOKED_AT = 200
"""how many addresses are compared before the best are chosen"""


def suggest_addresses(text: str, *, country: str | None, first: int, search: SearchQuestions) -> list[Address]:
    """
    Active addresses that fit what was typed, the closest first.

    Matching's search, which forgives typos, is asked first. Without an answer of it the register's own words are: every
    typed word begins some word of the address.
    """
    typed = tokens(text)[:_MOST_TOKENS]
    if not typed or first == 0:
        return []
    if (ids := search.suggest(text, country=country.upper() if country else None, first=first)) is not None:
        return _active(ids)
    return _of_own_store(typed, country=country, first=first)


def every_word_begins(addresses: QuerySet[Address], typed: Sequence[str]) -> QuerySet[Address]:
    """Those in which each of these begins some word."""
    for token in typed:
        addresses = addresses.filter(search_text__some_begins=token)
    return addresses


def _active(ids: Sequence[str]) -> list[Address]:
    # As the register has them now: what search has not heard of yet must not be shown as it was.
    found = Address.objects.filter(pk__in=ids, status=AddressStatus.ACTIVE.value)
    known = {address.pk: address for address in found}
    return [known[id] for id in ids if id in known]


def _of_own_store(typed: Sequence[str], *, country: str | None, first: int) -> list[Address]:
    """Remembered for a few seconds, and only as long as the register does not change."""
    key = _key(typed, country, first)
    if key and (known := cache.get(key)) is not None:
        return [_address(fields) for fields in known]
    found = _closest(typed, _found(typed, country))[:first]
    if key:
        cache.set(key, [_fields(address) for address in found], settings.SUGGESTION_SECONDS)
    return found


def _found(typed: Sequence[str], country: str | None) -> list[Address]:
    addresses = every_word_begins(Address.objects.filter(status=AddressStatus.ACTIVE.value), typed)
    if country:
        addresses = addresses.filter(country=country.upper())
    return list(addresses[:_LOOKED_AT])


def _closest(typed: Sequence[str], found: Sequence[Address]) -> list[Address]:
    whole = set(typed)

    def distance(address: Address) -> tuple[int, int, str]:
        words = set(address.search_text)
        return -len(whole & words), len(words), address.formatted

    return sorted(found, key=distance)


def _key(typed: Sequence[str], country: str | None, first: int) -> str | None:
    current = generation()
    if current is None:
        return None
    wish = json.dumps([typed, (country or "").upper(), first])
    return f"suggestions:{current}:{hashlib.blake2b(wish.encode(), digest_size=16).hexdigest()}"


def _fields(address: Address) -> dict[str, Any]:
    return {column.attname: _plain(getattr(address, column.attname)) for column in Address._meta.concrete_fields}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _address(fields: dict[str, Any]) -> Address:
    return Address(**{name: Address._meta.get_field(name).to_python(value) for name, value in fields.items()})
