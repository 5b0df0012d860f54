"""GET /metrics: who gets it, what it counts, and what it says of each tenant and process."""

import os
import subprocess
import sys
import textwrap
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import resolve
from prometheus_client.parser import text_string_to_metric_families

from ehr.audit import seal
from ehr.audit.figures import Sealed, sealed_since
from ehr.audit.models import AuditEvent, OutboxMessage
from ehr.config.metrics.figures import Tenants, exposition
from ehr.config.metrics.requests import IN_PROGRESS, MeasureMiddleware, route_of
from ehr.lib import clock, ids
from ehr.lib.tenancy import use_tenant
from tests.audit.sample import ADLER, outer
from tests.plumbing.cast import Cast
from tests.plumbing.environment import ROOT
from tests.plumbing.fhir_client import FHIRClient

TOKEN = "an-operators-token"
Labels = frozenset[tuple[str, str]]


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has a database of its own, of which nothing was counted before."""
    monkeypatch.setattr("ehr.config.metrics.figures.tenants", Tenants())


@pytest.fixture(autouse=True)
def token(tmp_path: Path, settings: Any) -> Path:
    settings.METRICS_TOKEN_FILE = tmp_path / "token"
    settings.METRICS_TOKEN_FILE.write_text(f"{TOKEN}\n")
    path: Path = settings.METRICS_TOKEN_FILE
    return path


def operator(token: str = TOKEN) -> Client:
    return Client(headers={"host": "testserver", "authorization": f"Bearer {token}"})


class Figures:
    """What an exposition says: `figures("ehr_tenant_up", tenant="general")`, 0 for what it does not mention."""

    def __init__(self, text: str) -> None:
        self._values: dict[tuple[str, Labels], float] = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    def __call__(self, name: str, **labels: str) -> float:
        return self._values.get((name, frozenset(labels.items())), 0)

    def labels_of(self, name: str) -> list[dict[str, str]]:
        return [dict(labels) for known, labels in self._values if known == name]

    def requests(self, method: str, route: str, status: int) -> float:
        labels = {"method": method, "route": route, "status": str(status)}
        return self("ehr_http_request_duration_seconds_count", **labels)


def figures() -> Figures:
    return Figures(exposition().decode())


def test_an_operator_gets_text(db: None) -> None:
    answer = operator().get("/metrics")
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert answer["Content-Type"].startswith("text/plain; version=")
    assert Figures(answer.content.decode())("ehr_tenant_up", tenant="general") == 1


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer", TOKEN, f"Basic {TOKEN}", "Bearer another", "Bearer ü"])
def test_nobody_else_does(header: str) -> None:
    answer = Client(headers={"host": "testserver", "authorization": header}).get("/metrics")
    assert (answer.status_code, answer.content) == (401, b"An operator's token is needed.")
    assert (answer["Content-Type"], answer["WWW-Authenticate"]) == (
        "text/plain; charset=utf-8",
        'Bearer realm="metrics"',
    )


def test_no_user_and_no_client_system_is_an_operator(cast: Cast, fhir: FHIRClient) -> None:
    assert cast.physician.browser().get("/metrics").status_code == 401
    assert cast.administrator.browser().get("/metrics").status_code == 401
    assert operator(str(fhir.token)).get("/metrics").status_code == 401


@pytest.mark.parametrize("content", [None, "", "\n"])
def test_without_a_token_nobody_is_let_in(db: None, token: Path, settings: Any, content: str | None) -> None:
    token.unlink()
    if content is not None:
        token.write_text(content)
    assert [operator(given).get("/metrics").status_code for given in ("", TOKEN)] == [401, 401]
    settings.METRICS_TOKEN_FILE = None
    assert [operator(given).get("/metrics").status_code for given in ("", TOKEN)] == [401, 401]


def test_a_new_token_counts_at_once(db: None, token: Path) -> None:
    token.write_text("another")
    assert [operator(given).get("/metrics").status_code for given in (TOKEN, "another")] == [401, 200]


def test_it_is_only_read(db: None) -> None:
    answer = operator().post("/metrics")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")


def test_requests_are_counted_by_route_method_and_status(cast: Cast, fhir: FHIRClient) -> None:
    browser = cast.physician.browser()
    before = figures()
    fhir.get("Patient/zqx-nobody")
    fhir.get("Patient/zqx-nobody")
    fhir.get("Patient?name=zqx")
    browser.get("/patients/zqx-nobody/")
    browser.get("/zqx")
    browser.generic("ZQX", "/healthz")
    Client(headers={"host": "elsewhere.example"}).get("/healthz")
    after = figures()
    counted = [
        ("GET", "/fhir/R4/<type>/<id>", 404, 2),
        ("GET", "/fhir/R4/<type>", 200, 1),
        ("GET", "/patients/<str:patient_id>/", 404, 1),
        ("GET", "none", 404, 2),
        ("other", "/healthz", 200, 1),
    ]
    assert [after.requests(*key) - before.requests(*key) for *key, _ in counted] == [times for *_, times in counted]
    assert "zqx" not in exposition().decode().lower()


def test_time_is_kept_in_buckets(db: None, client: Client) -> None:
    name, route = "ehr_http_request_duration_seconds", {"method": "GET", "route": "/healthz", "status": "200"}
    before = figures()
    client.get("/healthz")
    after = figures()
    assert after(f"{name}_sum", **route) > before(f"{name}_sum", **route)
    assert after(f"{name}_bucket", **route, le="10.0") - before(f"{name}_bucket", **route, le="10.0") == 1


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/fhir/R4/Patient", "/fhir/R4/<type>"),
        ("/fhir/R4/Patient/", "/fhir/R4/<type>"),
        ("/fhir/R4/Patient/_search", "/fhir/R4/<type>/_search"),
        ("/fhir/R4/Patient/1/_history/2", "/fhir/R4/<type>/<id>/_history/<version>"),
        ("/fhir/R4/Patient/1/$everything", "/fhir/R4/<type>/<id>/$everything"),
        ("/fhir/R4/a/b/c/d/e", "/fhir/R4/<other>"),
        ("/fhir/R4", "/fhir/R4"),
        ("/fhir/R4/metadata", "/fhir/R4/metadata"),
        ("/api/v1/imports/a/b/remainders/3", "/api/v1/imports/<path:source>/remainders/<int:number>"),
        ("/api/v1/nowhere", "/api/v1/"),
    ],
)
def test_a_route_has_no_ids(path: str, route: str) -> None:
    request = RequestFactory().get(path)
    request.resolver_match = resolve(path)
    assert route_of(request) == route


def test_static_files_are_one_route() -> None:
    assert route_of(RequestFactory().get("/static/ui/app.css")) == "static"


def test_whoever_asks_keeps_one_thread_busy(db: None) -> None:
    assert Figures(operator().get("/metrics").content.decode())("ehr_http_requests_in_progress") == 1
    assert figures()("ehr_http_requests_in_progress") == 0


def test_a_backlog_is_told_by_queue(db: None) -> None:
    def wait(queue: str, seconds: int, **more: Any) -> None:
        created = clock.now() - timedelta(seconds=seconds)
        OutboxMessage.objects.create(
            queue=queue, consumer="x", payload={}, correlation_id=ids.uuid7(), created_at=created, **more
        )

    wait("slow", 90)
    wait("slow", 30)
    wait("slow", 900, done_at=clock.now())
    with use_tenant("valley"):
        wait("slow", 5)
    told = figures()
    assert told("ehr_outbox_messages", tenant="general", queue="slow") == 2
    assert told("ehr_outbox_messages", tenant="valley", queue="slow") == 1
    assert 90 <= told("ehr_outbox_oldest_seconds", tenant="general", queue="slow") < 100
    assert {"tenant": "general", "queue": "audit"} in told.labels_of("ehr_outbox_messages"), "a queue that is empty"


def test_the_seal_is_late_until_it_is_made(committed: dict[str, str]) -> None:
    seal.seal_pending()
    assert figures()("ehr_audit_seal_lag_seconds", tenant="general") == 0
    outer(lambda: None, actor=ADLER)
    assert 0 < figures()("ehr_audit_seal_lag_seconds", tenant="general") < 60
    seal.seal_pending()
    told = figures()
    assert told("ehr_audit_seal_lag_seconds", tenant="general") == 0
    unsealed = AuditEvent.objects.filter(action="audit.seal").order_by("-id")[:1].count()
    assert told("ehr_audit_sealed_events_total", tenant="general") == AuditEvent.objects.count() - unsealed
    assert told("ehr_audit_sealed_events_total", tenant="valley") == 0


def test_only_later_seals_are_counted_again(committed: dict[str, str]) -> None:
    outer(lambda: None, actor=ADLER)
    seal.seal_pending()
    first = sealed_since(Sealed())
    outer(lambda: None, actor=ADLER)
    seal.seal_pending()
    assert sealed_since(first) == sealed_since(Sealed())
    assert sealed_since(Sealed(first.sequence, 1000)).events > 1000


def test_a_tenant_that_is_down_keeps_no_other_waiting(committed: dict[str, str]) -> None:
    connections["valley"].close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(connections["valley"].settings_dict, "NAME", "no_such_database")
        told = figures()
        connections["valley"].close()
    assert [told("ehr_tenant_up", tenant=alias) for alias in ("general", "valley")] == [1, 0]
    assert {labels["tenant"] for labels in told.labels_of("ehr_audit_seal_lag_seconds")} == {"general"}


def test_connections_and_processes_are_told(db: None) -> None:
    told, pid = figures(), str(os.getpid())
    states = {label["state"] for label in told.labels_of("ehr_database_connections") if label["tenant"] == "general"}
    assert "active" in states
    for name in ("cpu_seconds_total", "resident_memory_bytes", "threads", "open_files"):
        assert told(f"ehr_process_{name}", pid=pid) > 0, name


def in_process(folder: Path, program: str) -> str:
    """Runs a program in a web process of its own, whose figures stand in `folder`."""
    start = """
        import os, timeit
        import django
        django.setup()
        from django.http import HttpResponse
        from django.test import Client, RequestFactory
        from django.urls import resolve
        from ehr.config.metrics.requests import MeasureMiddleware
        client = Client(headers={"host": "testserver"})
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(start) + textwrap.dedent(program)],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "ehr.config.settings",
            "PROMETHEUS_MULTIPROC_DIR": str(folder),
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_all_web_processes_are_counted_together(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes of three requests each, of which the second dies busy with a fourth."""
    folder = tmp_path / "metrics"
    folder.mkdir()
    in_process(folder, "for _ in range(3): client.get('/healthz')")
    in_process(
        folder,
        """
        for _ in range(3): client.get('/healthz')
        MeasureMiddleware(lambda request: os._exit(0))(RequestFactory().get('/healthz'))
        """,
    )
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(folder))
    told = figures()
    assert told.requests("GET", "/healthz", 200) == 6
    assert told("ehr_http_requests_in_progress") == 0
    assert told.labels_of("ehr_process_threads") == [], "both have ended"
    assert told("ehr_tenant_up", tenant="general") == 1


def test_a_web_process_knows_the_queues_that_only_workers_empty(tmp_path: Path) -> None:
    queues = """
        resolve('/metrics')
        from ehr.audit.events import consumers
        print(*{consumer.queue for consumer in consumers.values()})
    """
    assert "audit" in in_process(tmp_path, queues).split()


def test_measuring_costs_next_to_nothing(tmp_path: Path) -> None:
    """Less than 20 µs a request, in files, as the product runs: the best of many short runs, for other work goes on."""
    folder = tmp_path / "metrics"
    folder.mkdir()
    cost = in_process(
        folder,
        """
        request = RequestFactory().get('/fhir/R4/Patient/1')
        request.resolver_match = resolve('/fhir/R4/Patient/1')
        response = HttpResponse()
        bare = lambda request: response
        measured = MeasureMiddleware(bare)
        best = [min(timeit.repeat(lambda: f(request), number=200, repeat=300)) / 200 for f in (bare, measured)]
        print((best[1] - best[0]) * 1e6)
        """,
    )
    assert 0 < float(cost) < 20


def test_a_fault_further_in_leaves_nothing_busy() -> None:
    def fail(_: object) -> HttpResponse:
        raise ValueError

    before = figures_in_progress()
    with pytest.raises(ValueError, match=r"^$"):
        MeasureMiddleware(fail)(RequestFactory().get("/"))
    assert figures_in_progress() == before


def figures_in_progress() -> float:
    (family,) = IN_PROGRESS.collect()
    return family.samples[0].value
