"""Rubbish at the door: a precise OperationOutcome for each, never a 500, nothing stored."""

from typing import Any

import pytest

from tests.plumbing.fhir_client import FHIRClient

pytestmark = pytest.mark.usefixtures("db")

OBSERVATION: dict[str, Any] = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"{",
        b'{"resourceType":"Patient"',
        b"[]",
        b"null",
        b"<Patient/>",
        b'\xff\xfe{"resourceType":"Patient"}',
        b'{"resourceType":"Patient","active":tru}',
        b'{"resourceType":"Patient","name":[{"family":"\xe9"}]}',
        b'{"resourceType":"Patient","x":' + b"[" * 50_000,
    ],
)
def test_what_is_no_json_is_refused(fhir: FHIRClient, body: bytes) -> None:
    answer = fhir.post("Patient", body)
    assert (answer.status, [issue[1] in ("structure", "required") for issue in answer.issues]) == (400, [True])
    assert fhir.get("Patient").resource["total"] == 0


@pytest.mark.parametrize(
    ("change", "code", "expression"),
    [
        ({"status": "finished"}, "code-invalid", "Observation.status"),
        ({"status": 1}, "value", "Observation.status"),
        ({"status": None}, "value", "Observation.status"),
        ({"status": ["final"]}, "structure", "Observation.status"),
        ({"code": []}, "structure", "Observation.code"),
        ({"code": "x"}, "structure", "Observation.code"),
        ({"code": {}}, "structure", "Observation.code"),
        ({"category": {"text": "x"}}, "structure", "Observation.category"),
        ({"category": []}, "structure", "Observation.category"),
        ({"category": [{"text": "x"}, None]}, "structure", "Observation.category[1]"),
        ({"category": [{"coding": [{"code": " "}]}]}, "value", "Observation.category[0].coding[0].code"),
        ({"effectiveDateTime": "2026-02-30"}, "value", "Observation.effectiveDateTime"),
        ({"effectiveDateTime": "22.11.2026"}, "value", "Observation.effectiveDateTime"),
        ({"effectiveDateTime": "2026-11-22T25:00:00Z"}, "value", "Observation.effectiveDateTime"),
        ({"effectivePeriod": {"start": "2026-02-01", "end": "2026-01-01"}}, "invariant", "Observation.effectivePeriod"),
        ({"valueString": "x", "valueInteger": 1}, "structure", "Observation.valueInteger"),
        ({"valueQuantity": {"value": "5"}}, "value", "Observation.valueQuantity.value"),
        ({"valueQuantity": {"value": True}}, "value", "Observation.valueQuantity.value"),
        ({"valueString": ""}, "value", "Observation.valueString"),
        ({"surprise": 1}, "structure", "Observation.surprise"),
        ({"component": [{"valueString": "x"}]}, "required", "Observation.component[0].code"),
        ({"subject": {"reference": "Patint/1"}}, "value", "Observation.subject.reference"),
        ({"subject": {"reference": "Organization/1"}}, "value", "Observation.subject.reference"),
        ({"subject": {"reference": "#x"}}, "invariant", "Observation.subject.reference"),
        ({"contained": [{"resourceType": "Patient", "id": "x"}]}, "invariant", "Observation.contained[0]"),
        ({"extension": [{"url": "u"}]}, "invariant", "Observation.extension[0]"),
        ({"extension": [{"valueString": "u"}]}, "required", "Observation.extension[0].url"),
        ({"_status": {"extension": []}}, "structure", "Observation.status.extension"),
        (
            {"text": {"status": "generated", "div": "<div><script>x</script></div>"}},
            "invariant",
            "Observation.text.div",
        ),
        ({"dataAbsentReason": {"text": "x"}, "valueString": "y"}, "invariant", "Observation"),
        ({"note": [{"text": "x" * 10, "time": "yesterday"}]}, "value", "Observation.note[0].time"),
        ({"meta": {"lastUpdated": "2026"}}, "value", "Observation.meta.lastUpdated"),
    ],
)
def test_an_invalid_resource_is_refused_at_its_place(
    fhir: FHIRClient, change: dict[str, Any], code: str, expression: str
) -> None:
    answer = fhir.post("Observation", {**OBSERVATION, **change})
    assert (answer.status, answer.issues) == (422, [("error", code, [expression])])
    assert fhir.get("Observation").resource["total"] == 0
    assert fhir.post("Observation", OBSERVATION).status == 201


