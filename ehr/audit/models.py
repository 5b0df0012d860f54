"""Tables of the audit trail, its seal, and the outbox."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Now

from ehr.audit.records import AppendOnly
from ehr.lib.columns import TransactionIdField


class AuditEvent(AppendOnly):
    """FHIR AuditEvent; IHE ATNA. One row says who did what to whom; rows are appended, never changed."""

    id = models.BigAutoField(primary_key=True)
    recorded_at = models.DateTimeField(db_default=models.Func(function="clock_timestamp"))
    action = models.TextField()
    outcome = models.TextField(choices=[("success", "success"), ("refused", "refused")])
    actor_kind = models.TextField(choices=[("user", "user"), ("client", "client"), ("system", "system")])
    actor_id = models.TextField()
    actor_name = models.TextField()
    on_behalf_of = models.TextField(null=True)  # noqa: DJ001 - absent and empty differ in evidence
    reason = models.TextField(null=True)  # noqa: DJ001 - as above
    correlation_id = models.UUIDField()
    patient_id = models.TextField(null=True)  # noqa: DJ001 - as above
    entities = ArrayField(models.TextField())
    detail = models.JSONField(default=dict)
    xact = TransactionIdField()

    class Meta:
        db_table = "audit_event"
        indexes = [
            models.Index(
                "patient_id",
                "recorded_at",
                name="audit_event_patient",
                condition=models.Q(patient_id__isnull=False),
            ),
            # A row about several patients, as that of a search, lists them in its detail (ehr.audit.selectors).
            GinIndex(
                OpClass(KeyTransform("patients", "detail"), "jsonb_path_ops"),
                name="audit_event_patients",
                condition=models.Q(detail__has_key="patients"),
                gin_pending_list_limit=1024,  # kilobytes: often and little, so that no search waits long for its turn
            ),
            models.Index("actor_id", "recorded_at", name="audit_event_actor"),
            models.Index("xact", "id", name="audit_event_xact"),
        ]


class AuditSeal(AppendOnly):
    """No FHIR resource: evidence about AuditEvent. One sealed stretch of the trail in a signed hash chain.

    It covers every event that the snapshot `after` shows and `before` did not (pg_snapshot texts): what is surely
    finished, without waiting for a transaction that takes long. `digests` holds, in the order (xact, id), each event's
    id (int64, big-endian) and the SHA-256 of its canonical bytes. ehr.audit.chain makes `head` and `signature`.
    """

    sequence = models.BigIntegerField(primary_key=True)
    format = models.SmallIntegerField()
    before = models.TextField()
    after = models.TextField()
    event_count = models.IntegerField()
    digests = models.BinaryField()
    previous = models.BinaryField()
    head = models.BinaryField()
    signature = models.BinaryField()
    sealed_at = models.DateTimeField()

    class Meta:
        db_table = "audit_seal"


class OutboxMessage(models.Model):
    """No FHIR resource: work to do, written in the transaction that caused it.

    Taken with a lease and a fencing token, done exactly once.
    """

    id = models.BigAutoField(primary_key=True)
    queue = models.TextField()
    consumer = models.TextField()
    payload = models.JSONField()
    correlation_id = models.UUIDField()
    created_at = models.DateTimeField(db_default=Now())
    available_at = models.DateTimeField(db_default=Now())
    attempts = models.IntegerField(db_default=0)
    fence = models.BigIntegerField(null=True)
    leased_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    last_error = models.TextField(null=True)  # noqa: DJ001 - no error is not an empty error

    class Meta:
        db_table = "audit_outbox"
        indexes = [
            models.Index(
                "queue",
                "available_at",
                "id",
                name="audit_outbox_pending",
                condition=models.Q(done_at__isnull=True),
            ),
            models.Index("done_at", name="audit_outbox_done", condition=models.Q(done_at__isnull=False)),
        ]
