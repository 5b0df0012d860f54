"""One B-tree gives both prefixes and order of strings, trigrams leave out the texts of codes, and dates are found by their end."""

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fhir', '0002_versions'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='stringindex',
            name='fhir_string_prefix',
        ),
        migrations.RemoveIndex(
            model_name='stringindex',
            name='fhir_string_trigram',
        ),
        migrations.AddIndex(
            model_name='dateindex',
            index=models.Index(models.F('param'), models.F('high'), models.F('low'), models.F('key'), name='fhir_date_end'),
        ),
        migrations.AddIndex(
            model_name='stringindex',
            index=models.Index(models.F('param'), models.F('folded'), models.F('key'), name='fhir_string_prefix'),
        ),
        migrations.AddIndex(
            model_name='stringindex',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass('folded', 'gin_trgm_ops'), condition=models.Q(('param__gt', 0)), fastupdate=False, name='fhir_string_trigram'),
        ),
    ]
