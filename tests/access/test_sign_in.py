"""/accounts/login/ and /accounts/logout/, and attacks on them (sessions, lock-out, redirects)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import Client as Browser
from pytest_django import Settings

from ehr.access.actions import create_user, deactivate_user, set_password
from ehr.access.models import User
from ehr.lib import clock
from ehr.lib.tenancy import use_tenant
from tests.access.conftest import OPERATOR, PASSWORD, MakeUser, trail

LOGIN = "/accounts/login/"
LOGOUT = "/accounts/logout/"
SESSION = "sessionid"
MISMATCH = "The username and/or password you specified are not correct."

SignIn = Callable[..., HttpResponse]


def browser(host: str = "testserver", address: str = "127.0.0.1", **more: bool) -> Browser:
    return Browser(headers={"host": host}, REMOTE_ADDR=address, **more)


def sign_in(visitor: Browser, login: str = "adler", password: str = PASSWORD, **more: str) -> HttpResponse:
    return visitor.post(LOGIN, {"login": login, "password": password, **more})


def signed_in(visitor: Browser) -> bool:
    """Whether the pages know this browser: the sign-in page sends those away who are signed in."""
    return visitor.get(LOGIN).status_code == 302


@pytest.fixture
def adler(make_user: MakeUser) -> User:
    return make_user("adler", "physician")


def test_a_good_password_signs_in(adler: User) -> None:
    visitor = browser()
    response = sign_in(visitor)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert signed_in(visitor)
    assert visitor.session["_auth_user_id"] == str(adler.pk)
    assert trail("access.session.sign_in") == [("success", str(adler.pk), None, {"user": str(adler.pk)})]
    assert User.objects.get(pk=adler.pk).last_sign_in_at is not None


@pytest.mark.parametrize("login", ["ADLER", " Adler ", "aDLeR"])
def test_the_case_of_the_name_does_not_matter(adler: User, login: str) -> None:
    assert sign_in(browser(), login).status_code == 302


def test_the_cookie_is_for_the_server_alone(adler: User) -> None:
    visitor = browser()
    sign_in(visitor)
    cookie = visitor.cookies[SESSION]
    assert (cookie["httponly"], cookie["samesite"], cookie["domain"]) == (True, "Lax", "")


@pytest.mark.parametrize(
    ("login", "password"),
    [("adler", "wrong"), ("adler", PASSWORD.upper()), ("nobody", PASSWORD), ("adler\x00", PASSWORD), ("", "")],
)
def test_a_wrong_name_or_password_does_not(adler: User, login: str, password: str) -> None:
    visitor = browser()
    response = sign_in(visitor, login, password)
    assert response.status_code == 200
    assert not signed_in(visitor)


def test_a_wrong_password_and_an_unknown_name_are_told_the_same(adler: User) -> None:
    told = [
        sign_in(browser(), login, password).context["form"].non_field_errors()
        for login, password in (("adler", "wrong"), ("nobody", "wrong"))
    ]
    assert told == [[MISMATCH], [MISMATCH]]


def test_what_was_typed_is_not_kept_unless_it_is_a_users_name(adler: User) -> None:
    sign_in(browser(), "adler", "wrong")
    sign_in(browser(), "my secret password", "wrong")
    assert trail("access.session.sign_in") == [
        ("refused", str(adler.pk), None, {}),
        ("refused", "unknown", None, {}),
    ]


def test_somebody_deactivated_is_told_the_same_and_open_sessions_end(adler: User) -> None:
    visitor = browser()
    sign_in(visitor)
    assert signed_in(visitor)
    deactivate_user(actor=OPERATOR, user_id=str(adler.pk), reason="left")
    assert not signed_in(visitor)
    response = sign_in(visitor)
    assert (response.status_code, response.context["form"].non_field_errors()) == (200, [MISMATCH])


def test_a_new_password_ends_open_sessions(adler: User) -> None:
    visitor = browser()
    sign_in(visitor)
    set_password(actor=OPERATOR, user_id=str(adler.pk), password="quite another one")
    assert not signed_in(visitor)
    assert sign_in(visitor, password="quite another one").status_code == 302


def test_a_user_of_one_tenant_is_nobody_at_another(adler: User) -> None:
    assert sign_in(browser("valley.testserver")).status_code == 200
    assert sign_in(browser("testserver")).status_code == 302


def test_a_session_of_one_tenant_is_worth_nothing_at_another(adler: User) -> None:
    with use_tenant("valley"):
        create_user(actor=OPERATOR, username="adler", display_name="V. Adler, MD", password=PASSWORD)
    at_home = browser("testserver")
    sign_in(at_home)
    abroad = browser("valley.testserver")
    abroad.cookies[SESSION] = at_home.cookies[SESSION].value
    assert (signed_in(at_home), signed_in(abroad)) == (True, False)


def test_sessions_live_in_the_tenants_database(adler: User) -> None:
    visitor = browser()
    sign_in(visitor)
    assert Session.objects.filter(pk=visitor.cookies[SESSION].value).exists()
    with use_tenant("valley"):
        assert Session.objects.count() == 0


def test_a_session_planted_before_sign_in_is_not_the_one_after(adler: User) -> None:
    planted = browser().session
    planted["planted"] = True
    planted.save()
    victim = browser()
    victim.cookies[SESSION] = planted.session_key
    sign_in(victim)
    assert signed_in(victim)
    attacker = browser()
    attacker.cookies[SESSION] = planted.session_key
    assert not signed_in(attacker)


def test_signing_out_ends_the_session_for_good(adler: User) -> None:
    visitor = browser()
    sign_in(visitor)
    key = visitor.cookies[SESSION].value
    response = visitor.post(LOGOUT)
    assert (response.status_code, response["Location"]) == (302, LOGIN)
    visitor.cookies[SESSION] = key
    assert not signed_in(visitor)
    assert trail("access.session.sign_out") == [("success", str(adler.pk), None, {"user": str(adler.pk)})]


def test_a_link_does_not_sign_anybody_out(adler: User) -> None:
    visitor = browser()
    sign_in(visitor)
    assert visitor.get(LOGOUT).status_code == 200
    assert signed_in(visitor)


@pytest.mark.parametrize("path", [LOGIN, LOGOUT])
def test_a_forged_post_is_refused(adler: User, path: str) -> None:
    visitor = browser(enforce_csrf_checks=True)
    assert visitor.post(path, {"login": "adler", "password": PASSWORD}).status_code == 403
    assert not signed_in(visitor)


@pytest.mark.parametrize(
    ("after", "location"),
    [
        ("/patients/p1/", "/patients/p1/"),
        ("/patients/?q=okaf", "/patients/?q=okaf"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("http:evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("https://valley.testserver/", "/"),
        ("\thttps://evil.example/", "/"),
    ],
)
def test_sign_in_leads_back_to_where_one_came_from_but_nowhere_else(adler: User, after: str, location: str) -> None:
    assert sign_in(browser(), next=after)["Location"] == location


def test_the_page_keeps_where_one_came_from(roles: None) -> None:
    page = browser().get(LOGIN, {"next": "/patients/p1/"}).content.decode()
    assert '<input type="hidden" name="next" value="/patients/p1/">' in page
    assert "no-store" in browser().get(LOGIN)["Cache-Control"]


def fail(times: int, login: str = "adler", **where: str) -> list[int]:
    return [sign_in(browser(**where), login, "wrong").status_code for _ in range(times)]


def test_five_failures_lock_out(adler: User) -> None:
    assert fail(5) == [200, 200, 200, 200, 429]
    response = sign_in(browser())
    assert response.status_code == 429
    assert "5 failed attempts" in response.content.decode()
    assert "15 minutes" in response.content.decode()
    assert trail("access.session.lock_out") == [("refused", str(adler.pk), None, {})] * 2


def test_another_browser_gives_no_more_tries(adler: User) -> None:
    agents = [Browser(headers={"host": "testserver", "user-agent": f"Browser {number}"}) for number in range(5)]
    assert [sign_in(agent, password="wrong").status_code for agent in agents] == [200] * 4 + [429]


def test_spelling_the_name_otherwise_gives_no_more_tries(adler: User) -> None:
    assert [fail(1, login)[0] for login in ("adler", "Adler", " ADLER", "aDler", "adleR ")] == [200] * 4 + [429]


def test_another_person_and_another_address_are_not_locked_out(adler: User, make_user: MakeUser) -> None:
    make_user("bell", "nurse")
    fail(5)
    assert sign_in(browser(), "bell").status_code == 302
    assert sign_in(browser(address="10.0.0.9")).status_code == 302


def test_a_success_starts_the_count_over(adler: User) -> None:
    assert fail(4) == [200] * 4
    assert sign_in(browser()).status_code == 302
    assert fail(4) == [200] * 4


def test_a_lock_out_ends_by_itself_and_trying_does_not_prolong_it(adler: User) -> None:
    fail(5)
    locked_at = AccessAttempt.objects.get().attempt_time
    assert sign_in(browser()).status_code == 429
    assert AccessAttempt.objects.get().attempt_time == locked_at
    AccessAttempt.objects.update(attempt_time=locked_at - timedelta(minutes=16))
    assert sign_in(browser()).status_code == 302


def test_a_lock_out_at_one_tenant_is_none_at_another(adler: User) -> None:
    with use_tenant("valley"):
        create_user(actor=OPERATOR, username="adler", display_name="V. Adler, MD", password=PASSWORD)
    fail(5, host="valley.testserver")
    assert sign_in(browser()).status_code == 302
    assert sign_in(browser("valley.testserver")).status_code == 429


def test_no_password_is_kept_or_logged(adler: User, caplog: pytest.LogCaptureFixture) -> None:
    sign_in(browser(), "adler", "hunter-two-and-more")
    attempt = AccessAttempt.objects.get()
    assert "hunter-two-and-more" not in f"{vars(attempt)}{caplog.text}"


def test_a_hash_that_has_grown_weak_is_renewed_at_sign_in(adler: User, settings: Settings) -> None:
    settings.PASSWORD_HASHERS = [f"django.contrib.auth.hashers.{name}PasswordHasher" for name in ("PBKDF2", "MD5")]
    weak = User.objects.get(pk=adler.pk).password
    assert weak.startswith("md5$")
    assert sign_in(browser(), password="wrong").status_code == 200
    assert User.objects.get(pk=adler.pk).password == weak
    for _ in range(2):
        assert sign_in(browser()).status_code == 302
    assert User.objects.get(pk=adler.pk).password.startswith("pbkdf2_sha256$")
    assert [row[0] for row in trail("access.user.renew_password_hash")] == ["success"]


@pytest.mark.parametrize(
    "path",
    ["/accounts/signup/", "/accounts/password/reset/", "/accounts/email/", "/accounts/login/code/", "/accounts/"],
)
def test_the_doors_that_are_not_offered_are_not_there(roles: None, path: str) -> None:
    assert browser().get(path).status_code == 404


def test_the_clock_of_the_product_stamps_sign_ins(adler: User) -> None:
    with clock.frozen(clock.now().replace(microsecond=0)):
        sign_in(browser())
        assert User.objects.get(pk=adler.pk).last_sign_in_at == clock.now()
