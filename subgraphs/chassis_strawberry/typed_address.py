"""An address the way somebody typed it, and what its form alone can tell: the one value all services mean alike."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from subgraphs.chassis.text_fields import Refusal, refusal_of, tidy
from subgraphs.chassis_strawberry.postal import can_be_postal_code, country_code, postal_code_examples


@dataclass(frozen=True)
class AddressLimits:
    """The most characters the fields of an address may have."""

    name: int = 200
    address: int = 500
    others: int = 100


@dataclass(frozen=True)
class TypedAddress:
    """An address the way somebody typed it."""

    name: str | None
    """a business or a building"""
    address: str
    postal_code: str | None
    city: str | None
    region: str | None
    country: str | None
    """ISO 3166 alpha-2, once it is normalised"""

    def tidied(self) -> "TypedAddress":
        """Without stray spaces and empty fields."""
        return TypedAddress(
            name=tidy(self.name),
            address=tidy(self.address) or "",
            postal_code=tidy(self.postal_code),
            city=tidy(self.city),
            region=tidy(self.region),
            country=tidy(self.country),
        )

    def with_country_code(self) -> "TypedAddress":
        """With its country as a code, however it was written."""
        return replace(self, country=country_code(self.country) if self.country else None)

    def as_document(self) -> dict[str, Any]:
        """The form it has in documents and facts."""
        document = asdict(self)
        document["postalCode"] = document.pop("postal_code")
        return document

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "TypedAddress":
        """Read it from a document or a fact."""
        return cls(
            name=document.get("name"),
            address=document["address"],
            postal_code=document.get("postalCode"),
            city=document.get("city"),
            region=document.get("region"),
            country=document.get("country"),
        )


def address_refusals(typed: TypedAddress, limits: AddressLimits) -> Iterator[Refusal]:
    """What is wrong with a tidied address, as far as its form can tell."""
    fields = (
        ("name", typed.name, limits.name),
        ("address", typed.address or None, limits.address),
        ("postalCode", typed.postal_code, limits.others),
        ("city", typed.city, limits.others),
        ("region", typed.region, limits.others),
        ("country", typed.country, limits.others),
    )
    refused = set()
    for field, text, limit in fields:
        if refusal := refusal_of(text, f"address.{field}", limit=limit, required=field == "address"):
            refused.add(field)
            yield refusal
    if not typed.postal_code and not typed.city:
        yield Refusal("address", "INCOMPLETE_ADDRESS", "The address has neither a city nor a postal code. Add one.")
    if not typed.country or "country" in refused:
        return
    country = country_code(typed.country)
    if country is None:
        message = f"{typed.country} is no country; use its two-letter code (ISO 3166), such as DE, FR or GB."
        yield Refusal("address.country", "UNKNOWN_COUNTRY", message)
    elif typed.postal_code and "postalCode" not in refused and not can_be_postal_code(typed.postal_code, country):
        examples = postal_code_examples(country)
        message = f"{typed.postal_code} cannot be a postal code of {country}"
        message += f"; they look like {examples}." if examples else "."
        yield Refusal("address.postalCode", "INVALID_POSTAL_CODE", message)
