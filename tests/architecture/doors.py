"""Every door of the product: each URL pattern by name, with the requests that are tried on it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Door:
    """One request on one URL pattern. `public`: anybody may, signed in or not."""

    pattern: str
    method: str
    path: str
    data: dict[str, str] = field(default_factory=dict)
    public: bool = False
    note: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.path}{f' ({self.note})' if self.note else ''}"


# Patients of the matrix: one ordinary, one restricted, one who is the patient user's own, and nobody.
DOORS = [
    Door("healthz", "GET", "/healthz", public=True),
    Door("readyz", "GET", "/readyz", public=True),
    Door("metrics", "GET", "/metrics"),
    Door("account_login", "GET", "/accounts/login/", public=True),
    Door("account_logout", "POST", "/accounts/logout/", public=True),
    Door("oauth_token", "POST", "/oauth/token", public=True, note="refuses whoever names no client"),
    Door("ui:appearance", "POST", "/appearance", {"theme": "dark"}, public=True),
    Door("administration:home", "GET", "/"),
    Door("administration:patients", "GET", "/patients/"),
    Door("administration:patients", "GET", "/patients/?q=matrix"),
    Door("record:summary", "GET", "/patients/ordinary/"),
    Door("record:summary", "GET", "/patients/restricted/"),
    Door("record:summary", "GET", "/patients/own/"),
    Door("record:summary", "GET", "/patients/nobody/"),
    Door("record:emergency", "POST", "/patients/restricted/emergency", {"reason": "Found unconscious in the lobby"}),
    Door("record:emergency", "POST", "/patients/ordinary/emergency", {"reason": "Found unconscious in the lobby"}),
    Door("record:emergency", "POST", "/patients/nobody/emergency", {"reason": "Found unconscious in the lobby"}),
    Door("api:schema", "GET", "/api/v1/schema"),
    Door("api:me", "GET", "/api/v1/me"),
    Door("api:patients", "GET", "/api/v1/patients?q=matrix"),
    Door("api:codes", "GET", "/api/v1/codes?system=x&q=x", note="x is not loaded"),
    Door("api:imports", "GET", "/api/v1/imports"),
    Door("api:import", "GET", "/api/v1/imports/nobody"),
    Door("api:remainders", "GET", "/api/v1/imports/nobody/remainders"),
    Door("api:remainder", "GET", "/api/v1/imports/nobody/remainders/1"),
    Door("api:elsewhere", "GET", "/api/v1/nowhere"),
    Door("fhir:metadata", "GET", "/fhir/R4/metadata", public=True),
    Door("fhir:smart-configuration", "GET", "/fhir/R4/.well-known/smart-configuration", public=True),
    Door("fhir:base", "POST", "/fhir/R4", note="a browser's session opens no FHIR door"),
    Door("fhir:base-slash", "POST", "/fhir/R4/"),
    Door("fhir:interaction", "GET", "/fhir/R4/Patient/ordinary"),
    Door("fhir:interaction", "GET", "/fhir/R4/Patient"),
]


def pattern_names(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[str]:
    """The names of all URL patterns, with their namespaces; a pattern without a name is named by its route."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from pattern_names(entry, inner)
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name or entry.pattern}"
