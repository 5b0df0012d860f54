"""Imports and what they left, as /api/v1 tells them."""

from typing import Any

from rest_framework import serializers

from ehr.access.endpoints import AFTER, PageQuestion

NEXT = "The next page; null on the last one."


class ImportQuestion(PageQuestion):
    """Which of the sources."""

    after = serializers.CharField(required=False, max_length=1000, help_text=AFTER)


class RemainderQuestion(PageQuestion):
    """Which of the remainders."""

    after = serializers.IntegerField(default=0, min_value=0, max_value=2**63 - 1, help_text=AFTER)
    status = serializers.ChoiceField(
        required=False, choices=["parked", "refused"], help_text="Only those parked, or only those refused."
    )


class ImportSummaryContent(serializers.Serializer[Any]):
    """What all imports of one source came to."""

    source = serializers.CharField(  # type: ignore[assignment] # fields are taken off the class by its metaclass
        help_text="The name that `import_fhir --source` gave."
    )
    began_at = serializers.DateTimeField(help_text="When the first part of it was done.")
    last_at = serializers.DateTimeField(help_text="When the last part of it was done.")
    read = serializers.IntegerField(help_text="Different resources that were read.")
    stored = serializers.IntegerField(help_text="Those of them that are in the record.")
    parked = serializers.IntegerField(help_text="Those that wait for what they refer to.")
    refused = serializers.IntegerField(help_text="Those that are refused, and kept.")


class ImportList(serializers.Serializer[Any]):
    """The sources that something was imported from, by name."""

    items = ImportSummaryContent(many=True)
    next = serializers.CharField(allow_null=True, help_text=NEXT)


class TypeTallyContent(serializers.Serializer[Any]):
    """What became of the resources of one type."""

    type = serializers.CharField(help_text="The type of FHIR resource; empty: it was no resource.")
    stored = serializers.IntegerField(help_text="How many are in the record.")
    parked = serializers.IntegerField(help_text="How many wait for what they refer to.")
    refused = serializers.IntegerField(help_text="How many are refused.")


class ReasonTallyContent(serializers.Serializer[Any]):
    """A reason why resources were not stored. It may quote what was refused."""

    status = serializers.ChoiceField(choices=["parked", "refused"], help_text="What became of them.")
    reason = serializers.CharField(help_text="The first reason that was given.")
    count = serializers.IntegerField(help_text="For how many resources.")


class ImportReportContent(ImportSummaryContent):
    """What all imports of one source came to, by type and by reason."""

    types = TypeTallyContent(many=True, help_text="By type of resource, in alphabetical order.")
    reasons = ReasonTallyContent(many=True, help_text="The reasons that were given most, at most 50.")


class RemainderContent(serializers.Serializer[Any]):
    """Something that an import could not store as it came."""

    id = serializers.IntegerField(source="pk", help_text="Its number.")
    place = serializers.CharField(help_text="File and line or entry where it was read.")
    type = serializers.CharField(help_text="The type of FHIR resource; empty: it was no resource.")
    status = serializers.ChoiceField(
        choices=["parked", "refused"], help_text="Parked until its references resolve, or refused."
    )
    reasons = serializers.ListField(
        child=serializers.CharField(), help_text="Why it was not stored; may quote what was refused."
    )
    recorded_at = serializers.DateTimeField(help_text="When it was first kept.")


class RemainderList(serializers.Serializer[Any]):
    """What the imports of one source left, in the order it came."""

    items = RemainderContent(many=True)
    next = serializers.CharField(allow_null=True, help_text=NEXT)


class RemainderDetail(RemainderContent):
    """Something that an import could not store as it came, with what it holds."""

    content = serializers.CharField(help_text="The text that was read: JSON, where it could be read as JSON.")
