"""What holds at every door below /api/v1: who comes in, what may be asked, and how a refusal looks."""

import logging

import pytest
from django.db import OperationalError
from django.test import Client

from ehr.access import rest
from ehr.access.actions import deactivate_user
from ehr.access.permissions import operator
from ehr.audit.models import AuditEvent
from ehr.lib.tenancy import use_tenant
from tests.plumbing.api_client import problem, refusal, system, wrong
from tests.plumbing.cast import Cast

NOT_SIGNED_IN = refusal(401, "Unauthorized", "A bearer token is needed.")
UNKNOWN = "The access token is unknown or was revoked."


def bearer(token: str) -> Client:
    return Client(headers={"host": "testserver", "authorization": f"Bearer {token}"})


@pytest.mark.parametrize("path", ["me", "schema", "patients?q=x", "codes?q=x&unknown=1", "imports", "nowhere", ""])
def test_a_stranger_gets_401_and_learns_nothing_else(db: None, client: Client, path: str) -> None:
    answer = client.get(f"/api/v1/{path}")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="EHR"')
    assert problem(answer) == NOT_SIGNED_IN
    assert answer.cookies == {}


def test_a_session_and_a_token_open_the_same_door(cast: Cast) -> None:
    person, program = cast.physician.browser().get("/api/v1/me"), system("system/Patient.s").get("/api/v1/me")
    assert (person.status_code, program.status_code) == (200, 200)
    assert [answer.json()["actor"]["kind"] for answer in (person, program)] == ["user", "client"]


def test_a_token_that_does_not_count_is_not_made_up_for_by_a_session(cast: Cast) -> None:
    browser = cast.physician.browser()
    answer = browser.get("/api/v1/me", headers={"authorization": "Bearer abc"})
    assert problem(answer) == refusal(401, "Unauthorized", UNKNOWN)
    assert answer["WWW-Authenticate"] == f'Bearer realm="EHR", error="invalid_token", error_description="{UNKNOWN}"'
    assert browser.get("/api/v1/me").status_code == 200


def test_other_ways_to_sign_in_are_not_read(db: None) -> None:
    answer = Client(headers={"host": "testserver", "authorization": "Basic eDp5"}).get("/api/v1/me")
    assert problem(answer) == refusal(401, "Unauthorized", "The Authorization header is not a bearer token.")


def test_another_tenants_token_and_session_are_strangers(cast: Cast) -> None:
    with use_tenant("valley"):
        program = system("system/Patient.s", host="valley.testserver")
    browser = cast.physician.browser()
    assert program.get("/api/v1/me").status_code == 200
    assert program.get("/api/v1/me", headers={"host": "testserver"}).status_code == 401
    assert browser.get("/api/v1/me", headers={"host": "valley.testserver"}).status_code == 401


def test_a_session_ends_with_its_user(cast: Cast) -> None:
    browser = cast.physician.browser()
    assert browser.get("/api/v1/me").status_code == 200
    deactivate_user(actor=operator("tests"), user_id=str(cast.physician.user.pk), reason="Left")
    assert browser.get("/api/v1/me").status_code == 401


def test_what_is_not_a_read_needs_the_csrf_token_of_a_session(cast: Cast) -> None:
    """No endpoint writes yet: with the token it is told so, without it comes no further."""
    browser = Client(enforce_csrf_checks=True, headers={"host": "testserver"})
    browser.force_login(cast.physician.user, backend="ehr.access.backends.PasswordBackend")
    without = browser.post("/api/v1/me", content_type="application/json")
    assert problem(without) == refusal(403, "Forbidden", "CSRF Failed: CSRF cookie not set.")
    secret = "a" * 32
    browser.cookies["csrftoken"] = secret
    with_token = browser.post("/api/v1/me", content_type="application/json", headers={"X-CSRFToken": secret})
    assert problem(with_token) == refusal(405, "Method Not Allowed", 'Method "POST" not allowed.')
    assert with_token["Allow"] == "GET, HEAD"


