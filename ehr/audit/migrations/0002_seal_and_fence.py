"""Seals span two snapshots and name their format; outbox messages carry a correlation id and are fenced by a sequence."""

from django.db import migrations, models

# Seals and messages made before this step cannot be carried over: neither has a value for what is now required. The step
# refuses a table that holds any, instead of inventing one.
FORWARD = """
DO $$ BEGIN
  IF EXISTS (SELECT FROM audit_seal) OR EXISTS (SELECT FROM audit_outbox WHERE done_at IS NULL) THEN
    RAISE EXCEPTION 'audit_seal or audit_outbox is not empty: seals and messages of the first format are not supported';
  END IF;
END $$;
ALTER TABLE audit_seal
  DROP COLUMN from_xact, DROP COLUMN to_xact,
  ADD COLUMN format smallint NOT NULL, ADD COLUMN before text NOT NULL, ADD COLUMN after text NOT NULL;
DELETE FROM audit_outbox;
ALTER TABLE audit_outbox ADD COLUMN correlation_id uuid NOT NULL;
CREATE SEQUENCE audit_outbox_fence;
"""

REVERSE = """
DROP SEQUENCE audit_outbox_fence;
ALTER TABLE audit_outbox DROP COLUMN correlation_id;
ALTER TABLE audit_seal
  DROP COLUMN format, DROP COLUMN before, DROP COLUMN after,
  ADD COLUMN from_xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
  ADD COLUMN to_xact xid8 NOT NULL DEFAULT pg_current_xact_id();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.RunSQL(
            FORWARD,
            REVERSE,
            state_operations=[
                migrations.RemoveField("AuditSeal", "from_xact"),
                migrations.RemoveField("AuditSeal", "to_xact"),
                migrations.AddField("AuditSeal", "format", models.SmallIntegerField()),
                migrations.AddField("AuditSeal", "before", models.TextField()),
                migrations.AddField("AuditSeal", "after", models.TextField()),
                migrations.AddField("OutboxMessage", "correlation_id", models.UUIDField()),
            ],
        ),
        migrations.AddIndex(
            "OutboxMessage",
            models.Index("done_at", name="audit_outbox_done", condition=models.Q(done_at__isnull=False)),
        ),
    ]
