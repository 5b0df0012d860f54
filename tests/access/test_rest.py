"""GET /api/v1/me."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from tests.plumbing.api_client import system
from tests.plumbing.cast import Cast

TENANT = {"alias": "general", "name": "Parkersburg General Hospital"}
QueryCount = Callable[[int], AbstractContextManager[list[str]]]


def test_a_person_is_told_their_roles_and_permissions(cast: Cast) -> None:
    user = cast.administrator.user
    assert cast.administrator.browser().get("/api/v1/me").json() == {
        "actor": {"kind": "user", "id": str(user.pk), "name": "Y. Park"},
        "tenant": TENANT,
        "roles": [{"name": "administrator", "label": "Administrator"}],
        "permissions": sorted(
            [
                "access.manage-clients",
                "access.manage-users",
                "fhir.read-imports",
                *(
                    f"{kind}.{letter}"
                    for kind in ("Practitioner", "PractitionerRole", "Organization", "Location", "HealthcareService")
                    for letter in "crus"
                ),
            ]
        ),
    }


def test_who_holds_no_role_may_nothing(cast: Cast) -> None:
    content = cast.outsider.browser().get("/api/v1/me").json()
    assert (content["roles"], content["permissions"]) == ([], [])


def test_a_client_system_is_told_its_scope(db: None) -> None:
    content = system("system/Patient.rs").get("/api/v1/me").json()
    assert content["actor"]["name"] == "system for system/Patient.rs"
    assert (content["roles"], content["permissions"]) == ([], ["Patient.r", "Patient.s"])


@pytest.mark.parametrize("role", ["administrator", "outsider"])
def test_it_takes_as_many_statements_for_anybody(cast: Cast, query_count: QueryCount, role: str) -> None:
    """Session, user, permissions, roles."""
    browser = cast[role].browser()
    with query_count(4):
        browser.get("/api/v1/me")
