"""The register and its imports as Django models; the documents behind them are the contracts in ``contracts/``."""

from enum import StrEnum
from uuid import NAMESPACE_URL, uuid5

from django.db import models
from django_mongodb_backend.fields import ArrayField
from django_mongodb_backend.managers import MongoManager

from subgraphs.addresses.registers.entry import FileFormat
from subgraphs.addresses.search_text import search_text
from subgraphs.chassis_graphene.mongo import choices

LONGEST_TEXT = 500
LONGEST_REFERENCE = 200
LONGEST_SOURCE = 100


class AddressStatus(StrEnum):
    """What became of an address."""

    ACTIVE = "ACTIVE"
    MERGED = "MERGED"
    REMOVED = "REMOVED"


class ImportStatus(StrEnum):
    """How far an import is."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    FINISHED = "FINISHED"
    FAILED = "FAILED"


class Address(models.Model):
    """One address of the register (``address.document.json``)."""

    id = models.CharField(primary_key=True, db_column="_id", max_length=100, editable=False)
    reference = models.CharField(max_length=LONGEST_REFERENCE, blank=True, help_text="Its id in the source.")
    source = models.CharField(max_length=LONGEST_SOURCE, default="manual", help_text="Where it came from.")
    name = models.CharField(max_length=LONGEST_TEXT, null=True, blank=True, help_text="A business or a building.")
    address = models.CharField(max_length=LONGEST_TEXT, help_text="Street and house number.")
    postal_code = models.CharField(
        max_length=LONGEST_TEXT, null=True, blank=True, db_column="postalCode", help_text="Postal code."
    )
    city = models.CharField(max_length=LONGEST_TEXT, null=True, blank=True, help_text="City or village.")
    region = models.CharField(max_length=LONGEST_TEXT, null=True, blank=True, help_text="State, province or region.")
    country = models.CharField(
        max_length=LONGEST_TEXT, null=True, blank=True, help_text="ISO 3166 alpha-2 code, such as DE."
    )
    latitude = models.FloatField(null=True, editable=False)
    longitude = models.FloatField(null=True, editable=False)
    search_text = ArrayField(
        models.CharField(max_length=LONGEST_TEXT), db_column="searchText", default=list, editable=False
    )
    version = models.IntegerField(
        default=1, editable=False, help_text="1 at first, one more with every change; an update must name it."
    )
    status = models.CharField(
        max_length=10, choices=choices(AddressStatus), default=AddressStatus.ACTIVE.value, editable=False
    )
    merged_into = models.CharField(max_length=100, null=True, db_column="mergedInto", editable=False)
    created_at = models.DateTimeField(db_column="createdAt", editable=False)
    updated_at = models.DateTimeField(db_column="updatedAt", editable=False)

    objects = MongoManager()

    class Meta:
        db_table = "addresses"
        verbose_name_plural = "addresses"
        indexes = (
            models.Index(fields=["search_text", "status"], name="addresses_search_text"),
            models.Index(fields=["city", "id"], name="addresses_city"),
            models.Index(fields=["postal_code", "id"], name="addresses_postal_code"),
            models.Index(fields=["-created_at", "id"], name="addresses_created_at"),
            models.Index(fields=["status", "-created_at", "id"], name="addresses_status"),
            models.Index(fields=["-updated_at", "id"], name="addresses_updated_at"),
            models.Index(fields=["merged_into"], name="addresses_merged_into"),
        )

    def __str__(self) -> str:
        return self.formatted

    @property
    def formatted(self) -> str:
        """The address on one line, as a letter would carry it."""
        place = " ".join(part for part in (self.postal_code, self.city) if part)
        return ", ".join(part for part in (self.name, self.address, place, self.region, self.country) if part)

    def refresh_search_text(self) -> None:
        """Bring ``search_text`` in line with the other fields; before every save that changes one of them."""
        self.search_text = search_text(self.address, self.city, self.postal_code, self.name)


class AddressImport(models.Model):
    """One import of a file (``address_import.document.json``)."""

    id = models.CharField(primary_key=True, db_column="_id", max_length=100)
    file_name = models.CharField(max_length=255, db_column="fileName", help_text="What the file was called.")
    source = models.CharField(max_length=LONGEST_SOURCE, help_text="Where its addresses come from.")
    format = models.CharField(max_length=30, default=FileFormat.CSV.value)
    status = models.CharField(max_length=10, choices=choices(ImportStatus))
    total = models.IntegerField(default=0, help_text="How many rows were accepted.")
    chunks = models.IntegerField(default=0)
    done = models.IntegerField(default=0, help_text="How many of them are in the register already.")
    added = models.IntegerField(default=0, help_text="How many addresses were new.")
    changed = models.IntegerField(default=0, help_text="How many addresses were known and are different now.")
    unchanged = models.IntegerField(default=0, help_text="How many addresses were known just as they are.")
    rejected = models.IntegerField(default=0, help_text="How many rows were not used.")
    finished_chunks = ArrayField(models.IntegerField(), db_column="finishedChunks", default=list)
    problem = models.TextField(null=True, help_text="Why it could not go on, when its status is FAILED.")
    created_at = models.DateTimeField(db_column="createdAt")
    finished_at = models.DateTimeField(db_column="finishedAt", null=True)
    unsent = models.JSONField(default=list)

    objects = MongoManager()

    class Meta:
        db_table = "address_imports"
        indexes = (models.Index(fields=["-created_at", "id"], name="address_imports_created_at"),)


class ImportChunk(models.Model):
    """Accepted rows of an import, for the worker (``import_chunk.document.json``)."""

    id = models.CharField(primary_key=True, db_column="_id", max_length=120)
    import_id = models.CharField(max_length=100, db_column="importId")
    chunk = models.IntegerField()
    rows = models.JSONField(default=list)
    unsent = models.JSONField(default=list)

    objects = MongoManager()

    class Meta:
        db_table = "import_chunks"
        indexes = (models.Index(fields=["import_id", "chunk"], name="import_chunks_import"),)


class RejectedRow(models.Model):
    """A row of an import that was refused (``rejected_row.document.json``)."""

    id = models.CharField(primary_key=True, db_column="_id", max_length=120)
    import_id = models.CharField(max_length=100, db_column="importId")
    row = models.IntegerField()
    reason = models.TextField()
    line = models.IntegerField()

    objects = MongoManager()

    class Meta:
        db_table = "rejected_rows"
        indexes = (models.Index(fields=["import_id", "row"], name="rejected_rows_import"),)


class Outbox(models.Model):
    """Facts about addresses that the relay has not published yet."""

    unsent = models.JSONField(default=list)

    objects = MongoManager()

    class Meta:
        db_table = "outbox"


def address_id(source: str, reference: str) -> str:
    """The id of the address a source calls ``reference``: the same here and in the worker that imports it."""
    return str(uuid5(NAMESPACE_URL, f"doorstep:{source}:{reference}"))
