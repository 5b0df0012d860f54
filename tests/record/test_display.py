"""Pure parts of the Summary: words, flags, panels."""

from decimal import Decimal

import pytest

from ehr.record.selectors.flags import Range, flag
from ehr.record.selectors.panels import place, short_name
from ehr.record.selectors.words import DrugName, allergen, drug_name, plain_term


@pytest.mark.parametrize(
    ("display", "shown"),
    [
        ("Hypertension (disorder)", "Hypertension"),
        ("Prediabetes", "Prediabetes"),
        ("Not detected (qualifier value)", "Not detected"),
        ("Fracture (left)", "Fracture (left)"),
    ],
)
def test_terms_lose_what_only_a_machine_needs(display: str, shown: str) -> None:
    assert plain_term(display) == shown


@pytest.mark.parametrize(
    ("display", "shown"),
    [("Allergy to peanuts (finding)", "Peanuts"), ("Latex", "Latex"), ("Shellfish allergy", "Shellfish allergy")],
)
def test_an_allergen(display: str, shown: str) -> None:
    assert allergen(display) == shown


@pytest.mark.parametrize(
    ("display", "name"),
    [
        ("Heparin", DrugName("heparin")),
        ("metFORMIN", DrugName("metFORMIN")),
        ("Acetaminophen 325 MG Oral Tablet", DrugName("acetaminophen", "325 mg oral tablet")),
        ("Naproxen sodium 220 MG Oral Tablet [Aleve]", DrugName("naproxen sodium", "220 mg oral tablet", "ALEVE")),
        ("Insulin glargine [Lantus]", DrugName("insulin glargine", "", "LANTUS")),
        ("Sodium chloride 0.9%", DrugName("sodium chloride", "0.9%")),
        (
            "Amoxicillin 250 MG / Clavulanate 125 MG Oral Tablet",
            DrugName("amoxicillin", "250 mg / clavulanate 125 mg oral tablet"),
        ),
        ("24 HR Metformin 500 MG", DrugName("24 HR metformin", "500 mg")),
        ("", DrugName("")),
    ],
)
def test_a_drug_name_in_parts(display: str, name: DrugName) -> None:
    assert drug_name(display) == name


NORMAL = Range(Decimal("3.5"), Decimal("5.1"))


@pytest.mark.parametrize(
    ("interpretation", "value", "comparator", "reference", "letter"),
    [
        ("H", "4", "", NORMAL, "H"),  # the laboratory's word counts before our arithmetic
        ("N", "9", "", NORMAL, None),
        ("HH", "6.1", "", None, "HH"),
        ("LL", None, "", None, "LL"),
        ("A", None, "", None, "A"),
        ("", "5.1", "", NORMAL, None),
        ("", "5.2", "", NORMAL, "H"),
        ("", "3.4", "", NORMAL, "L"),
        ("", "3.5", "", NORMAL, None),
        ("", "6", "<", NORMAL, None),  # less than 6 may be anything
        ("", "3", "<", NORMAL, "L"),
        ("", "6", ">", NORMAL, "H"),
        ("", "3", ">", NORMAL, None),
        ("", "9", "", Range(None, Decimal(5)), "H"),
        ("", "9", "", Range(Decimal(5), None), None),
        ("", "9", "", None, None),
        ("", None, "", NORMAL, None),
    ],
)
def test_flags(
    interpretation: str, value: str | None, comparator: str, reference: Range | None, letter: str | None
) -> None:
    found = flag(
        interpretation=interpretation,
        value=Decimal(value) if value else None,
        comparator=comparator,
        reference=reference,
    )
    assert (found.letter if found else None) == letter


def test_a_test_we_know_stands_in_its_panel() -> None:
    assert (place("2823-3").panel, place("2823-3").name) == ("Renal and metabolic", "Potassium")
    assert (place("0").panel, place("0").name) == ("Other tests", "")


@pytest.mark.parametrize(
    ("display", "shown"),
    [
        ("Leukocytes [#/volume] in Blood by Automated count", "Leukocytes, Blood"),
        ("Glucose [Mass/volume] in Urine by Test strip", "Glucose, Urine"),
        ("MCV [Entitic volume] by Automated count", "MCV"),
        ("Peanut IgE Ab in Serum", "Peanut IgE Ab in Serum"),
    ],
)
def test_short_names(display: str, shown: str) -> None:
    assert short_name(display) == shown
