"""The graph of this service: GraphQL in, use cases out."""

from typing import Any

import graphene
from django.conf import settings
from graphql import GraphQLResolveInfo

from subgraphs.addresses.create_address import TEXTS, Outcome, create_address
from subgraphs.addresses.filters import ORDERS, AddressOrder, filtered
from subgraphs.addresses.import_addresses import ImportOutcome, import_addresses
from subgraphs.addresses.merge_addresses import MOST_DUPLICATES, merge_addresses
from subgraphs.addresses.model import Address, AddressImport
from subgraphs.addresses.problems import text_problems
from subgraphs.addresses.registers import Columns, FileFormat, Wish
from subgraphs.addresses.remove_address import remove_address
from subgraphs.addresses.search_questions import search_questions
from subgraphs.addresses.suggest_addresses import MOST_CHARACTERS, MOST_SUGGESTIONS, suggest_addresses
from subgraphs.addresses.types import (
    AddressConnection,
    AddressFileFormatEnum,
    AddressImportConnection,
    AddressImportType,
    AddressOrderEnum,
    AddressStatusEnum,
    AddressType,
    ProblemType,
)
from subgraphs.addresses.update_address import update_address
from subgraphs.chassis.text_fields import tidy
from subgraphs.chassis_graphene.caching import kept
from subgraphs.chassis_graphene.connections import Order, Page, bad_input, connection_field, page_of
from subgraphs.chassis_graphene.entities import federated_schema, sdl_of
from subgraphs.chassis_graphene.guards import scoped
from subgraphs.chassis_graphene.siblings import Siblings
from subgraphs.chassis_graphene.values import Upload

READ, WRITE = "register:read", "register:write"
_MOST_FILTER_CHARACTERS = 200


class Query(graphene.ObjectType):
    """What can be asked."""

    address = scoped(
        graphene.Field(
            AddressType,
            description="The address with this id, whatever became of it.",
            id=graphene.ID(required=True, description="The id of the address."),
        ),
        READ,
    )
    addresses = scoped(
        connection_field(
            AddressConnection,
            "The register; all conditions that are given must hold.",
            city=graphene.String(description="In this city, in whatever case."),
            postal_code=graphene.String(description="With exactly this postal code."),
            country=graphene.String(description="In this country, an ISO 3166 alpha-2 code."),
            source=graphene.String(description="From this source."),
            status=AddressStatusEnum(default_value="ACTIVE", description="With this status; null for any."),
            search=graphene.String(description="Every word of it begins some word of the address."),
            order_by=AddressOrderEnum(default_value="NEWEST_FIRST", description="What the list is sorted by."),
        ),
        READ,
    )
    suggest_addresses = graphene.List(
        graphene.NonNull(AddressType),
        required=True,
        description="Active addresses that fit what somebody has typed so far, typos forgiven, the closest first.",
        text=graphene.String(required=True, description=f"What was typed; {MOST_CHARACTERS} characters at most."),
        country=graphene.String(description="Only in this country, an ISO 3166 alpha-2 code."),
        first=graphene.Int(default_value=8, description=f"How many; {MOST_SUGGESTIONS} at most."),
    )
    # No longer than somebody types: the index of suggestions hears of a change when the gateway does, perhaps later.
    suggest_addresses = kept(suggest_addresses, seconds=5)
    address_import = scoped(
        graphene.Field(
            AddressImportType,
            description="The import with this id.",
            id=graphene.ID(required=True, description="The id of the import."),
        ),
        WRITE,
    )
    address_imports = scoped(connection_field(AddressImportConnection, "All imports, the newest first."), WRITE)

    @staticmethod
    def resolve_address(_root: Any, _info: GraphQLResolveInfo, id: str) -> Address | None:
        """Whatever its status."""
        return Address.objects.filter(pk=id).first()

    @staticmethod
    def resolve_addresses(
        _root: Any,
        _info: GraphQLResolveInfo,
        first: int | None = None,
        after: str | None = None,
        order_by: Any = None,
        **conditions: Any,
    ) -> Page:
        """A page of what the filters leave."""
        for name, value in conditions.items():
            if isinstance(value, str) and len(value) > _MOST_FILTER_CHARACTERS:
                raise bad_input(f"{name} has {len(value):,} characters; {_MOST_FILTER_CHARACTERS} are allowed")
        if (status := conditions.get("status")) is not None:
            conditions["status"] = getattr(status, "value", status)
        order = ORDERS[AddressOrder(getattr(order_by, "value", order_by) or "NEWEST_FIRST")]
        return _together(page_of(filtered(conditions), order, first=first, after=after))

    @staticmethod
    def resolve_suggest_addresses(
        _root: Any, _info: GraphQLResolveInfo, text: str, country: str | None = None, first: int | None = None
    ) -> list[Address]:
        """Asked of matching, or of the own store."""
        if len(text) > MOST_CHARACTERS:
            raise bad_input(f"text has {len(text):,} characters; {MOST_CHARACTERS} are allowed")
        wanted = 8 if first is None else first
        if not 0 <= wanted <= MOST_SUGGESTIONS:
            raise bad_input(f"first: {wanted} is out of range; ask for 0 to {MOST_SUGGESTIONS}")
        if country and len(country) > _MOST_FILTER_CHARACTERS:
            raise bad_input(f"country has {len(country):,} characters; {_MOST_FILTER_CHARACTERS} are allowed")
        found = suggest_addresses(text, country=country, first=wanted, search=search_questions())
        Siblings(found)
        return found

    @staticmethod
    def resolve_address_import(_root: Any, _info: GraphQLResolveInfo, id: str) -> AddressImport | None:
        """By id."""
        return AddressImport.objects.filter(pk=id).first()

    @staticmethod
    def resolve_address_imports(
        _root: Any, _info: GraphQLResolveInfo, first: int | None = None, after: str | None = None
    ) -> Page:
        """The newest first."""
        return _together(
            page_of(AddressImport.objects.all(), Order("created_at", descending=True), first=first, after=after)
        )


