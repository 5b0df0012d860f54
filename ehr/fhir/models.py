"""The record store: current JSON, versions, and one search index for every resource type."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models

from ehr.lib.columns import NumericField, TransactionIdField
from ehr.audit.records import Record


class Resource(Record):
    """Any FHIR R4 resource: its current version as JSON text, byte-faithful in its numbers, and its exact-match index.

    `tokens` holds 64-bit hashes of ``Type.parameter=value`` (see ehr.fhir.search.terms); ordered values stand in the
    index tables below. A database trigger moves the old version to `Version` on every update, and refuses deletes.
    """

    key = models.BigAutoField(primary_key=True)
    type = models.TextField(db_collation="C")
    id = models.TextField(db_collation="C")
    version_id = models.IntegerField()
    last_updated = models.DateTimeField()
    deleted = models.BooleanField(default=False)
    content = models.TextField(null=True)  # noqa: DJ001 - a deleted resource has none
    patient_id = models.TextField(null=True, db_collation="C")  # noqa: DJ001 - many resources concern no patient
    tokens = ArrayField(models.BigIntegerField())
    xact = TransactionIdField()

    class Meta(Record.Meta):
        db_table = "fhir_resource"
        constraints = [
            models.UniqueConstraint("type", "id", name="fhir_resource_type_id"),
            models.CheckConstraint(
                condition=models.Q(deleted=True, content__isnull=True) | models.Q(deleted=False, content__isnull=False),
                name="fhir_resource_content_unless_deleted",
            ),
        ]
        indexes = [
            GinIndex("tokens", name="fhir_resource_tokens", fastupdate=False),
            models.Index("type", "last_updated", "key", name="fhir_resource_type_updated"),
            models.Index("type", "key", name="fhir_resource_type_key"),
        ]


class Version(Record):
    """A superseded version of a resource, moved here by the trigger on `Resource`."""

    pk = models.CompositePrimaryKey("resource_id", "version_id")
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="+", db_index=False, db_column="key")
    version_id = models.IntegerField()
    last_updated = models.DateTimeField()
    deleted = models.BooleanField()
    content = models.TextField(null=True)  # noqa: DJ001 - a deletion has none
    xact = TransactionIdField()

    class Meta(Record.Meta):
        db_table = "fhir_version"


class IndexRow(Record):
    """Base of the ordered index: derived from the resource's JSON, rewritten with it. `param` names ``Type.parameter``."""

    derived = True

    pk = models.CompositePrimaryKey("key", "param", "ordinal")
    key = models.BigIntegerField()
    param = models.IntegerField()
    ordinal = models.IntegerField()

    class Meta(Record.Meta):
        abstract = True


class StringIndex(IndexRow):
    """A string, folded for search (case, accents, space) and as it stands for `:exact`."""

    folded = models.TextField(db_collation="C")
    exact = models.TextField(db_collation="C")

    class Meta(IndexRow.Meta):
        db_table = "fhir_string_index"
        indexes = [
            models.Index("param", OpClass("folded", "text_pattern_ops"), "key", name="fhir_string_prefix"),
            GinIndex(OpClass("folded", "gin_trgm_ops"), name="fhir_string_trigram"),
        ]


class DateIndex(IndexRow):
    """A date, instant or period as the interval [low, high) of instants that it covers. `context` as in QuantityIndex."""

    low = models.DateTimeField()
    high = models.DateTimeField()
    context = ArrayField(models.BigIntegerField(), null=True)

    class Meta(IndexRow.Meta):
        db_table = "fhir_date_index"
        indexes = [models.Index("param", "low", "high", "key", name="fhir_date_range")]


class QuantityIndex(IndexRow):
    """A number or quantity as the range [low, high) its digits imply (FHIR R4 3.1.1.4.6), as stated and in UCUM base units.

    `context` holds the term hashes of the token half of a composite parameter (``component-code-value-quantity``).
    """

    low = NumericField()
    high = NumericField()
    unit = models.TextField(null=True, db_collation="C")  # noqa: DJ001 - numbers have no unit
    system = models.TextField(null=True, db_collation="C")  # noqa: DJ001 - as above
    base_low = NumericField(null=True)
    base_high = NumericField(null=True)
    base_unit = models.TextField(null=True, db_collation="C")  # noqa: DJ001 - as above
    context = ArrayField(models.BigIntegerField(), null=True)

    class Meta(IndexRow.Meta):
        db_table = "fhir_quantity_index"
        indexes = [
            models.Index("param", "low", "high", "key", name="fhir_quantity_range"),
            models.Index("param", "base_unit", "base_low", "key", name="fhir_quantity_base"),
        ]


class ReferenceIndex(IndexRow):
    """A literal reference to another resource of the store. `param` 0 stands for every reference, searchable or not."""

    target = models.BigIntegerField()

    class Meta(IndexRow.Meta):
        db_table = "fhir_reference_index"
        indexes = [models.Index("target", "param", "key", name="fhir_reference_target")]


class IdempotentRequest(Record):
    """A write that a client may repeat under its Idempotency-Key; the repeat gets the first one's answer."""

    client_id = models.TextField()
    idempotency_key = models.TextField()
    digest = models.BinaryField()
    status = models.SmallIntegerField()
    location = models.TextField()
    etag = models.TextField()
    body = models.TextField()
    created_at = models.DateTimeField()

    class Meta(Record.Meta):
        db_table = "fhir_idempotent_request"
        constraints = [models.UniqueConstraint("client_id", "idempotency_key", name="fhir_idempotent_request_key")]


class Projection(Record):
    """Base of an owner's table: typed columns computed from the current JSON of a resource, never edited on their own.

    A deleted resource has no row.
    """

    derived = True

    resource = models.OneToOneField(Resource, models.PROTECT, primary_key=True, db_column="key", related_name="+")

    class Meta(Record.Meta):
        abstract = True
