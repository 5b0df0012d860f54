"""Patients on a list, as /api/v1 tells them."""

from typing import Any

from rest_framework import serializers

from ehr.access.endpoints import Question

LONGEST_QUESTION = 200


class PatientQuestion(Question):
    """One field for everything one types."""

    q = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=LONGEST_QUESTION,
        help_text="Beginnings of names, record number, birth date (`14-Mar-1957`, `3/14/1957`) or phone, in any order; "
        "each part has to match. Without it: patients opened lately, in the house, and the newest.",
    )


class PatientHit(serializers.Serializer[Any]):
    """A patient on the list, with two identifiers to tell them by: birth date and record number."""

    id = serializers.CharField(source="patient_id", help_text="The id of the Patient resource at /fhir/R4.")
    name = serializers.CharField(help_text="`OKAFOR, Margaret`.")
    birth_date = serializers.CharField(help_text="As stated: a year, a month or a day (`1957-03-14`); empty: unknown.")
    mrn = serializers.CharField(help_text="Medical record number; empty: none.")
    gender = serializers.CharField(help_text="FHIR AdministrativeGender; empty: not stated.")
    deceased = serializers.BooleanField(help_text="Whether the patient is known to have died.")
    deceased_date = serializers.CharField(help_text="When, as far as it is stated; empty: not stated.")
    location = serializers.CharField(help_text="Where the patient is now, during a stay; empty: not in the house.")
    stay_since = serializers.DateTimeField(allow_null=True, help_text="Since when, during a stay.")
    restricted = serializers.BooleanField(help_text="Whether a restriction is in force on the record.")
    looks_like_another = serializers.BooleanField(help_text="Whether somebody else on this list has a similar name.")
    group = serializers.ChoiceField(
        choices=["found", "recent", "in-house", "newest"], help_text="Why the patient is on the list."
    )


class PatientHits(serializers.Serializer[Any]):
    """The patients that match and that whoever asks may find, best first."""

    items = PatientHit(many=True, source="hits")
    more = serializers.BooleanField(help_text="Whether others match too: ask more precisely.")