class AddressColumnsInput(graphene.InputObjectType):
    """Which columns of a table hold what; by their names in the header."""

    id = graphene.String(description="The address's id in its source; made of what the row says where there is none.")
    name = graphene.String(description="A business or a building.")
    address = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="Street and house number; several columns are joined in this order.",
    )
    postal_code = graphene.String(description="Postal code.")
    city = graphene.String(description="City or village.")
    region = graphene.String(description="State, province or region.")
    country = graphene.String(description="ISO 3166 alpha-2 code.")
    latitude = graphene.String(description="Degrees north, WGS 84.")
    longitude = graphene.String(description="Degrees east, WGS 84.")


class CreateAddressInput(graphene.InputObjectType):
    """A new address of the register."""

    reference = graphene.String(description="Its id in the source; made when there is none. 200 characters at most.")
    source = graphene.String(description="Where it comes from; `manual` when it is not said.")
    name = graphene.String(description="A business or a building.")
    address = graphene.String(required=True, description="Street and house number; 500 characters at most.")
    postal_code = graphene.String(description="Postal code.")
    city = graphene.String(description="City or village.")
    region = graphene.String(description="State, province or region.")
    country = graphene.String(description="ISO 3166 alpha-2 code, such as DE.")


class UpdateAddressInput(graphene.InputObjectType):
    """What shall change in an address; what is not given stays as it is, null empties it."""

    id = graphene.ID(required=True, description="The address to change.")
    version = graphene.Int(required=True, description="The version you saw; refused when it has another by now.")
    name = graphene.String(description="A business or a building.")
    address = graphene.String(description="Street and house number; 500 characters at most.")
    postal_code = graphene.String(description="Postal code.")
    city = graphene.String(description="City or village.")
    region = graphene.String(description="State, province or region.")
    country = graphene.String(description="ISO 3166 alpha-2 code, such as DE.")


class MergeAddressesInput(graphene.InputObjectType):
    """Addresses that are one."""

    into = graphene.ID(required=True, description="The address that will stand for all.")
    duplicates = graphene.List(
        graphene.NonNull(graphene.ID),
        required=True,
        description=f"The addresses it will stand for; {MOST_DUPLICATES} at most.",
    )


class AddressPayload(graphene.ObjectType):
    """What became of a change of the register."""

    address = graphene.Field(AddressType, description="The address as it is now; null when there is none.")
    problems = graphene.List(
        graphene.NonNull(ProblemType), required=True, description="Why nothing was done; empty when it was."
    )


class ImportAddressesPayload(graphene.ObjectType):
    """What became of a file."""

    address_import = graphene.Field(AddressImportType, description="The import that has begun; null when none has.")
    problems = graphene.List(
        graphene.NonNull(ProblemType), required=True, description="Why the file was refused; empty when it was not."
    )


