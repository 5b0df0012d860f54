"""The chart figures: a physician opens the Summary of the largest and of the median Synthea patient."""

import http.cookiejar
import time
import urllib.parse
import urllib.request
from typing import Any

from infra.benches.figures import Figure, Site
from infra.benches.instance import manage

ROUNDS = 60


def chart(site: Site) -> list[Figure]:
    """`chart_summary_p95_ms` and `patient_search_p95_ms`. Needs what the import group loads."""
    largest, median = _patients(site)
    browser = _signed_in(site)
    figures = [
        Figure("chart_summary_largest_p95_ms", _p95(browser, site, f"/patients/{largest}/"), "ms"),
        Figure("chart_summary_median_p95_ms", _p95(browser, site, f"/patients/{median}/"), "ms"),
        Figure("patient_search_p95_ms", _p95(browser, site, "/patients/?q=smith"), "ms"),
    ]
    worst = max(figure.value for figure in figures[:2])
    return [Figure("chart_summary_p95_ms", worst, "ms"), *figures]


def _patients(site: Site) -> tuple[str, str]:
    """Ids of the patients with the most and with the median number of resources."""
    sizes = manage("patient_sizes").split()
    return sizes[0], sizes[len(sizes) // 2]


def _signed_in(site: Site) -> urllib.request.OpenerDirector:
    users: Any = site.credentials()["users"]
    user = next(one for one in users if one["role"] == "physician")
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    url = f"http://localhost:{site.port}/accounts/login/"
    browser.open(url).read()
    token = next(cookie.value for cookie in jar if cookie.name == "csrftoken")
    form = {"login": user["username"], "password": user["password"], "csrfmiddlewaretoken": token or ""}
    browser.open(url, urllib.parse.urlencode(form).encode()).read()
    return browser


def _p95(browser: urllib.request.OpenerDirector, site: Site, path: str) -> float:
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        browser.open(f"http://localhost:{site.port}{path}").read()
        seconds.append(time.perf_counter() - start)
    return sorted(seconds)[int(ROUNDS * 0.95) - 1] * 1000
