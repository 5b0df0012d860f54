"""Every expression that HL7 wrote into the definitions compiles; and agrees with another implementation on real resources."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import fhirpathpy
import pytest
from fhirpathpy.models import models

from ehr.fhir.definitions import definitions
from ehr.fhir.definitions.profiles import Constraint, profiles
from ehr.fhir.fhirpath import FHIRPathSyntaxError, NotSupported, compile_expression
from ehr.lib.json import encode
from tests.fhir.inputs import needs_synthea, needs_us_core_examples, synthea, us_core_examples

UNKNOWN_TO_ORACLE = {
    "bdl-3": "%resource is not defined there",
    "bdl-4": "%resource is not defined there",
    "bdl-10": "hasValue() is not implemented there",
    "dom-3": "%resource is not defined there",
    "obs-7": "%resource is not defined there",
}
REFUSED_BY_ORACLE = "Expected singleton on left side of 'as'"
"""R4's own search parameters use ``as`` on several values, ``Observation.component.value as Quantity``; we filter by type."""
DIFFERS_FROM_ORACLE = {
    (
        "QuestionnaireResponse",
        "questionnaire",
    ): "a primitive with extensions and no value is a node for us, as 6.1 of FHIR's FHIRPath says",
}


def invariants() -> Iterator[str]:
    for type_ in definitions().types.values():
        yield from (rule.expression for rule in type_.invariants)
        yield from (rule.expression for element in type_.elements for rule in element.invariants)


def of_profile(constraint: Constraint) -> Iterator[str]:
    yield from (rule.expression for rule in constraint.invariants)
    slices = [one for _, one in constraint.slicing.slices] if constraint.slicing else []
    for inner in (*constraint.children, *slices):
        yield from of_profile(inner)


def search_expressions() -> Iterator[str]:
    for parameter in definitions().search_parameters:
        yield from [parameter.expression] if parameter.expression else []
        yield from (part.expression for part in parameter.components)


def refused(expressions: set[str]) -> list[str]:
    found = []
    for expression in sorted(expressions):
        try:
            compile_expression(expression)
        except (FHIRPathSyntaxError, NotSupported) as fault:
            found.append(f"{expression}: {fault}")
    return found


def test_every_invariant_of_r4_compiles() -> None:
    expressions = set(invariants())
    assert len(expressions) == 197
    assert refused(expressions) == []


def test_every_invariant_of_the_profiles_compiles() -> None:
    expressions = {text for profile in profiles().profiles.values() for text in of_profile(profile.root)}
    assert len(expressions) > 5
    assert refused(expressions) == []


def test_every_search_parameter_compiles() -> None:
    expressions = set(search_expressions())
    assert len(expressions) > 1000
    assert refused(expressions) == []


def test_parameters_without_an_expression_are_those_that_fhir_defines_in_words() -> None:
    assert [one.code for one in definitions().search_parameters if not one.expression] == [
        "_text",
        "_content",
        "_query",
    ]


def samples() -> dict[str, list[dict[str, Any]]]:
    """Twelve Synthea resources and twelve US Core examples of each type."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for resource in (*synthea("v2.7-uscore", files=3), *synthea("bulk-ndjson-2025-partial")):
        if len(found[resource["resourceType"]]) < 12:
            found[resource["resourceType"]].append(resource)
    for _, resource in us_core_examples():
        if len(found[resource["resourceType"]]) < 24:
            found[resource["resourceType"]].append(resource)
    return found


def plain(value: Any) -> Any:
    """A value as Python's json reads it, which is what the oracle works on."""
    return json.loads(encode({"value": value}))["value"]


def expressions_of(type_: str) -> Iterator[tuple[str, str]]:
    for rule in definitions().types[type_].invariants:
        if rule.key not in UNKNOWN_TO_ORACLE:
            yield rule.key, rule.expression
    for parameter in definitions().search_parameters:
        if type_ in parameter.bases and parameter.expression and "resolve()" not in parameter.expression:
            yield parameter.code, parameter.expression


def asked(oracle: Callable[[Any], list[Any]], resource: dict[str, Any]) -> list[Any] | None:
    """What the oracle gives; None for what it refuses where R4 means a filter."""
    try:
        return [plain(value) for value in oracle(plain(resource))]
    except ValueError as refusal:
        if REFUSED_BY_ORACLE in str(refusal):
            return None
        raise


@needs_synthea
@needs_us_core_examples
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # fhirpathpy's own
def test_real_resources_give_what_fhirpathpy_gives() -> None:
    different, compared = [], 0
    for type_, resources in sorted(samples().items()):
        for name, expression in expressions_of(type_):
            oracle, ours = fhirpathpy.compile(expression, models["r4"]), compile_expression(expression)
            for resource in resources:
                expected = asked(oracle, resource)
                if expected is None:
                    continue
                compared += 1
                found = [plain(value) for value, _ in ours(resource)]
                if found != expected and (type_, name) not in DIFFERS_FROM_ORACLE:
                    different.append(f"{type_}/{resource['id']} {name}: {expression}")
    assert different == []
    assert compared > 5000


@needs_us_core_examples
def test_the_difference_from_the_oracle_is_the_one_that_is_written_down() -> None:
    shown = [
        compile_expression("QuestionnaireResponse.questionnaire")(resource)
        for _, resource in us_core_examples()
        if resource["resourceType"] == "QuestionnaireResponse" and "questionnaire" not in resource
    ]
    assert [(None, "canonical")] in shown
