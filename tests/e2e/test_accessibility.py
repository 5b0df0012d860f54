"""Every page in both themes at three widths: nothing that axe finds (WCAG 2.2 AA), nothing to scroll sideways."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import ROOT, Ward, sign_in

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = ROOT / "build" / "pictures"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = {
    "patients": "/patients/",
    "found": "/patients/?q=harris",
    "nobody": "/patients/?q=zzz",
    "chart": "/patients/okafor/",
    "chart-empty": "/patients/unknown/",
    "not-found": "/patients/nobody/",
}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 768), (390, 844)])
def test_pages(page: Page, ward: Ward, theme: str, width: int, height: int) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.context.add_cookies([{"name": "theme", "value": theme, "url": ward.site.url()}])
    page.set_viewport_size({"width": width, "height": height})
    found = {"sign-in": _faults(page, "/accounts/login/", f"sign-in-{theme}-{width}")}
    sign_in(page, ward.cast.physician.username)
    page.wait_for_url("**/patients/")
    for name, path in PAGES.items():
        found[name] = _faults(page, path, f"{name}-{theme}-{width}")
    assert {name: faults for name, faults in found.items() if faults} == {}


def _faults(page: Page, path: str, picture: str) -> list[str]:
    page.goto(path)
    page.evaluate("document.fonts.ready")
    page.screenshot(path=PICTURES / f"{picture}.png")
    page.evaluate(AXE.read_text())
    report: dict[str, Any] = page.evaluate("rules => axe.run({runOnly: rules})", RULES)
    faults = [
        f"{fault['id']}: {node['target']} {node['failureSummary']}"
        for fault in report["violations"]
        for node in fault["nodes"]
    ]
    sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return faults + ([f"scrolls sideways by {sideways} px"] if sideways > 0 else [])


def test_the_summary_of_a_usual_chart_needs_no_scrolling(page: Page, ward: Ward) -> None:
    sign_in(page, ward.cast.physician.username)
    page.wait_for_url("**/patients/")
    page.goto("/patients/okafor/")
    assert page.evaluate("document.documentElement.scrollHeight") == 900


def test_the_newest_result_is_in_sight_on_a_phone(page: Page, ward: Ward) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, ward.cast.physician.username)
    page.wait_for_url("**/patients/")
    page.goto("/patients/okafor/")
    box = page.get_by_role("row", name="Potassium").locator(".newest").bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 390


@pytest.mark.parametrize("width", [360, 390])
def test_no_result_is_cut_in_two_on_a_phone(page: Page, ward: Ward, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    sign_in(page, ward.cast.physician.username)
    page.wait_for_url("**/patients/")
    page.goto("/patients/okafor/")
    page.evaluate("document.fonts.ready")
    assert page.locator(".results td.draw:visible").count() > 2
    assert (
        page.evaluate(
            "(({scrollWidth, clientWidth}) => scrollWidth - clientWidth)(document.querySelector('.results .scroll'))"
        )
        == 0
    )
