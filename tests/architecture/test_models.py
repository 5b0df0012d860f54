"""Every model says what it is in the language of the standards."""

import inspect
import re

import pytest
from django.apps import apps
from django.db.models import Model

OURS = [model for model in apps.get_models() if model.__module__.startswith("ehr.")]
FIRST_LINE = re.compile(r"(FHIR [A-Z]\w+|No FHIR resource\b|Any FHIR R4 resource\b)(.*)", re.DOTALL)


def first_line(model: type) -> str:
    """The first line of the docstring; "" without one."""
    return (inspect.getdoc(model) or "").partition("\n")[0]


def names_its_standard(line: str) -> bool:
    """ "FHIR Specimen; HL7 v2 SPM." or "No FHIR resource; why" """
    found = FIRST_LINE.fullmatch(line)
    return bool(found and (not found[1].startswith("No ") or len(found[2].strip(" ;:,.")) > 10))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("FHIR Specimen; HL7 v2 SPM.", True),
        ("No FHIR resource; an OAuth 2 client (RFC 6749 section 2).", True),
        ("No FHIR resource.", False),
        ("A specimen that was drawn.", False),
        ("", False),
    ],
)
def test_rule_tells_good_from_bad(line: str, expected: bool) -> None:  # noqa: FBT001 - a table of cases
    assert names_its_standard(line) is expected


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_docstring_begins_with_the_standard(model: type[Model]) -> None:
    assert names_its_standard(first_line(model)), f"{model._meta.label}: {first_line(model)!r}"
