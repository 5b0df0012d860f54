"""Tables of the audit trail, its seal, and the outbox."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
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
            models.Index("patient_id", "recorded_at", name="audit_event_patient", condition=models.Q(patient_id__isnull=False)),
            models.Index("actor_id", "recorded_at", name="audit_event_actor"),
            models.Index("xact", "id", name="audit_event_xact"),
        ]


class AuditSeal(AppendOnly):
    """One sealed stretch of the trail: every event of the transactions in [from_xact, to_xact), in a signed hash chain."""

    sequence = models.BigIntegerField(primary_key=True)
    from_xact = TransactionIdField(db_default=models.NOT_PROVIDED)
    to_xact = TransactionIdField(db_default=models.NOT_PROVIDED)
    event_count = models.IntegerField()
    digests = models.BinaryField()
    previous = models.BinaryField()
    head = models.BinaryField()
    signature = models.BinaryField()
    sealed_at = models.DateTimeField()

    class Meta:
        db_table = "audit_seal"


class OutboxMessage(models.Model):
    """Work to do, written in the transaction that caused it; taken with a lease and a fencing token, done exactly once."""

    id = models.BigAutoField(primary_key=True)
    queue = models.TextField()
    consumer = models.TextField()
    payload = models.JSONField()
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
            models.Index("queue", "available_at", "id", name="audit_outbox_pending", condition=models.Q(done_at__isnull=True)),
        ]
