"""The starter codes: what ships, under whose licence, and how it is loaded."""

import re

import pytest
from django.core.management import call_command

from ehr.access.permissions import operator
from ehr.audit.models import AuditEvent
from ehr.terminology.errors import UnreadableRelease
from ehr.terminology.models import CodeSystem, Concept
from ehr.terminology.sources.starter import read_starter, starter_releases
from ehr.terminology.starter import load_starter_codes

COUNTS = {
    "http://loinc.org": 40,
    "http://snomed.info/sct": 53,
    "http://www.nlm.nih.gov/research/umls/rxnorm": 26,
    "http://hl7.org/fhir/sid/cvx": 7,
}
LICENCES = {
    "http://loinc.org": "available at no cost under the license at http://loinc.org/license",
    "http://snomed.info/sct": "used by permission of SNOMED International",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "NLM is not responsible for the product",
    "http://hl7.org/fhir/sid/cvx": "public domain",
}
SYSTEM = '[[system]]\nurl = "http://loinc.org"\n'


def stored_counts() -> dict[str, int]:
    return {system.url: system.concepts.count() for system in CodeSystem.objects.all()}


def test_every_code_system_carries_its_licence() -> None:
    notices = {release.system.url: release.system.copyright for release in starter_releases()}
    assert {url: phrase in notices[url] for url, phrase in LICENCES.items()} == dict.fromkeys(notices, True)


def test_loinc_codes_have_their_check_digit() -> None:
    """LOINC Users' Guide: the digit after the hyphen is Luhn's (mod 10)."""
    codes = [concept.code for concept in starter_releases()[0].read()]
    assert [code for code in codes if code != f"{code[:-2]}-{luhn(code[:-2])}"] == []


def luhn(digits: str) -> int:
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits))]
    return -sum(value - 9 if value > 9 else value for value in doubled) % 10


def test_snomed_codes_have_their_check_digit() -> None:
    """SNOMED CT Release File Specification: the last digit is Verhoeff's, and 00 before it says concept."""
    codes = [concept.code for concept in starter_releases()[1].read()]
    assert [code for code in codes if verhoeff(code) != 0 or not re.fullmatch(r"\d+0\d", code)] == []


def product(a: int, b: int) -> int:
    """In the dihedral group of the pentagon: 0-4 are turns, 5-9 reflections."""
    if a < 5:
        return (a + b) % 5 if b < 5 else 5 + (a + b) % 5
    return 5 + (a - b) % 5 if b < 5 else (a - b) % 5


def verhoeff(number: str) -> int:
    first = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]
    check = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit)
        for _ in range(place % 8):
            value = first[value]
        check = product(check, value)
    return check


@pytest.mark.usefixtures("db")
def test_loads_every_code() -> None:
    load_starter_codes(actor=operator("test"))
    assert stored_counts() == COUNTS


@pytest.mark.usefixtures("db")
def test_loading_again_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_starter_codes")
    before = list(Concept.objects.order_by("id").values())
    capsys.readouterr()
    call_command("load_starter_codes")
    assert list(Concept.objects.order_by("id").values()) == before
    assert capsys.readouterr().out.splitlines() == [
        "LOINC: 40 concepts, loaded before",
        "SNOMED CT: 53 concepts, loaded before",
        "RxNorm: 26 concepts, loaded before",
        "CVX: 7 concepts, loaded before",
    ]


@pytest.mark.usefixtures("db")
def test_each_code_system_leaves_its_audit_rows() -> None:
    load_starter_codes(actor=operator("test"))
    rows = AuditEvent.objects.filter(action__startswith="terminology.").order_by("id").values_list("action", flat=True)
    assert list(rows) == ["terminology.release.begin", "terminology.release.store", "terminology.release.finish"] * 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[system]", "starter_codes.toml: Expected ']]' at the end of an array declaration (at line 1, column 9)"),
        (SYSTEM, "starter_codes.toml: a system is not one of ours, or has no codes"),
        (
            '[[system]]\nurl = "http://example.org"\ncodes = {}',
            "starter_codes.toml: a system is not one of ours, or has no codes",
        ),
        (
            f'{SYSTEM}[system.codes]\n"1" = ["a"]\n"1" = ["b"]',
            "starter_codes.toml: Cannot overwrite a value (at end of document)",
        ),
    ],
)
def test_a_broken_file_is_refused(text: str, message: str) -> None:
    with pytest.raises(UnreadableRelease) as caught:
        read_starter(text)
    assert str(caught.value) == message
