"""The Summary: what it shows, to whom, and what it costs."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from ehr.access.actions import place_restriction
from ehr.access.permissions import operator
from ehr.administration.selectors.chart import patient_by_id
from ehr.audit.models import AuditEvent
from ehr.lib import clock
from ehr.lib.tenancy import use_tenant
from ehr.record.selectors.chart import Summary, summary
from tests.plumbing.cast import Cast
from tests.ui.filing import file
from tests.ui.people import NOW, about, clinical, concept, lab, margaret, patient

QueryCount = Callable[[int], AbstractContextManager[list[str]]]


def summary_of(patient_id: str) -> Summary:
    found = patient_by_id(patient_id)
    assert found is not None
    return summary(found.pk)


@pytest.fixture
def ward(db: None) -> Any:
    file(margaret())
    file([patient("john", "Harris", "John", born="1965-05-30", mrn="80519923")])
    with clock.frozen(NOW):
        yield


def test_results_stand_by_draw_with_flags(ward: None) -> None:
    grid = summary_of("okafor").results
    assert [panel.name for panel in grid.panels] == ["Renal and metabolic", "Hematology", "Inflammation and perfusion"]
    potassium = grid.panels[0].tests[0]
    shown = [(cell[0].value, cell[0].flag.letter if cell[0].flag else "") for cell in potassium.cells]
    assert shown == [("4.6", ""), ("4.8", ""), ("5.0", ""), ("5.2", "H"), ("5.3", "H"), ("5.6", "H"), ("6.1", "HH")]
    assert (potassium.reference, potassium.unit, potassium.is_critical_now) == ("3.5–5.1", "mmol/L", True)  # noqa: RUF001 - an en dash, as printed
    white_cells = grid.panels[1].tests[0]
    assert [bool(cell) for cell in white_cells.cells] == [True, True, True, True, True, False, True]
    assert not white_cells.is_critical_now


def test_tests_that_the_last_draws_lack_are_listed_apart(ward: None) -> None:
    file([lab("old", "okafor", "4548-4", "Hemoglobin A1c", NOW - timedelta(days=200), Decimal("8.4"), "%")])
    grid = summary_of("okafor").results
    assert [(test.name, test.latest.value) for test in grid.earlier] == [("Hemoglobin A1c", "8.4")]
    assert len(grid.draws) == 7


def test_a_result_in_another_unit_names_it_and_breaks_the_line(db: None) -> None:
    file([patient("p", "Unit", "Una")])
    values = [("1", "g/L"), ("2", "mg/dL"), ("3", "mg/dL")]
    file(
        [lab(f"l{n}", "p", "1988-5", "CRP", NOW + timedelta(hours=n), Decimal(v), u) for n, (v, u) in enumerate(values)]
    )
    test = summary_of("p").results.panels[0].tests[0]
    assert [(cell[0].value, cell[0].unit) for cell in test.cells] == [("1", "g/L"), ("2", ""), ("3", "")]
    assert test.line is not None
    assert len(test.line.paths) == 1
    assert test.line.paths[0].count("L") == 1


def test_two_results_of_one_minute_are_both_shown(db: None) -> None:
    file([patient("p", "Twice", "Tia")])
    file([lab(f"l{n}", "p", "2823-3", "Potassium", NOW, Decimal(v), "mmol/L") for n, v in enumerate(("4.1", "6.0"))])
    cells = summary_of("p").results.panels[0].tests[0].cells
    assert [[result.value for result in cell] for cell in cells] == [["4.1", "6.0"]]


def test_what_was_entered_in_error_is_not_shown(db: None) -> None:
    file([patient("p", "Error", "Eve")])
    wrong = lab("l", "p", "2823-3", "Potassium", NOW, Decimal(9), "mmol/L") | {"status": "entered-in-error"}
    corrected = lab("m", "p", "2823-3", "Potassium", NOW, Decimal(4), "mmol/L") | {"status": "corrected"}
    file([wrong, corrected])
    (cell,) = summary_of("p").results.panels[0].tests[0].cells
    assert [(result.value, result.note) for result in cell] == [("4", "corrected")]


def test_vitals_show_the_latest_and_their_course(ward: None) -> None:
    vitals = summary_of("okafor").vitals
    shown = [(sign.name, sign.value, sign.unit) for sign in vitals.signs]
    assert shown == [
        ("Temp", "37.4", "°C"),
        ("Pulse", "96", "/min"),
        ("BP", "118/64", "mmHg"),
        ("Resp", "18", "/min"),
        ("SpO₂", "96", "%"),
        ("Weight", "71.4", "kg"),
    ]
    assert [sign.line is not None for sign in vitals.signs] == [True, True, True, True, True, False]


def test_problems_medications_stays_and_vaccines(ward: None) -> None:
    chart = summary_of("okafor")
    assert [problem.name for problem in chart.problems.current] == [
        "Hyperkalemia",
        "Acute kidney injury",
        "Sepsis, urinary source",
        "Type 2 diabetes",
        "Hypertension",
    ]
    assert chart.problems.past == 1
    lines = {line.name.generic: line for line in chart.medications}
    assert lines["heparin"].parts == ("5,000 units", "subcutaneous", "every 8 hours")
    assert (lines["lisinopril"].held, lines["lisinopril"].held_reason) == (True, "Held: acute kidney injury")
    assert chart.stays.current is not None
    assert (chart.stays.current.location, chart.stays.current.day, chart.stays.total) == ("6 West B04", 4, 2)
    assert [vaccine.name for vaccine in chart.vaccines] == ["Influenza, seasonal", "COVID-19, mRNA"]


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([], "Not recorded"),
        ([("716186003", "No known allergy", "active")], "No known allergies"),
        ([("1", "Latex", "active")], "latex"),
        ([("1", "Latex", "resolved")], "Not recorded"),
        ([("716186003", "No known allergy", "active"), ("1", "Latex", "active")], "latex"),
    ],
)
def test_the_banner_never_keeps_silent_about_allergies(
    db: None, cast: Cast, entries: list[tuple[str, str, str]], words: str
) -> None:
    file([patient("p", "Allergy", "Al")])
    file(
        [
            about("AllergyIntolerance", f"a{n}", "p", code=concept(name, code), **clinical(status))
            for n, (code, name, status) in enumerate(entries)
        ]
    )
    page = cast.physician.browser().get("/patients/p/").content.decode()
    box = page.split('aria-label="Allergies"')[1].split("</section>")[0]
    assert words in box


def test_the_page_carries_two_identifiers_and_is_audited(ward: None, cast: Cast) -> None:
    page = cast.physician.browser().get("/patients/okafor/")
    text = page.content.decode()
    for words in ("OKAFOR, Margaret Adaeze", "14-Mar-1957 (69 y)", "4820 1173", "6 West B04", "Day 4"):
        assert words in text
    assert page["Cache-Control"] == "private, no-store"
    event = AuditEvent.objects.get(action="access.patient.open")
    assert (event.actor_name, event.patient_id, event.outcome) == ("R. Adler, MD", "okafor", "success")


@pytest.mark.parametrize("role", ["outsider", "registrar", "scheduler", "biller", "administrator"])
def test_without_the_permission_a_chart_is_refused_like_one_that_is_not_there(
    ward: None, cast: Cast, role: str
) -> None:
    browser = cast[role].browser()
    answers = [browser.get(f"/patients/{patient_id}/") for patient_id in ("okafor", "nobody")]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert "OKAFOR" not in answers[0].content.decode()


def test_patients_see_their_own_chart_and_no_other(ward: None, cast: Cast) -> None:
    browser = cast.make("patient", patient_id="john").browser()
    assert browser.get("/patients/john/").status_code == 200
    other, absent = browser.get("/patients/okafor/"), browser.get("/patients/nobody/")
    assert (other.status_code, absent.status_code) == (404, 404)
    assert other.content.decode().replace("okafor", "") == absent.content.decode().replace("nobody", "")


def test_another_tenant_s_patient_looks_absent(ward: None, cast: Cast) -> None:
    with use_tenant("valley"):
        stranger = Cast().physician.browser(host="valley.testserver")
        assert stranger.get("/patients/okafor/").status_code == 404
    assert cast.physician.browser().get("/patients/okafor/").status_code == 200


def test_a_stranger_is_sent_to_sign_in_and_back(ward: None, client: Client) -> None:
    page = client.get("/patients/okafor/")
    assert (page.status_code, page["Location"]) == (302, "/accounts/login/?next=/patients/okafor/")


def test_a_restricted_record_opens_after_breaking_the_glass(ward: None, cast: Cast) -> None:
    place_restriction(actor=operator("tests"), patient_id="okafor", kind="vip", reason="asked for it")
    browser = cast.physician.browser()
    closed = browser.get("/patients/okafor/")
    assert closed.status_code == 403
    assert "OKAFOR" not in closed.content.decode()
    silent = browser.post("/patients/okafor/emergency", {"reason": " "})
    assert silent.status_code == 403
    assert "Say why this record must be opened now." in silent.content.decode()
    opened = browser.post("/patients/okafor/emergency", {"reason": "unconscious"})
    assert (opened.status_code, opened["Location"]) == (302, "/patients/okafor/")
    assert "Restricted" in browser.get("/patients/okafor/").content.decode()
    refused = cast.registrar.browser().post("/patients/okafor/emergency", {"reason": "curious"})
    assert refused.status_code == 403


@pytest.mark.parametrize("patient_id", ["john", "okafor"])
def test_a_summary_costs_seven_queries_whatever_its_size(ward: None, query_count: QueryCount, patient_id: str) -> None:
    found = patient_by_id(patient_id)
    assert found is not None
    with query_count(7):
        summary(found.pk)


@pytest.mark.parametrize("patient_id", ["john", "okafor"])
def test_the_page_costs_thirteen_queries(ward: None, cast: Cast, query_count: QueryCount, patient_id: str) -> None:
    browser = cast.physician.browser()
    with query_count(13):  # session, person, permissions, patient, access, audit, and the Summary's seven
        assert browser.get(f"/patients/{patient_id}/").status_code == 200
