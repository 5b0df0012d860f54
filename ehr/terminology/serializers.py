"""Codes, as /api/v1 tells them."""

from typing import Any

from rest_framework import serializers

from ehr.access.endpoints import Question

MOST_FOUND = 100


class CodeQuestion(Question):
    """What is typed while looking for a code."""

    system = serializers.CharField(
        max_length=200, help_text="The canonical URL of the code system: `http://hl7.org/fhir/sid/icd-10-cm`."
    )
    q = serializers.CharField(
        max_length=200, help_text="Beginnings of words of the text (`acut kid inj`), or of the code (`e11 9`)."
    )
    limit = serializers.IntegerField(default=20, min_value=1, max_value=MOST_FOUND, help_text="How many at most.")
    inactive = serializers.BooleanField(default=False, help_text="Finds codes too that are no longer in force.")


class FoundCode(serializers.Serializer[Any]):
    """A code and its text."""

    system = serializers.CharField(help_text="The canonical URL of its code system.")
    code = serializers.CharField(help_text="The code.")
    display = serializers.CharField(help_text="Its text.")
    active = serializers.BooleanField(help_text="Whether it is in force.")
    selectable = serializers.BooleanField(help_text="False for a heading, which may not stand in a record.")


class FoundCodes(serializers.Serializer[Any]):
    """The codes that match, best first."""

    items = FoundCode(many=True)
