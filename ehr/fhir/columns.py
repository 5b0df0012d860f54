"""Fields that owners' projected tables share. Absent text is ""; see ehr.fhir.elements."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models


def code(choices: list[tuple[str, str]] | None = None) -> "models.TextField[str, str]":
    """A code, verbatim from FHIR; "" when absent."""
    return models.TextField(db_collation="C", choices=choices)


def codes() -> "ArrayField[list[str], list[str]]":
    """All codes of a repeating CodeableConcept."""
    return ArrayField(models.TextField(db_collation="C"))


def words() -> "models.TextField[str, str]":
    """Words to show; "" when absent."""
    return models.TextField()


def partial_date() -> "models.TextField[str, str]":
    """A date as stated ("1957-03", "2026-11-22T08:30:00Z"), or words where FHIR allows them; "" when absent."""
    return models.TextField(db_collation="C")


def instant() -> "models.DateTimeField[Any, Any]":
    """The first instant that a date covers, or the first after it; None when open or unknown."""
    return models.DateTimeField(null=True)


def target(to: str, *, indexed: bool = True) -> "models.ForeignKey[Any, Any]":
    """A resource of this store that is referred to; None when the reference has no target here."""
    return models.ForeignKey(to, models.PROTECT, null=True, related_name="+", db_index=indexed)