def test_a_missing_element_is_named(fhir: FHIRClient) -> None:
    answer = fhir.post("Observation", {"resourceType": "Observation"})
    assert answer.issues == [("error", "required", ["Observation.status"]), ("error", "required", ["Observation.code"])]


def test_deep_nesting_is_refused(fhir: FHIRClient) -> None:
    body: dict[str, Any] = {"url": "u", "valueString": "x"}
    for _ in range(200):
        body = {"url": "u", "extension": [body]}
    answer = fhir.post("Observation", {**OBSERVATION, "extension": [body]})
    assert (answer.status, [issue[1] for issue in answer.issues]) == (422, ["too-long"])


def test_a_body_beyond_the_limit_is_refused(fhir: FHIRClient) -> None:
    answer = fhir.post("Observation", b'{"resourceType":"Observation","x":"' + b"x" * (33 * 1024 * 1024) + b'"}')
    assert (answer.status, answer.issues) == (413, [("error", "too-long", [])])


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "Nonsense/1", 404, "not-supported"),
        ("GET", "Patient/1/nonsense", 404, "not-supported"),
        ("GET", "Patient/" + "x" * 65, 400, "value"),
        ("GET", "Patient/a%20b", 400, "value"),
        ("GET", "Patient/1/_history/x", 404, "not-found"),
        ("GET", "Patient/1/_history/99999999999999999999", 404, "not-found"),
        ("GET", "Patient/absent/_history", 404, "not-found"),
        ("GET", "Patient/absent/$everything", 404, "not-found"),
        ("DELETE", "", 405, "not-supported"),
        ("POST", "Patient/1", 405, "not-supported"),
        ("TRACE", "Patient/1", 405, "not-supported"),
        ("PATCH", "Patient", 400, "required"),
        ("GET", "Patient/1?_format=xml", 406, "not-supported"),
        ("GET", "Patient/1/_history?_count=x", 400, "value"),
        ("GET", "Patient/1/_history?_since=yesterday", 400, "value"),
    ],
)
def test_a_misaddressed_request_is_refused(fhir: FHIRClient, method: str, path: str, status: int, code: str) -> None:
    answer = fhir.request(method, path)
    assert (answer.status, [issue[1] for issue in answer.issues]) == (status, [code])


def test_formats_other_than_json_are_refused(fhir: FHIRClient) -> None:
    assert fhir.request("POST", "Patient", b"<Patient/>", content_type="application/fhir+xml").status == 415
    assert fhir.get("Patient", Accept="application/fhir+xml").status == 406
    assert fhir.get("Patient", Accept="application/fhir+json;q=0.9, text/html").status == 200


def test_validate_tells_without_storing(fhir: FHIRClient) -> None:
    good = fhir.post("Observation/$validate", OBSERVATION)
    bad = fhir.post("Observation/$validate", {**OBSERVATION, "status": "x"})
    wrapped = fhir.post(
        "Observation/$validate",
        {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": {**OBSERVATION, "status": "x"}}]},
    )
    assert [answer.status for answer in (good, bad, wrapped)] == [200, 200, 200]
    assert [issue[0] for issue in good.issues if issue[0] == "error"] == []
    assert bad.issues[0] == wrapped.issues[0] == ("error", "code-invalid", ["Observation.status"])
    assert fhir.get("Observation").resource["total"] == 0


def test_an_unknown_parameter_is_a_warning_or_when_asked_an_error(fhir: FHIRClient) -> None:
    lenient = fhir.get("Patient?favourite-colour=red")
    strict = fhir.get("Patient?favourite-colour=red", prefer="handling=strict")
    outcome = lenient.resource["entry"][0]
    assert (lenient.status, outcome["search"]["mode"], outcome["resource"]["issue"][0]["severity"]) == (
        200,
        "outcome",
        "warning",
    )
    assert (strict.status, [issue[0] for issue in strict.issues]) == (400, ["error"])


def test_the_capability_statement_is_open_and_says_what_is_there(anonymous_fhir: FHIRClient) -> None:
    statement = anonymous_fhir.get("metadata").resource
    rest = statement["rest"][0]
    patient = next(resource for resource in rest["resource"] if resource["type"] == "Patient")
    assert (statement["fhirVersion"], len(rest["resource"])) == ("4.0.1", 146)
    assert [operation["name"] for operation in patient["operation"]] == ["validate", "everything"]
    assert anonymous_fhir.get(".well-known/smart-configuration").status == 200
    assert anonymous_fhir.post("metadata", b"{}").status == 405
