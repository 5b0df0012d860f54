"""The search page: who gets it, as a page and as a part of one."""

import pytest
from django.test import Client

from ehr.audit.models import AuditEvent
from tests.plumbing.cast import Cast
from tests.ui.filing import file
from tests.ui.people import patient


@pytest.fixture(autouse=True)
def people(db: None) -> None:
    file([patient("joan", "Harris", "Joan", born="1967-01-09", mrn="80514470", gender="female")])


def test_a_page_with_two_identifiers_in_each_row(cast: Cast) -> None:
    page = cast.physician.browser().get("/patients/?q=harris")
    assert page.status_code == 200
    text = page.content.decode()
    for words in ("HARRIS, Joan", "09-Jan-1967", "8051 4470", 'href="/patients/joan/"', 'value="harris"'):
        assert words in text
    assert page["Cache-Control"] == "private, no-store"


def test_htmx_gets_the_list_alone(cast: Cast) -> None:
    part = cast.physician.browser().get("/patients/?q=harris", headers={"HX-Request": "true"})
    assert part.content.decode().lstrip().startswith('<div data-query="harris">')


def test_a_registrar_finds_but_gets_no_chart_to_open(cast: Cast) -> None:
    text = cast.registrar.browser().get("/patients/?q=harris").content.decode()
    assert "HARRIS, Joan" in text
    assert "/patients/joan/" not in text


@pytest.mark.parametrize("role", ["outsider", "patient", "administrator"])
def test_who_may_not_search_is_refused(cast: Cast, role: str) -> None:
    page = cast[role].browser().get("/patients/?q=harris")
    assert page.status_code == 403
    assert "HARRIS" not in page.content.decode()
    row = AuditEvent.objects.order_by("-id").values_list("action", "outcome", "actor_id", "detail")[0]
    refused = {"permission": "administration.search"}
    assert row == ("administration.patient.search", "refused", str(cast[role].user.pk), refused)


def test_a_stranger_is_sent_to_sign_in_and_back(client: Client) -> None:
    page = client.get("/patients/?q=harris")
    assert (page.status_code, page["Location"]) == (302, "/accounts/login/?next=/patients/%3Fq%3Dharris")


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in(client: Client) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/patients/joan/"}
    part = client.get("/patients/?q=x", headers=headers)
    assert (part.status_code, part["HX-Redirect"]) == (204, "/accounts/login/?next=/patients/joan/")


def test_another_tenant_finds_nobody_of_ours(cast: Cast) -> None:
    page = cast.physician.browser(host="valley.testserver").get("/patients/?q=harris")
    assert page.status_code == 302, "nor is our session any good there"


def test_what_is_typed_comes_back_escaped(cast: Cast) -> None:
    text = cast.physician.browser().get("/patients/", {"q": '"><script>'}).content.decode()
    assert "&quot;&gt;&lt;script&gt;" in text
    assert '"><script>' not in text


@pytest.mark.parametrize(
    ("role", "lands"),
    [("physician", "/patients/"), ("registrar", "/patients/"), ("outsider", None), ("administrator", None)],
)
def test_where_sign_in_lands(cast: Cast, role: str, lands: str | None) -> None:
    page = cast[role].browser().get("/")
    if lands is None:
        assert page.status_code == 200
        assert "Nothing here for your role yet" in page.content.decode()
    else:
        assert page["Location"] == lands


def test_a_patient_lands_on_their_own_chart(cast: Cast) -> None:
    own = cast.make("patient", patient_id="joan")
    assert own.browser().get("/")["Location"] == "/patients/joan/"