def test_a_program_needs_no_csrf_token(db: None) -> None:
    answer = system("system/Patient.s").post("/api/v1/me")
    assert answer.status_code == 405


def test_a_refusal_names_the_permission_and_is_audited(cast: Cast) -> None:
    answer = cast.outsider.browser().get("/api/v1/patients?q=harris")
    assert problem(answer) == refusal(403, "Forbidden", "This needs the permission administration.search.")
    row = AuditEvent.objects.get(action="administration.patient.search")
    assert (row.outcome, row.actor_id, row.detail) == (
        "refused",
        str(cast.outsider.user.pk),
        {"permission": "administration.search"},
    )
    assert cast.physician.browser().get("/api/v1/patients?q=harris").status_code == 200


def test_a_client_system_is_held_to_its_scope(db: None) -> None:
    narrow, wide = system("system/Observation.rs"), system("system/Patient.s")
    answer = narrow.get("/api/v1/patients?q=x")
    assert problem(answer) == refusal(403, "Forbidden", "This needs the permission Patient.s.")
    assert wide.get("/api/v1/patients?q=x").status_code == 200
    assert AuditEvent.objects.get(action="administration.patient.search", outcome="refused").actor_kind == "client"


def test_each_wrong_parameter_is_named(cast: Cast) -> None:
    answer = cast.administrator.browser().get("/api/v1/imports?limit=0&after=a&after=b&page=2")
    assert problem(answer) == wrong(
        ("limit", "Ensure this value is greater than or equal to 1."),
        ("page", "There is no such parameter here."),
        ("after", "A parameter is given once."),
    )
    assert cast.administrator.browser().get("/api/v1/imports?limit=1&after=a").status_code == 200


def test_an_endpoint_without_parameters_refuses_all(cast: Cast) -> None:
    answer = cast.physician.browser().get("/api/v1/me?format=json")
    assert problem(answer) == wrong(("format", "There is no such parameter here."))


@pytest.mark.parametrize("path", ["", "nowhere", "nowhere?q=x", "me/", "patients/1", "patients%00", "imports/%00"])
def test_what_is_not_there_is_a_problem_too(cast: Cast, path: str) -> None:
    answer = cast.administrator.browser().get(f"/api/v1/{path}")
    assert problem(answer) == refusal(404, "Not Found", "Not found.")


def test_nothing_but_json_is_offered(cast: Cast) -> None:
    browser = cast.physician.browser()
    page = browser.get("/api/v1/me", headers={"accept": "text/html"})
    assert problem(page)["title"] == "Not Acceptable"
    answer = browser.get("/api/v1/me", headers={"accept": "application/json"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")


def test_answers_are_kept_by_no_cache(cast: Cast) -> None:
    for path in ("/api/v1/me", "/api/v1/nowhere"):
        answer = cast.physician.browser().get(path)
        assert answer["Cache-Control"] == "private, no-store"
        assert {"Accept", "Authorization", "Cookie"} <= set(answer["Vary"].split(", "))


def test_a_defect_is_a_problem_that_tells_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: object) -> None:
        raise ValueError("OKAFOR, Margaret")

    monkeypatch.setattr(rest, "roles_of", fail)
    answer = cast.physician.browser().get("/api/v1/me")
    told = f"An unforeseen fault, reported under {answer['X-Request-ID']}."
    assert problem(answer) == refusal(500, "Internal Server Error", told)
    logged = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert logged[0] == f"unforeseen fault, correlation {answer['X-Request-ID']}"


def test_a_database_that_is_away_is_told_so(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(rest, "roles_of", fail)
    answer = cast.physician.browser().get("/api/v1/me")
    told = "The records cannot be reached just now. Try again."
    assert problem(answer) == refusal(503, "Service Unavailable", told)
    assert answer["Retry-After"] == "2"
