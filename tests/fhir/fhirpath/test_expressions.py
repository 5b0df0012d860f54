"""FHIRPath by the specification (http://hl7.org/fhirpath/N1): what each expression gives on one patient."""

from decimal import Decimal
from typing import Any

import pytest

from ehr.fhir.fhirpath import FHIRPathSyntaxError, NotSupported, Scope, compile_expression, compiled, navigation
from ehr.lib.json import decode

PATIENT = decode(b"""{
  "resourceType": "Patient", "id": "p1", "active": true, "gender": "female", "birthDate": "1957-03",
  "_birthDate": {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/patient-birthTime", "valueDateTime": "1957-03-14T08:30:00Z"}]},
  "deceasedDateTime": "2026-01-02T03:04:05+01:00",
  "name": [{"use": "official", "family": "Okafor", "given": ["Ada", null], "_given": [null, {"id": "second"}]},
           {"use": "maiden", "family": "Eze", "given": ["Ada"]}],
  "multipleBirthInteger": 2,
  "contained": [{"resourceType": "Organization", "id": "org", "name": "Clinic"}],
  "managingOrganization": {"reference": "#org"},
  "generalPractitioner": [{"reference": "Practitioner/7/_history/3"}, {"reference": "https://elsewhere.example/fhir/Organization/9"},
                          {"reference": "urn:uuid:0e6bd0e0-5f6b-4f2b-8d5c-0a4c0d5f2f11", "type": "PractitionerRole"}, {"display": "Dr. Who"}],
  "extension": [{"url": "http://example.org/weight", "valueQuantity": {"value": 70.50, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"}},
                {"url": "http://example.org/note", "valueString": "late"}]
}""")


def values(expression: str, resource: dict[str, Any] = PATIENT) -> list[Any]:
    return [value for value, _ in compile_expression(expression)(resource)]


