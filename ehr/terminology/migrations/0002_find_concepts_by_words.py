"""Concepts are found by the beginnings of words in a text search vector, which is smaller and quicker than trigrams."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("terminology", "0001_code_systems_concepts_and_value_sets")]

    operations = [
        migrations.RemoveIndex("Concept", name="terminology_concept_words"),
        migrations.AddField(
            "Concept",
            "words",
            models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    models.Func(
                        models.Func("search_text", function="btrim"), models.Value(" "), function="string_to_array"
                    ),
                    function="array_to_tsvector",
                ),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
        migrations.AddIndex(
            "Concept", django.contrib.postgres.indexes.GinIndex("words", name="terminology_concept_words")
        ),
    ]
