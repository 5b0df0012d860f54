"""Histories of types and of the whole store walk former versions by time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("fhir", "0004_imports"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="version",
            index=models.Index(
                models.F("last_updated"), models.F("resource"), models.F("version_id"), name="fhir_version_updated"
            ),
        ),
    ]
