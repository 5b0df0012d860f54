"""A FHIR client for tests: bytes in, bytes out, number literals untouched."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.test import Client

from ehr.access.actions import register_client
from ehr.access.permissions import operator
from ehr.lib import json

BASE = "/fhir/R4"
FORM = "application/x-www-form-urlencoded"
FHIR_JSON = "application/fhir+json"
Resource = dict[str, Any]


class Answer:
    """What the server said: `status`, `headers`, `body` as bytes, `resource` decoded."""

    def __init__(self, response: HttpResponse) -> None:
        self.status = response.status_code
        self.headers = response.headers
        self.body: bytes = b"".join(response.streaming_content) if response.streaming else response.content

    @property
    def resource(self) -> Resource:
        return json.decode(self.body)

    @property
    def issues(self) -> list[tuple[str, str, list[str]]]:
        """Severity, code and expressions of each issue of an OperationOutcome."""
        assert self.resource["resourceType"] == "OperationOutcome", self.body
        return [(issue["severity"], issue["code"], issue.get("expression", [])) for issue in self.resource["issue"]]


class FHIRClient:
    """Speaks to /fhir/R4 of one tenant with one bearer token (none: anonymous).

    Headers are keywords: ``fhir.put("Patient/1", patient, if_match='W/"1"')``.
    """

    def __init__(self, token: str | None, *, host: str = "testserver") -> None:
        self.token = token
        self.host = host
        self._client = Client(raise_request_exception=True)

    def get(self, path: str, **headers: str) -> Answer:
        return self.request("GET", path, headers=headers)

    def post(self, path: str, resource: Resource | bytes | None = None, **headers: str) -> Answer:
        return self.request("POST", path, resource, headers=headers)

    def put(self, path: str, resource: Resource | bytes, **headers: str) -> Answer:
        return self.request("PUT", path, resource, headers=headers)

    def patch(
        self, path: str, body: Any, *, content_type: str = "application/json-patch+json", **headers: str
    ) -> Answer:
        return self.request("PATCH", path, body, content_type=content_type, headers=headers)

    def delete(self, path: str, **headers: str) -> Answer:
        return self.request("DELETE", path, headers=headers)

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content_type: str = FHIR_JSON,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """`path` is relative to the base: "Patient/1", "" for the base itself, "?a=b"."""
        sent = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        sent.setdefault("Accept", FHIR_JSON)
        if self.token is not None:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        separator = "/" if path and not path.startswith("?") else ""
        data = body if isinstance(body, bytes) else b"" if body is None else json.encode(body)
        response = self._client.generic(
            method, f"{BASE}{separator}{path}", data, content_type, headers={**sent, "Host": self.host}
        )
        return Answer(response)


def registered(name: str, *, scope: str, host: str = "testserver") -> FHIRClient:
    """Registers a client system at the current tenant and gets it a token from the real endpoint at `host`."""
    client = register_client(actor=operator("tests"), name=name, scope=scope)
    form = {
        "grant_type": "client_credentials",
        "scope": scope,
        "client_id": client.client.client_id,
        "client_secret": client.secret,
    }
    answer = Client(headers={"host": host}).post("/oauth/token", urlencode(form), FORM)
    assert answer.status_code == 200, answer.content
    return FHIRClient(answer.json()["access_token"], host=host)
