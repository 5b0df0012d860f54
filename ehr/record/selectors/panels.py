"""How results are grouped and named on the Summary: the tests that clinicians expect together, in their order.

Codes are LOINC's (https://loinc.org, used under its licence); names are our own short ones. A test that is not listed
stands under "Other tests" by its own name.
"""

from dataclasses import dataclass

OTHER = "Other tests"

_PANELS: tuple[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]], ...] = (
    (
        "Renal and metabolic",
        (
            ("Potassium", ("2823-3", "6298-4")),
            ("Creatinine", ("2160-0", "38483-4")),
            ("Urea nitrogen", ("3094-0", "6299-2")),
            ("Sodium", ("2951-2", "2947-0")),
            ("Bicarbonate", ("1963-8", "2028-9", "20565-8")),
            ("Chloride", ("2075-0", "2069-3")),
            ("Glucose", ("2345-7", "2339-0")),
            ("Calcium", ("17861-6", "49765-1")),
            ("Magnesium", ("19123-9",)),
            ("Phosphate", ("2777-1",)),
            ("eGFR", ("33914-3", "62238-1", "69405-9", "98979-8")),
            ("Hemoglobin A1c", ("4548-4",)),
        ),
    ),
    (
        "Hematology",
        (
            ("White cells", ("6690-2",)),
            ("Hemoglobin", ("718-7",)),
            ("Platelets", ("777-3",)),
            ("Hematocrit", ("4544-3", "20570-8")),
            ("Red cells", ("789-8",)),
            ("MCV", ("787-2",)),
            ("MCH", ("785-6",)),
            ("MCHC", ("786-4",)),
            ("RDW", ("788-0",)),
        ),
    ),
    (
        "Inflammation and perfusion",
        (
            ("C-reactive protein", ("1988-5",)),
            ("Procalcitonin", ("33959-8",)),
            ("Lactate", ("2524-7", "32693-4")),
            ("Ferritin", ("2276-4",)),
        ),
    ),
    (
        "Cardiac and coagulation",
        (
            ("Troponin I", ("89579-7", "10839-9")),
            ("NT-proBNP", ("33762-6",)),
            ("Creatine kinase", ("2157-6",)),
            ("INR", ("6301-6", "34714-6")),
            ("Prothrombin time", ("5902-2",)),
            ("D-dimer", ("48065-7", "48066-5")),
        ),
    ),
    (
        "Liver",
        (
            ("ALT", ("1742-6",)),
            ("AST", ("1920-8",)),
            ("Alkaline phosphatase", ("6768-6",)),
            ("Bilirubin, total", ("1975-2",)),
            ("Albumin", ("1751-7",)),
            ("Protein, total", ("2885-2",)),
        ),
    ),
    (
        "Lipids",
        (
            ("Cholesterol, total", ("2093-3",)),
            ("LDL cholesterol", ("18262-6", "13457-7")),
            ("HDL cholesterol", ("2085-9",)),
            ("Triglycerides", ("2571-8",)),
        ),
    ),
    (
        "Blood gas",
        (
            ("pH, arterial", ("2744-1",)),
            ("pCO₂, arterial", ("2019-8",)),
            ("pO₂, arterial", ("2703-7",)),
            ("Bicarbonate, arterial", ("1960-4",)),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a test stands: its panel, its short name ("" when it has none), and its place for sorting."""

    panel: str
    name: str
    order: tuple[int, int]


PANEL_ORDER = (*(panel for panel, _ in _PANELS), OTHER)
_BY_CODE = {
    code: Placed(panel, name, (row, column))
    for row, (panel, tests) in enumerate(_PANELS)
    for column, (name, codes) in enumerate(tests)
    for code in codes
}
_UNPLACED = Placed(OTHER, "", (len(_PANELS), 0))


def place(code: str) -> Placed:
    """Where the test with this LOINC code stands."""
    return _BY_CODE.get(code, _UNPLACED)


def short_name(display: str) -> str:
    """A LOINC name without property and method: "Leukocytes [#/volume] in Blood by …" gives "Leukocytes, Blood"."""
    analyte, bracket, rest = display.partition(" [")
    if not bracket:
        return display
    specimen = rest.partition("] in ")[2].partition(" by ")[0]
    return f"{analyte}, {specimen}" if specimen else analyte
