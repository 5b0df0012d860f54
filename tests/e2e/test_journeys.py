"""From sign-in to a chart and back, as people do it."""

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, Page, expect

from ehr.access.actions import place_restriction
from ehr.access.permissions import operator
from ehr.audit.models import AuditEvent
from tests.e2e.conftest import Ward, sign_in
from tests.plumbing.cast import PASSWORD


def test_sign_in_search_and_open_a_chart_by_keyboard_only(page: Page, ward: Ward) -> None:
    physician = ward.cast.physician
    page.goto("/")
    page.keyboard.type(physician.username)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Find a patient")).to_be_focused()
    page.keyboard.type("okaf 1957")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("OKAFOR, Margaret Adaeze")
    expect(page.get_by_role("region", name="Allergies").first).to_contain_text("penicillin anaphylaxis")
    opened = AuditEvent.objects.filter(action="access.patient.open").values_list("actor_name", "patient_id", "outcome")
    assert list(opened) == [(physician.user.display_name, "okafor", "success")]


def test_arrows_walk_the_answers(physician_page: Page) -> None:
    page = physician_page
    page.keyboard.type("harris")
    expect(page.get_by_role("link", name="HARRIS, John")).to_be_visible()
    expect(page.get_by_text("similar name on this list")).to_have_count(2)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="HARRIS, Joan")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("HARRIS, John")


def test_enter_opens_the_answer_to_what_stands_in_the_field(physician_page: Page) -> None:
    page = physician_page
    page.keyboard.type("harris joan")
    expect(page.get_by_role("link", name="HARRIS, Joan")).to_be_visible()
    page.keyboard.press("Control+a")
    page.keyboard.type("okafor")
    page.keyboard.press("Enter")  # before the answer can be there
    expect(page.get_by_role("heading", level=1)).to_have_text("OKAFOR, Margaret Adaeze")


def test_the_command_field_finds_from_a_chart(physician_page: Page) -> None:
    page = physician_page
    page.goto("/patients/okafor/")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("link", name="OKAFOR, Margaret Adaeze")).to_be_visible()
    page.keyboard.type("80519923")
    expect(page.get_by_role("link", name="HARRIS, John")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="HARRIS, John")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("HARRIS, John")


def test_back_returns_to_the_answers(physician_page: Page) -> None:
    page = physician_page
    page.keyboard.type("harris")
    expect(page.get_by_role("link", name="OKAFOR, Margaret Adaeze")).to_have_count(0)
    expect(page).to_have_url(re.compile("q=harris$"))
    page.get_by_role("link", name="HARRIS, Joan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("HARRIS, Joan")
    page.go_back()
    expect(page.get_by_label("Find a patient")).to_have_value("harris")
    expect(page.get_by_role("link", name="HARRIS, John")).to_be_visible()
    expect(page.get_by_role("link", name="OKAFOR, Margaret Adaeze")).to_have_count(0)


def test_a_wrong_password_says_so_and_keeps_the_name(page: Page, ward: Ward) -> None:
    physician = ward.cast.physician
    sign_in(page, physician.username, "not this one")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("User name")).to_have_value(physician.username)
    expect(page.get_by_label("Password")).to_be_focused()
    sign_in(page, physician.username)
    expect(page.get_by_role("heading", name="Patients")).to_be_visible()


@pytest.mark.parametrize("path", ["/patients/okafor/", "/patients/?q=harris"])
def test_an_expired_session_leads_to_sign_in_and_back(physician_page: Page, ward: Ward, path: str) -> None:
    page = physician_page
    page.goto(path)
    Session.objects.all().delete()
    page.get_by_label("Find a patient").press_sequentially("x")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    sign_in(page, ward.cast.physician.username)
    expect(page).to_have_url(ward.site.url(path))


def test_signing_out_leaves_nothing_to_go_back_to(physician_page: Page) -> None:
    page = physician_page
    page.goto("/patients/okafor/")
    page.locator(".person > summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]") == []


def test_colors_and_rows_change_at_once_and_stay(physician_page: Page) -> None:
    page = physician_page
    page.locator(".person > summary").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="Comfortable").click()
    expect(page.locator("html")).to_have_attribute("data-density", "comfortable")
    page.goto("/patients/okafor/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("html")).to_have_attribute("data-density", "comfortable")
    page.locator(".person > summary").click()
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")


def test_the_search_works_without_script(browser: Browser, ward: Ward) -> None:
    context = browser.new_context(base_url=ward.site.url(), java_script_enabled=False)
    page = context.new_page()
    sign_in(page, ward.cast.physician.username)
    page.get_by_label("Find a patient").fill("okafor")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="OKAFOR, Margaret Adaeze").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("OKAFOR, Margaret Adaeze")
    context.close()


def test_a_restricted_record_opens_for_a_reason(physician_page: Page) -> None:
    place_restriction(actor=operator("tests"), patient_id="okafor", kind="vip", reason="asked for it")
    page = physician_page
    page.goto("/patients/okafor/")
    expect(page.get_by_role("heading", level=1)).to_have_text("This record is restricted")
    page.get_by_label("Why this record must be opened now").fill("Unconscious in the emergency department")
    page.get_by_role("button", name="Open for this reason").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("OKAFOR, Margaret Adaeze")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Restricted")
