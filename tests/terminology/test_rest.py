"""GET /api/v1/codes."""

import pytest

from tests.plumbing.api_client import problem, system, wrong
from tests.plumbing.cast import Cast
from tests.terminology.test_selectors import diagnoses

pytestmark = pytest.mark.usefixtures("db", "diagnoses")
__all__ = ["diagnoses"]
ICD = "http://hl7.org/fhir/sid/icd-10-cm"


def test_codes_are_found_as_one_types(cast: Cast) -> None:
    answer = cast.physician.browser().get("/api/v1/codes", {"system": ICD, "q": "acut kid"})
    assert answer.json() == {
        "items": [
            {"system": ICD, "code": "N17", "display": "Acute kidney failure", "active": True, "selectable": False},
            {
                "system": ICD,
                "code": "N17.9",
                "display": "Acute kidney failure, unspecified",
                "active": True,
                "selectable": True,
            },
            {
                "system": ICD,
                "code": "S37.02",
                "display": "Major contusion of kidney",
                "active": True,
                "selectable": True,
            },
        ]
    }


def codes(browser: object, **question: object) -> list[str]:
    answer = browser.get("/api/v1/codes", {"system": ICD, **question})  # type: ignore[attr-defined] # a Client
    return [item["code"] for item in answer.json()["items"]]


def test_a_limit_and_codes_out_of_force(cast: Cast) -> None:
    browser = cast.physician.browser()
    assert codes(browser, q="low back") == ["M54.50"]
    assert codes(browser, q="low back", inactive="true") == ["M54.50", "M54.5"]
    assert codes(browser, q="low back", inactive="true", limit=1) == ["M54.50"]


def test_nothing_found_is_an_answer_and_no_such_system_a_fault(cast: Cast) -> None:
    browser = cast.physician.browser()
    assert browser.get("/api/v1/codes", {"system": ICD, "q": "zzz"}).json() == {"items": []}
    answer = browser.get("/api/v1/codes", {"system": "http://example.org/none", "q": "zzz"})
    assert problem(answer) == wrong(("system", "This code system is not loaded here."))


def test_system_and_text_are_needed(cast: Cast) -> None:
    answer = cast.physician.browser().get("/api/v1/codes")
    assert problem(answer) == wrong(("system", "This field is required."), ("q", "This field is required."))


def test_who_may_search_code_systems_may(cast: Cast) -> None:
    question = {"system": ICD, "q": "e11"}
    assert system("system/CodeSystem.s").get("/api/v1/codes", question).status_code == 200
    assert system("system/CodeSystem.r").get("/api/v1/codes", question).status_code == 403
    assert cast.outsider.browser().get("/api/v1/codes", question).status_code == 403
