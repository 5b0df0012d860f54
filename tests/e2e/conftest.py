"""A real browser on the whole product: Debian's Chromium, driven by Playwright."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from ehr.lib import clock
from tests.plumbing.cast import PASSWORD, Cast
from tests.plumbing.environment import Clone
from tests.plumbing.live import LiveSite
from tests.ui.filing import file
from tests.ui.people import margaret, patient

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("EHR_CHROMIUM") or shutil.which("chromium")


@pytest.fixture(scope="session")
def browser(django_db_setup: list[Clone]) -> Iterator[Browser]:
    """Chromium. It is gone before the databases are, because Django takes Playwright's loop for asynchronous code."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (Debian package chromium)")
    if not (ROOT / "build" / "front" / "ui.css").exists():
        pytest.fail("the front end is not built: npm run build")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        sandbox = [] if os.geteuid() else ["--no-sandbox"]  # Chromium refuses its sandbox to root
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=sandbox)


@dataclass(frozen=True)
class Ward:
    """The product with a few patients on file, and who works there."""

    site: LiveSite
    cast: Cast


@pytest.fixture
def ward(browser: Browser, live_site: LiveSite) -> Ward:
    """Made after the browser, whose loop Django is told to bear with."""
    file(margaret(now=clock.now()))
    file(
        [
            patient("harris-joan", "Harris", "Joan", born="1967-01-09", mrn="80514470", gender="female"),
            patient("harris-john", "Harris", "John", born="1965-05-30", mrn="80519923", gender="male"),
            patient("unknown", "", "", mrn="90000001"),
        ]
    )
    return Ward(live_site, Cast())


@pytest.fixture
def context(browser: Browser, ward: Ward) -> Iterator[BrowserContext]:
    opened = browser.new_context(
        base_url=ward.site.url(), viewport={"width": 1440, "height": 900}, reduced_motion="reduce"
    )
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page of nobody yet. What the browser complains about, blocked styles and scripts included, fails the test."""
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda fault: complaints.append(str(fault)))
    opened.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield opened
    expected = ("404 (Not Found)", "403 (Forbidden)")
    assert [text for text in complaints if not any(words in text for words in expected)] == []


@pytest.fixture
def physician_page(page: Page, ward: Ward) -> Page:
    """A physician's page, signed in, on the search."""
    sign_in(page, ward.cast.physician.username)
    expect(page.get_by_label("Find a patient")).to_be_focused()
    return page


def sign_in(page: Page, username: str, password: str = PASSWORD) -> None:
    """Signs in from wherever the sign-in page is shown; opens it when it is not."""
    if "/accounts/login/" not in page.url:
        page.goto("/accounts/login/")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
