"""The record store: current JSON, versions, and one search index for every resource type."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models

from ehr.audit.records import Record
from ehr.lib.columns import NumericField, TransactionIdField


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
            # Some 35 terms a resource: gathered in a list of 64 kB at most, which a search reads in 0.05 ms, they cost
            # a write a third of what they cost one by one.
            GinIndex("tokens", name="fhir_resource_tokens", fastupdate=True, gin_pending_list_limit=64),
            models.Index("type", "last_updated", "key", name="fhir_resource_type_updated"),
            models.Index("type", "key", name="fhir_resource_type_key"),
        ]


class Version(Record):
    """No FHIR resource; a superseded version of one, moved here by the trigger on `Resource`."""

    pk = models.CompositePrimaryKey("resource_id", "version_id")
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="+", db_index=False, db_column="key")
    version_id = models.IntegerField()
    last_updated = models.DateTimeField()
    deleted = models.BooleanField()
    content = models.TextField(null=True)  # noqa: DJ001 - a deletion has none
    xact = TransactionIdField()

    class Meta(Record.Meta):
        db_table = "fhir_version"
        indexes = [models.Index("last_updated", "resource", "version_id", name="fhir_version_updated")]


class IndexRow(Record):
    """Base of the ordered index: derived from the resource's JSON, rewritten with it.

    `param` names ``Type.parameter``.
    """

    derived = True

    pk = models.CompositePrimaryKey("key", "param", "ordinal")
    key = models.BigIntegerField()
    param = models.IntegerField()
    ordinal = models.IntegerField()

    class Meta(Record.Meta):
        abstract = True


class StringIndex(IndexRow):
    """No FHIR resource; a string, folded for search (case, accents, space) and as it stands for `:exact`."""

    folded = models.TextField(db_collation="C")
    exact = models.TextField(db_collation="C")

    class Meta(IndexRow.Meta):
        db_table = "fhir_string_index"
        indexes = [
            # "C" collation: the one B-tree serves prefixes and order
            models.Index("param", "folded", "key", name="fhir_string_prefix"),
            # the texts of codes have negative numbers; `:contains` is for strings
            GinIndex(
                OpClass("folded", "gin_trgm_ops"),
                name="fhir_string_trigram",
                condition=models.Q(param__gt=0),
                fastupdate=False,
            ),
        ]


class DateIndex(IndexRow):
    """No FHIR resource; a date, instant or period as the interval [low, high) of instants that it covers.

    `context` as in QuantityIndex.
    """

    low = models.DateTimeField()
    high = models.DateTimeField()
    context = ArrayField(models.BigIntegerField(), null=True)

    class Meta(IndexRow.Meta):
        db_table = "fhir_date_index"
        indexes = [
            models.Index("param", "low", "high", "key", name="fhir_date_range"),
            models.Index("param", "high", "low", "key", name="fhir_date_end"),
        ]


class QuantityIndex(IndexRow):
    """No FHIR resource; a number or quantity as the range [low, high], both ends in it: a plain number is low and high.

    As stated and in UCUM base units. What digits imply (FHIR R4 search.html#number) is a matter of the search value.
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
    """No FHIR resource; a literal reference to another resource of the store.

    `param` 0 stands for every reference, searchable or not.
    """

    target = models.BigIntegerField()

    class Meta(IndexRow.Meta):
        db_table = "fhir_reference_index"
        indexes = [models.Index("target", "param", "key", name="fhir_reference_target")]


class IdempotentRequest(Record):
    """No FHIR resource; a write that a client may repeat under its Idempotency-Key.

    The repeat gets the first one's answer.
    """

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


class ImportedResource(Record):
    """No FHIR resource; where one came from: makes an import idempotent by (source, type, id in the source)."""

    source = models.TextField(db_collation="C")
    type = models.TextField(db_collation="C")
    source_id = models.TextField(db_collation="C")
    full_url = models.TextField(db_collation="C")
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="+", db_column="key", db_index=False)
    digest = models.BinaryField()

    class Meta(Record.Meta):
        db_table = "fhir_imported_resource"
        constraints = [models.UniqueConstraint("source", "type", "source_id", name="fhir_imported_resource_source")]
        indexes = [models.Index("source", "full_url", name="fhir_imported_resource_url")]


class ImportedUnit(Record):
    """No FHIR resource; a Bundle or chunk that an import has finished, so that a restart goes past it."""

    source = models.TextField(db_collation="C")
    digest = models.BinaryField()
    done_at = models.DateTimeField()

    class Meta(Record.Meta):
        db_table = "fhir_imported_unit"
        constraints = [models.UniqueConstraint("source", "digest", name="fhir_imported_unit_source")]


class ImportRemainder(Record):
    """No FHIR resource; what an import could not store as it came.

    Parked until its references resolve, or refused and kept with the reason.
    """

    source = models.TextField(db_collation="C")
    place = models.TextField()
    digest = models.BinaryField()
    type = models.TextField()
    content = models.TextField()
    full_url = models.TextField()
    status = models.TextField(choices=[("parked", "parked"), ("refused", "refused"), ("stored", "stored")])
    reasons = models.JSONField()
    recorded_at = models.DateTimeField()

    class Meta(Record.Meta):
        db_table = "fhir_import_remainder"
        constraints = [models.UniqueConstraint("source", "digest", name="fhir_import_remainder_source")]
        indexes = [models.Index("source", "status", "id", name="fhir_import_remainder_status")]