def _payload(description: str, **arguments: Any) -> graphene.Field:
    return graphene.Field(AddressPayload, required=True, description=description, **arguments)


class Mutation(graphene.ObjectType):
    """What can be done."""

    create_address = scoped(
        _payload(
            "Add an address to the register.",
            input=CreateAddressInput(required=True, description="The new address."),
        ),
        WRITE,
    )
    update_address = scoped(
        _payload(
            "Change an address of the register, provided nobody else has since you looked.",
            input=UpdateAddressInput(required=True, description="What shall change."),
        ),
        WRITE,
    )
    remove_address = scoped(
        _payload(
            "Take an address out of use; it can still be looked up by its id.",
            id=graphene.ID(required=True, description="The address to take out of use."),
        ),
        WRITE,
    )
    merge_addresses = scoped(
        _payload(
            "Let one address stand for its duplicates.",
            input=MergeAddressesInput(required=True, description="Which addresses are one."),
        ),
        WRITE,
        "reviews",
    )
    import_addresses = scoped(
        graphene.Field(
            ImportAddressesPayload,
            required=True,
            description="Bring a file into the register, in the background: OpenAddresses, BAN, or any CSV, also compressed "
            "with gzip. A broken row is set aside and the rest goes on.",
            file=Upload(required=True, description="The file. Plain CSV has a header; id and address are needed."),
            source=graphene.String(
                required=True, description="Where it comes from. The same id of the same source is the same address."
            ),
            format=AddressFileFormatEnum(description="How it is written down; recognised when it is not said."),
            columns=AddressColumnsInput(
                description="For plain CSV whose columns are not called id, name, address, postal_code, city, region, "
                "country, latitude, longitude."
            ),
            country=graphene.String(description="ISO 3166 alpha-2 code of the rows that name no country."),
            delimiter=graphene.String(description="What separates the fields; found out when it is not said."),
            encoding=graphene.String(description="Such as ISO-8859-2; found out when it is not said."),
        ),
        WRITE,
    )

    @staticmethod
    def resolve_create_address(_root: Any, _info: GraphQLResolveInfo, input: dict[str, Any]) -> Outcome:
        """Translate and call."""
        texts = {name: input.get(name) for name in TEXTS}
        return create_address(texts, source=input.get("source"), reference=input.get("reference"))

    @staticmethod
    def resolve_update_address(_root: Any, _info: GraphQLResolveInfo, input: dict[str, Any]) -> Outcome:
        """Translate and call."""
        texts = {name: input[name] for name in TEXTS if name in input}
        return update_address(input["id"], texts, version=input["version"])

    @staticmethod
    def resolve_remove_address(_root: Any, _info: GraphQLResolveInfo, id: str) -> Outcome:
        """Translate and call."""
        return remove_address(id)

    @staticmethod
    def resolve_merge_addresses(_root: Any, _info: GraphQLResolveInfo, input: dict[str, Any]) -> Outcome:
        """Translate and call."""
        return merge_addresses(input["into"], input["duplicates"])

    @staticmethod
    def resolve_import_addresses(
        _root: Any,
        _info: GraphQLResolveInfo,
        file: Any,
        source: str,
        format: Any = None,
        columns: dict[str, Any] | None = None,
        country: str | None = None,
        delimiter: str | None = None,
        encoding: str | None = None,
    ) -> ImportOutcome:
        """Translate and call."""
        if problems := text_problems({"country": tidy(country)}, required=frozenset()):
            return ImportOutcome(problems=problems)
        wish = Wish(
            format=FileFormat(getattr(format, "value", format)) if format else None,
            columns=Columns(**{**columns, "address": tuple(columns["address"])}) if columns else None,
            country=country.strip().upper() if country else None,
            delimiter=delimiter,
            encoding=encoding,
        )
        return import_addresses(file, source, limits=settings.UPLOAD_LIMITS, wish=wish)


def _together(page: Page) -> Page:
    Siblings(page.nodes)
    return page


schema = federated_schema(
    query=Query,
    mutation=Mutation,
    entities={"Address": AddressType.load_references, "AddressImport": AddressImportType.load_references},
    keeps_answers=True,
)


def sdl() -> str:
    """The SDL of this service."""
    return sdl_of(schema)
