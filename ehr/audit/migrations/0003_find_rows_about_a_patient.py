"""A row about several patients is found by each of them."""

import django.contrib.postgres.indexes
import django.db.models.fields.json
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_seal_and_fence"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="auditevent",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.fields.json.KeyTransform("patients", "detail"), "jsonb_path_ops"
                ),
                condition=models.Q(("detail__has_key", "patients")),
                gin_pending_list_limit=1024,
                name="audit_event_patients",
            ),
        ),
    ]
