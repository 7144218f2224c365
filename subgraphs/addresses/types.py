"""The types of the graph this service knows."""

from collections.abc import Mapping, Sequence
from typing import Any

import graphene
from graphene_django import DjangoObjectType
from graphene_federation import key, requires_scope
from graphql import GraphQLResolveInfo

from subgraphs.addresses.filters import AddressOrder
from subgraphs.addresses.model import Address, AddressImport, AddressStatus, ImportStatus, RejectedRow
from subgraphs.addresses.problems import ProblemCode, describe
from subgraphs.addresses.registers.entry import FileFormat
from subgraphs.chassis_graphene.caching import kept_type
from subgraphs.chassis_graphene.connections import Order, Page, connection_field, connection_of
from subgraphs.chassis_graphene.guards import any_of, caller_of
from subgraphs.chassis_graphene.siblings import Siblings, pages_below, siblings_of
from subgraphs.chassis_graphene.values import DateTime, described_enum, problem_type

_ORDER_DESCRIPTIONS = {
    "NEWEST_FIRST": "The last one that came into the register first.",
    "LAST_CHANGED_FIRST": "The last one that was changed first.",
    "CITY": "By city; those without one first.",
    "POSTAL_CODE": "By postal code; those without one first.",
}
_STATUS_DESCRIPTIONS = {
    "ACTIVE": "In use: typed addresses are matched against it.",
    "MERGED": "A duplicate; another address stands for it.",
    "REMOVED": "No longer in use.",
}
_IMPORT_DESCRIPTIONS = {
    "QUEUED": "Accepted, and waiting for its turn.",
    "RUNNING": "Being written into the register.",
    "FINISHED": "Every accepted row is in the register.",
    "FAILED": "It could not go on.",
}


AddressStatusEnum = described_enum(AddressStatus, "AddressStatus", "What became of an address.", _STATUS_DESCRIPTIONS)
AddressImportStatusEnum = described_enum(
    ImportStatus, "AddressImportStatus", "Where an import of addresses into the register stands.", _IMPORT_DESCRIPTIONS
)
AddressOrderEnum = described_enum(
    AddressOrder, "AddressOrder", "What a list of addresses is sorted by.", _ORDER_DESCRIPTIONS
)

AddressFileFormatEnum = described_enum(
    FileFormat,
    "AddressFileFormat",
    "How a register is written down.",
    {
        "CSV": "A table with a header: our own columns, or those that `columns` names.",
        "OPENADDRESSES_CSV": "A table of OpenAddresses: LON, LAT, NUMBER, STREET, UNIT, CITY, …",
        "OPENADDRESSES_GEOJSON": "OpenAddresses as GeoJSON, one feature a line.",
        "BAN_CSV": "The French Base Adresse Nationale, `adresses-*.csv`.",
    },
)

ProblemType = problem_type(ProblemCode, describe)


@kept_type()
class Coordinates(graphene.ObjectType):
    """A point on earth, WGS 84."""

    latitude = graphene.Float(required=True, description="Degrees north of the equator.")
    longitude = graphene.Float(required=True, description="Degrees east of Greenwich.")


@kept_type(seconds=300, tag="address-{$key.id}")
@key("id")
class AddressType(DjangoObjectType):
    """An address of the register."""

    class Meta:
        model = Address
        name = "Address"
        # The order of the SDL; what is said again below gets its type there.
        fields = (
            "id",
            "reference",
            "source",
            "name",
            "address",
            "postal_code",
            "city",
            "region",
            "country",
            "status",
            "version",
            "created_at",
            "updated_at",
            "merged_into",
        )
        convert_choices_to_enum = False

    id = graphene.ID(required=True, description="The id of the address; it never changes.")
    status = graphene.Field(AddressStatusEnum, required=True, description="What became of it.")
    formatted = graphene.String(required=True, description="The whole address on one line.")
    coordinates = graphene.Field(Coordinates, description="Where it is; null where no source has said so.")
    created_at = DateTime(required=True, description="When it came into the register.")
    updated_at = DateTime(required=True, description="When it was last changed.")
    merged_into = graphene.Field(
        lambda: AddressType, description="The address that stands for this one, when its status is MERGED."
    )

    @staticmethod
    def resolve_coordinates(address: Address, _info: GraphQLResolveInfo) -> Coordinates | None:
        """Both, or none."""
        if address.latitude is None or address.longitude is None:
            return None
        return Coordinates(latitude=address.latitude, longitude=address.longitude)

    @staticmethod
    def resolve_merged_into(address: Address, _info: GraphQLResolveInfo) -> Address | None:
        """Loaded for all addresses of the list at once."""
        if address.merged_into is None:
            return None
        return siblings_of(address).load("merged_into", _targets).get(address.merged_into)

    @classmethod
    def load_references(
        cls, _info: GraphQLResolveInfo, representations: Sequence[Mapping[str, Any]]
    ) -> list[Address | None]:
        """All that were asked for, in one query."""
        return in_order(Address, representations)


class RejectedImportRow(graphene.ObjectType):
    """A row of an imported file that was not used."""

    row = graphene.Int(required=True, description="Its number in the file; the first one below the header is 1.")
    line = graphene.Int(required=True, description="The line of the file where it begins, as an editor counts.")
    reason = graphene.String(required=True, description="Why it was not used.")


RejectedImportRowConnection = connection_of(RejectedImportRow, "rejected rows")


@requires_scope(scopes=any_of("register:write"))
@key("id")
class AddressImportType(DjangoObjectType):
    """A file on its way into the register."""

    class Meta:
        model = AddressImport
        name = "AddressImport"
        fields = (
            "id",
            "status",
            "file_name",
            "source",
            "total",
            "done",
            "added",
            "changed",
            "unchanged",
            "rejected",
            "problem",
            "created_at",
            "finished_at",
        )
        convert_choices_to_enum = False

    id = graphene.ID(required=True, description="The id of the import.")
    status = graphene.Field(AddressImportStatusEnum, required=True, description="Where it stands.")
    format = graphene.Field(AddressFileFormatEnum, required=True, description="How the file was written down.")
    created_at = DateTime(required=True, description="When the file was accepted.")
    finished_at = DateTime(description="When its last row came into the register.")
    rejected_rows = connection_field(
        RejectedImportRowConnection, "The rows that were not used, in the order of the file."
    )

    @staticmethod
    def resolve_rejected_rows(
        imported: AddressImport, _info: GraphQLResolveInfo, first: int | None = None, after: str | None = None
    ) -> Page:
        """Loaded for all imports of the list at once."""
        return pages_below(imported, RejectedRow, "import_id", Order("row"), first=first, after=after)

    @classmethod
    def load_references(
        cls, info: GraphQLResolveInfo, representations: Sequence[Mapping[str, Any]]
    ) -> list[AddressImport | None]:
        """All that were asked for, in one query; to those who may."""
        if not caller_of(info).may("register:write"):
            return [None] * len(representations)
        return in_order(AddressImport, representations)


AddressConnection = connection_of(AddressType, "addresses")
AddressImportConnection = connection_of(AddressImportType, "imports")


def in_order(model: Any, representations: Sequence[Mapping[str, Any]]) -> list[Any]:
    """For each representation the object with its id, or none; one query."""
    found = model.objects.in_bulk({representation["id"] for representation in representations})
    Siblings(list(found.values()))
    return [found.get(representation["id"]) for representation in representations]


def _targets(addresses: Sequence[Address]) -> dict[str, Address]:
    found = Address.objects.in_bulk({address.merged_into for address in addresses if address.merged_into})
    Siblings(list(found.values()))
    return found