def types(expression: str) -> list[str]:
    return [kind for _, kind in compile_expression(expression)(PATIENT)]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("Patient.name.given", ["Ada", None, "Ada"]),
        ("name.where(use = 'official').family", ["Okafor"]),
        ("name[1].family", ["Eze"]),
        ("name[5].family", []),
        ("Observation.code", []),
        ("Resource.id", ["p1"]),
        ("DomainResource.contained.name", ["Clinic"]),
        ("deceased", ["2026-01-02T03:04:05+01:00"]),
        ("deceasedDateTime", ["2026-01-02T03:04:05+01:00"]),
        ("deceased as boolean", []),
        ("deceased.ofType(dateTime)", ["2026-01-02T03:04:05+01:00"]),
        ("multipleBirth is integer", [True]),
        ("multipleBirth is Quantity", [False]),
        ("gender is string", [True]),
        ("gender is FHIR.code", [True]),
        ("gender is System.String", [True]),
        ("$this is DomainResource", [True]),
        ("$this is Observation", [False]),
        (
            "extension.value as Quantity",
            [{"value": Decimal("70.50"), "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"}],
        ),
        ("extension('http://example.org/note').value", ["late"]),
        ("extension('http://example.org/none').value", []),
        (
            "birthDate.extension('http://hl7.org/fhir/StructureDefinition/patient-birthTime').value",
            ["1957-03-14T08:30:00Z"],
        ),
        ("name.given[1].id", ["second"]),
        ("name.given.where(hasValue().not()).id", ["second"]),
        ("`name`.`family`", ["Okafor", "Eze"]),
        ("nothing.of.the.sort", []),
    ],
)
def test_navigation(expression: str, expected: list[Any]) -> None:
    assert values(expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("true and {}", []), ("false and {}", [False]), ("{} and false", [False]), ("{} and {}", []), ("true and true", [True]),
        ("true or {}", [True]), ("{} or true", [True]), ("false or {}", []), ("false or false", [False]),
        ("true xor {}", []), ("true xor false", [True]), ("true xor true", [False]),
        ("false implies {}", [True]), ("true implies {}", []), ("{} implies true", [True]), ("{} implies false", []),
        ("true implies false", [False]),
        ("{}.not()", []), ("false.not()", [True]),
        ("'a' and true", [True]),
        ("{} = 1", []), ("1 = {}", []), ("1 != {}", []), ("{} < 1", []), ("(1 | 2) = 1", [False]),
        ("{} ~ {}", [True]), ("1 ~ {}", [False]), ("1 !~ {}", [True]),
    ],
)  # fmt: skip
def test_logic_with_three_values(expression: str, expected: list[Any]) -> None:
    assert values(expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 = 1.0", [True]), ("'1' = 1", [False]), ("true = 1", [False]), ("1 + 2 * 3", [7]), ("(1 + 2) * 3", [9]), ("-1 + 3", [2]),
        ("7 div 2", [3]), ("7 mod 2", [1]), ("7 / 2", [Decimal("3.5")]), ("1 / 0", []), ("1 div 0", []), ("1 mod 0", []), ("2 - 5", [-3]),
        ("'a' + 'b'", ["ab"]), ("'a' + {}", []), ("'a' & {}", ["a"]), ("1 < 1.5", [True]), ("'b' > 'a'", [True]), ("2 >= 2", [True]),
        ("1 <= 'a'", []),
        ("'it''s'.length()", None), (r"'it\'s'", ["it's"]), (r"'A\n'", ["A\n"]), ("1 in (1 | 2)", [True]), ("3 in (1 | 2)", [False]),
        ("{} in (1 | 2)", []), ("(1 | 2) contains 2", [True]), ("(1 | 1 | 2).count()", [2]),
        ("@2026-01 < @2026-02-01", [True]), ("@2026-01 < @2026-01-15", []), ("@2026-01-15 = @2026-01", []),
        ("@2026-01-15 = @2026-02", [False]), ("@2026-01-15T10:00:00Z = @2026-01-15T11:00:00+01:00", [True]),
        ("@T10:00:00 < @T11:00:00", [True]),
        ("birthDate < @1957-04-01", [True]), ("birthDate < @1957-03-14", []), ("birthDate > today()", [False]),
        ("deceased < now()", [True]),
    ],
)  # fmt: skip
def test_operators(expression: str, expected: list[Any] | None) -> None:
    if expected is None:
        with pytest.raises(FHIRPathSyntaxError):
            compile_expression(expression)
    else:
        assert values(expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("name.exists()", [True]), ("photo.exists()", [False]), ("name.exists(use = 'old')", [False]), ("name.empty()", [False]),
        ("name.all(given.exists())", [True]), ("name.all(use = 'official')", [False]), ("photo.all(false)", [True]),
        ("name.use.first()", ["official"]), ("name.use.last()", ["maiden"]), ("name.use.tail()", ["maiden"]), ("name.use.skip(1)", ["maiden"]),
        ("name.use.take(1)", ["official"]), ("name.select(family & '!')", ["Okafor!", "Eze!"]), ("name.count()", [2]),
        ("name.family.isDistinct()", [True]), ("name.given.where($this = 'Ada').isDistinct()", [False]),
        ("name.given.where($this = 'Ada').distinct()", ["Ada"]), ("name.use.combine(name.use).count()", [4]),
        ("name.use.union(name.use)", ["official", "maiden"]), ("name.use.intersect('maiden')", ["maiden"]),
        ("name.use.exclude('maiden')", ["official"]), ("('maiden').subsetOf(name.use)", [True]), ("name.use.supersetOf('old')", [False]),
        ("name.select($index)", [0, 1]), ("(true | false).allTrue()", [False]), ("(true | false).anyFalse()", [True]),
        ("(false).allFalse()", [True]), ("(true | false).anyTrue()", [True]),
        ("iif(active, 'yes', 'no')", ["yes"]), ("iif({}, 'yes')", []), ("gender.trace('gender')", ["female"]),
        ("gender.startsWith('fem')", [True]), ("gender.endsWith('x')", [False]), ("gender.contains('mal')", [True]),
        ("gender.matches('^f.*e$')", [True]), ("gender.matches('em')", [True]), ("gender.upper()", ["FEMALE"]), ("'A'.lower()", ["a"]),
        ("gender.substring(2)", ["male"]), ("gender.substring(2, 2)", ["ma"]), ("gender.substring(9)", []), ("gender.length()", [6]),
        ("gender.replace('fe', '')", ["male"]), ("gender.replaceMatches('^fe', '')", ["male"]), ("gender.indexOf('male')", [2]),
        ("'12'.toInteger()", [12]), ("'x'.toInteger()", []), ("'1.50'.toDecimal()", [Decimal("1.50")]), ("'yes'.toBoolean()", [True]),
        ("'N'.toBoolean()", [False]), ("'maybe'.toBoolean()", []), ("active.toString()", ["true"]), ("gender.getValue()", ["female"]),
        ("name.single()", []), ("active.hasValue()", [True]), ("photo.hasValue()", [False]),
        ("contained.descendants().where($this = 'Clinic')", ["Clinic"]), ("contained.children().count()", [2]),
        ("managingOrganization.resolve().name", ["Clinic"]), ("generalPractitioner.where(resolve() is Practitioner).reference", ["Practitioner/7/_history/3"]),
        ("generalPractitioner.where(resolve() is PractitionerRole).type", ["PractitionerRole"]),
        ("generalPractitioner.resolve().id", ["7", "9", "urn:uuid:0e6bd0e0-5f6b-4f2b-8d5c-0a4c0d5f2f11"]),
        ("repeat(contained).id", ["org"]), ("%resource.id", ["p1"]), ("%ucum", ["http://unitsofmeasure.org"]),
    ],
)  # fmt: skip
def test_functions(expression: str, expected: list[Any]) -> None:
    assert values(expression) == expected


