"""Value types that several subgraphs define alike, as the supergraph asks of what is shared."""

import strawberry

from subgraphs.chassis_strawberry import typed_address


@strawberry.federation.type(shareable=True, description="An address the way somebody typed it.")
class TypedAddress:
    name: str | None = strawberry.field(description="A business or a building.")
    address: str = strawberry.field(description="Street and number, or the whole address in one line.")
    postal_code: str | None = strawberry.field(description="Postal code.")
    city: str | None = strawberry.field(description="City or village.")
    region: str | None = strawberry.field(description="State, province or region.")
    country: str | None = strawberry.field(description="ISO 3166 alpha-2 code, such as DE.")

    @classmethod
    def from_value(cls, typed: typed_address.TypedAddress) -> "TypedAddress":
        return cls(**vars(typed))


@strawberry.input(description="An address the way somebody types it.")
class TypedAddressInput:
    name: str | None = strawberry.field(default=None, description="A business or a building.")
    address: str = strawberry.field(description="Street and number, or the whole address in one line.")
    postal_code: str | None = strawberry.field(default=None, description="Postal code.")
    city: str | None = strawberry.field(default=None, description="City or village.")
    region: str | None = strawberry.field(default=None, description="State, province or region.")
    country: str | None = strawberry.field(default=None, description="ISO 3166 alpha-2 code, or the English name.")

    def as_value(self) -> typed_address.TypedAddress:
        return typed_address.TypedAddress(**vars(self))
