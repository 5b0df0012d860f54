"""Resources of others: all of the shared Synthea sets, and US Core's own examples."""

from collections import Counter

from ehr.fhir.validation import validate
from tests.fhir.inputs import needs_synthea, needs_us_core_examples, synthea, us_core_examples

INVALID_EXAMPLES = {
    ("diagnosticreport-cbc.json", "required", "DiagnosticReport.text.div"),  # a Narrative has a div, 1..1
}
"""Examples of US Core that break FHIR R4 itself."""

LATER_US_CORE = {
    ("patient-child-example.json", "required", "Patient.gender"),
    ("patient-deceased-example.json", "required", "Patient.gender"),
    ("patient-example.json", "required", "Patient.gender"),
    ("patient-infant-example.json", "required", "Patient.gender"),
}
"""Examples of a later US Core, which asks for no gender any more, held against the 5.0.1 that this product has."""


@needs_synthea
def test_every_shared_synthea_resource_is_valid_also_under_the_profiles_it_claims() -> None:
    faults: list[tuple[str, str, str]] = []
    types: Counter[str] = Counter()
    for resource in synthea():
        types[resource["resourceType"]] += 1
        faults.extend((fault.code, fault.expression, fault.diagnostics) for fault in validate(resource))
    assert faults == []
    assert (types.total(), types["Observation"], len(types)) == (88444, 38868, 25)


@needs_us_core_examples
def test_us_core_examples_are_valid_but_for_those_listed() -> None:
    found = {
        (name, fault.code, fault.expression) for name, resource in us_core_examples() for fault in validate(resource)
    }
    assert found == INVALID_EXAMPLES | LATER_US_CORE
