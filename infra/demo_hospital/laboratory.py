"""The laboratory's tests with their adult reference ranges, and the panels they are reported in."""

from dataclasses import dataclass
from decimal import Decimal

from infra.demo_hospital.codes import Code, loinc


@dataclass(frozen=True, slots=True)
class Assay:
    """A test: what it is called on a results grid, its unit, the range [low, high] and the limits to call at."""

    code: Code
    name: str
    unit: str
    ucum: str
    low: str | None
    high: str | None
    call_below: str | None = None
    call_from: str | None = None

    def flag(self, value: Decimal) -> str:
        """The interpretation of HL7's ObservationInterpretation: LL, L, N, H or HH."""
        if self.call_below is not None and value < Decimal(self.call_below):
            return "LL"
        if self.call_from is not None and value >= Decimal(self.call_from):
            return "HH"
        if self.low is not None and value < Decimal(self.low):
            return "L"
        if self.high is not None and value > Decimal(self.high):
            return "H"
        return "N"


@dataclass(frozen=True, slots=True)
class Panel:
    """Tests that are ordered and reported together."""

    code: Code
    name: str
    assays: tuple[str, ...]


ASSAYS = {
    "potassium": Assay(
        loinc("2823-3", "Potassium [Moles/volume] in Serum or Plasma"),
        "Potassium", "mmol/L", "mmol/L", "3.5", "5.1", "2.8", "6.0",
    ),
    "creatinine": Assay(
        loinc("2160-0", "Creatinine [Mass/volume] in Serum or Plasma"), "Creatinine", "mg/dL", "mg/dL", "0.55", "1.02",
    ),
    "urea nitrogen": Assay(
        loinc("3094-0", "Urea nitrogen [Mass/volume] in Serum or Plasma"), "Urea nitrogen", "mg/dL", "mg/dL", "8", "23",
    ),
    "sodium": Assay(
        loinc("2951-2", "Sodium [Moles/volume] in Serum or Plasma"),
        "Sodium", "mmol/L", "mmol/L", "136", "145", "120", "160",
    ),
    "bicarbonate": Assay(
        loinc("1963-8", "Bicarbonate [Moles/volume] in Serum or Plasma"), "Bicarbonate", "mmol/L", "mmol/L", "22", "29",
    ),
    "glucose": Assay(
        loinc("2345-7", "Glucose [Mass/volume] in Serum or Plasma"),
        "Glucose", "mg/dL", "mg/dL", "74", "106", "50", "450",
    ),
    "white cells": Assay(
        loinc("6690-2", "Leukocytes [#/volume] in Blood by Automated count"),
        "White cells", "10³/µL", "10*3/uL", "4", "10",
    ),
    "hemoglobin": Assay(
        loinc("718-7", "Hemoglobin [Mass/volume] in Blood"), "Hemoglobin", "g/dL", "g/dL", "11.7", "15.7", "7.0",
    ),
    "platelets": Assay(
        loinc("777-3", "Platelets [#/volume] in Blood by Automated count"),
        "Platelets", "10³/µL", "10*3/uL", "150", "400", "20",
    ),
    "CRP": Assay(
        loinc("1988-5", "C reactive protein [Mass/volume] in Serum or Plasma"),
        "C-reactive protein", "mg/L", "mg/L", "0", "5",
    ),
    "lactate": Assay(
        loinc("2524-7", "Lactate [Moles/volume] in Serum or Plasma"),
        "Lactate", "mmol/L", "mmol/L", "0.5", "2", None, "4",
    ),
    "troponin": Assay(
        loinc("89579-7", "Troponin I.cardiac [Mass/volume] in Serum or Plasma by High sensitivity method"),
        "Troponin I", "ng/L", "ng/L", "0", "20", None, "100",
    ),
    "NT-proBNP": Assay(
        loinc("33762-6", "Natriuretic peptide.B prohormone N-Terminal [Mass/volume] in Serum or Plasma"),
        "NT-proBNP", "pg/mL", "pg/mL", "0", "300",
    ),
    "magnesium": Assay(
        loinc("19123-9", "Magnesium [Mass/volume] in Serum or Plasma"), "Magnesium", "mg/dL", "mg/dL", "1.6", "2.6",
    ),
    "INR": Assay(
        loinc("6301-6", "INR in Platelet poor plasma by Coagulation assay"),
        "INR", "", "{INR}", "0.8", "1.2", None, "5.0",
    ),
    "ALT": Assay(
        loinc("1742-6", "Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma"),
        "ALT", "U/L", "U/L", "7", "40",
    ),
    "A1c": Assay(
        loinc("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood"), "Hemoglobin A1c", "%", "%", "4.0", "5.6",
    ),
    "TSH": Assay(
        loinc("3016-3", "Thyrotropin [Units/volume] in Serum or Plasma"), "TSH", "mIU/L", "m[IU]/L", "0.4", "4.0",
    ),
}  # fmt: skip

STUDIES = loinc("26436-6", "Laboratory studies (set)")

PANELS = (
    Panel(
        loinc("24321-2", "Basic metabolic 2000 panel - Serum or Plasma"),
        "Renal and metabolic",
        ("potassium", "creatinine", "urea nitrogen", "sodium", "bicarbonate", "glucose"),
    ),
    Panel(
        loinc("58410-2", "CBC panel - Blood by Automated count"),
        "Hematology",
        ("white cells", "hemoglobin", "platelets"),
    ),
    Panel(STUDIES, "Inflammation and perfusion", ("CRP", "lactate")),
    Panel(STUDIES, "Cardiac", ("troponin", "NT-proBNP", "magnesium")),
    Panel(STUDIES, "Coagulation and liver", ("INR", "ALT")),
    Panel(STUDIES, "Endocrine", ("A1c", "TSH")),
)
