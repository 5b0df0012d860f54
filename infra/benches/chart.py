"""The chart figures: a physician opens the Summary of the largest and of the median Synthea patient."""

import http.cookiejar
import time
import urllib.parse
import urllib.request
from typing import Any

import psycopg

from infra.benches.figures import Figure, Site

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
    database: Any = site.credentials()["database"]
    with psycopg.connect(database["app_url"]) as connection:
        rows = connection.execute(
            """SELECT patient_id FROM fhir_resource WHERE patient_id IS NOT NULL AND NOT deleted
            GROUP BY patient_id HAVING count(*) > 1 ORDER BY count(*) DESC, patient_id"""
        ).fetchall()
    return rows[0][0], rows[len(rows) // 2][0]


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