def test_a_result_carries_its_fhir_type() -> None:
    assert types("name | birthDate | multipleBirth | extension.value | contained | managingOrganization") == [
        "HumanName", "HumanName", "date", "integer", "Quantity", "string", "Organization", "Reference",
    ]  # fmt: skip


def test_an_argument_is_relative_to_the_context_of_the_call_and_not_to_its_input() -> None:
    assert values("name.family.combine(gender)") == ["Okafor", "Eze", "female"]
    assert values("name.where(family.startsWith(use.substring(0, 0)))") == PATIENT["name"]
    assert values("name.family.where($this.startsWith('E'))") == ["Eze"]
    assert values("id.combine($this.gender)") == ["p1", "female"]


def test_context_is_the_node_an_expression_starts_from_and_resource_the_resource_around_it() -> None:
    root = navigation.root(PATIENT)
    name = (PATIENT["name"][1], "HumanName", None)
    evaluate = compiled("use.where(%context.family = 'Eze').select(%resource.id)")
    assert [value for value, *_ in evaluate(Scope(root, root), (name,))] == ["p1"]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("1 g", "1000 mg", "="),
        ("1 g", "999 mg", ">"),
        ("999 mg", "1 g", "<"),
        ("1 g", "1 cm", None),
        ("5 mg", "5 mg", "="),
    ],
)
def test_quantities_are_ordered_by_what_they_measure(left: str, right: str, expected: str | None) -> None:
    def quantity(text: str) -> dict[str, Any]:
        number, unit = text.split()
        return {"value": Decimal(number), "system": "http://unitsofmeasure.org", "code": unit}

    resource = {"resourceType": "Observation", "valueRange": {"low": quantity(left), "high": quantity(right)}}
    answers = {operator: values(f"value.low {operator} value.high", resource) for operator in ("<", "<=", ">", ">=")}
    outcome = {"=": (False, True, False, True), "<": (True, True, False, False), ">": (False, False, True, True)}
    assert list(answers.values()) == ([[], [], [], []] if expected is None else [[one] for one in outcome[expected]])


@pytest.mark.parametrize(
    "expression",
    ["", "name.", "name(", "name[0", "(name", "'open", "a = = b", "name family", "1 +", "name.where(use = 'x'", "^"],
)
def test_what_is_not_fhirpath_is_refused(expression: str) -> None:
    with pytest.raises(FHIRPathSyntaxError):
        compile_expression(expression)


@pytest.mark.parametrize(
    "expression", ["memberOf('x')", "conformsTo('x')", "name.nonsense()", "%unknown", "name.first(1)"]
)
def test_what_is_not_supported_is_said_when_compiling(expression: str) -> None:
    with pytest.raises(NotSupported):
        compile_expression(expression)
