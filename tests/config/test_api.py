"""GET /api/v1/schema: one OpenAPI document, complete and valid, as JSON or YAML."""

import json
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from openapi_spec_validator import OpenAPIV31SpecValidator

from ehr.config.api import document
from tests.plumbing.api_client import problem, system
from tests.plumbing.cast import Cast

Operation = dict[str, Any]


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(json.dumps(document()))
    return content


@pytest.fixture(scope="module")
def operations(schema: dict[str, Any]) -> dict[str, Operation]:
    return {f"{verb.upper()} {path}": each for path, verbs in schema["paths"].items() for verb, each in verbs.items()}


def test_it_is_valid_and_nothing_was_warned_of(schema: dict[str, Any], tmp_path: object) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", f"{tmp_path}/schema.yaml")
    assert schema["openapi"] == "3.1.1"
    assert list(OpenAPIV31SpecValidator(schema).iter_errors()) == []


def test_the_validator_sees_a_fault(schema: dict[str, Any]) -> None:
    broken = schema | {"paths": {"/x": {"get": {"responses": {"200": {}}}}}}
    assert list(OpenAPIV31SpecValidator(broken).iter_errors()) != []


MEDIA_TYPES = {
    None: "application/json",
    "application/json": "application/json",
    "application/yaml": "application/yaml",
    "application/vnd.oai.openapi+json": "application/vnd.oai.openapi+json",
    "application/vnd.oai.openapi": "application/vnd.oai.openapi",
}


@pytest.mark.parametrize("accept", MEDIA_TYPES)
def test_it_comes_as_json_or_yaml(cast: Cast, schema: dict[str, Any], accept: str | None) -> None:
    headers = {"accept": accept} if accept else {}
    answer = cast.outsider.browser().get("/api/v1/schema", headers=headers)
    assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (200, MEDIA_TYPES[accept])
    read = json.loads if "json" in MEDIA_TYPES[accept] else yaml.safe_load
    assert read(answer.content) == schema


def test_programs_get_it_and_pages_are_not_offered(db: None) -> None:
    program = system("system/Observation.r")
    assert program.get("/api/v1/schema").status_code == 200
    assert problem(program.get("/api/v1/schema", headers={"accept": "text/html"}))["status"] == 406


def test_every_operation_says_what_it_is(operations: dict[str, Operation], schema: dict[str, Any]) -> None:
    tags = {tag["name"] for tag in schema["tags"]}
    for name, operation in operations.items():
        assert operation["summary"].endswith("."), name
        assert set(operation["tags"]) <= tags, name
        assert [p["name"] for p in operation.get("parameters", []) if not p.get("description")] == [], name
    identifiers = [operation["operationId"] for operation in operations.values()]
    assert sorted(set(identifiers)) == sorted(identifiers)


def test_every_property_says_what_it_is(schema: dict[str, Any]) -> None:
    silent = [
        f"{name}.{member}"
        for name, component in schema["components"]["schemas"].items()
        for member, content in component.get("properties", {}).items()
        if "description" not in content and not _is_described_elsewhere(content)
    ]
    assert silent == []


def _is_described_elsewhere(content: dict[str, Any]) -> bool:
    """A reference to a schema, or a list of such."""
    return "$ref" in content or "$ref" in content.get("items", {})


def test_every_refusal_is_a_problem(operations: dict[str, Operation]) -> None:
    for name, operation in operations.items():
        responses = operation["responses"]
        assert {"200", "400", "401", "406", "500", "503"} <= set(responses), name
        assert ("404" in responses) == ("{" in name), name
        for status, response in responses.items():
            if status != "200":
                content = response["content"]["application/problem+json"]["schema"]
                assert (list(response["content"]), content) == (
                    ["application/problem+json"],
                    {"$ref": "#/components/schemas/Problem"},
                ), (name, status)


def test_security_says_what_each_operation_asks_for(operations: dict[str, Operation], schema: dict[str, Any]) -> None:
    assert {name: operation["security"][0]["client"] for name, operation in operations.items()} == {
        "GET /api/v1/codes": ["system/CodeSystem.s"],
        "GET /api/v1/imports": ["system/*.r"],
        "GET /api/v1/imports/{source}": ["system/*.r"],
        "GET /api/v1/imports/{source}/remainders": ["system/*.r"],
        "GET /api/v1/imports/{source}/remainders/{number}": ["system/*.r"],
        "GET /api/v1/me": [],
        "GET /api/v1/patients": ["system/Patient.s"],
        "GET /api/v1/schema": [],
    }
    assert {tuple(map(str, operation["security"][1:])) for operation in operations.values()} == {("{'session': []}",)}
    schemes = schema["components"]["securitySchemes"]
    used = {scope for operation in operations.values() for scope in operation["security"][0]["client"]}
    assert set(schemes["client"]["flows"]["clientCredentials"]["scopes"]) == used
    assert schemes["session"]["name"] == "sessionid"
