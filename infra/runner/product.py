"""The product itself inside an instance: what is built before it runs, and the processes that serve it."""

from __future__ import annotations

import http.client
import shutil
from typing import TYPE_CHECKING

from infra.runner import frontend, redis
from infra.runner.checkout import BUILD, ROOT, VENV, packages
from infra.runner.files import exclusive
from infra.runner.ports import LOOPBACK
from infra.runner.progress import step
from infra.runner.stamps import fingerprint, is_current, set_stamp
from infra.runner.supervisor import Program

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from infra.runner.instance import Running

READY_SECONDS = 120.0
DEFINITION_SOURCES = (
    ROOT / "package-lock.json",
    ROOT / "ehr" / "fhir" / "definitions",
    ROOT / "ehr" / "fhir" / "management" / "commands" / "compile_definitions.py",
)
WEB_WORKERS = 2
WEB_THREADS = 4


def build(running: Running) -> None:
    """Front end and compiled FHIR definitions, shared by all instances of the checkout."""
    with exclusive(BUILD / "build.lock"):
        frontend.install_packages()
        frontend.build()
        _build_once(running, "FHIR definitions", BUILD / "fhir", DEFINITION_SOURCES, "compile_definitions")


def collect_static_files(running: Running) -> None:
    """What the web process serves beside pages, compressed and named by content."""
    with exclusive(BUILD / "build.lock"):
        _build_once(
            running, "Static files", BUILD / "static", _static_sources(), "collectstatic", "--noinput", "--clear"
        )


def _build_once(running: Running, title: str, product: Path, sources: Sequence[Path], *command: str) -> None:
    stamp = BUILD / f"{command[0]}.stamp"
    wanted = fingerprint(sources)
    if not product.is_dir() or not is_current(stamp, wanted):
        running.manage(title, *command)
        set_stamp(stamp, wanted)


def _static_sources() -> list[Path]:
    """What collectstatic gathers: our own files, the front-end build, and what locked packages bring along."""
    own = [folder for package in packages() for folder in sorted(package.rglob("static"))]
    return [BUILD / "front", ROOT / "requirements.txt", ROOT / "ehr" / "config" / "settings.py", *own]


def migrate(running: Running) -> None:
    """Every tenant's schema, as far as the code says."""
    running.manage_unless_current("Schema of every tenant", "migrated", "migrate_tenants")


def load_demo(running: Running) -> None:
    """The demo's people, logins and codes; also when somebody deleted the list of logins."""
    if not running.state.credentials.exists():
        running.forget_stamp("demo")
    running.manage_unless_current("Demo hospital", "demo", "load_demo")


def serve(running: Running) -> None:
    """Starts web, live, worker and beat, and returns when the web process says that it is ready."""
    begin_metrics(running.state.metrics)
    with step("Web, live, worker, beat"):
        children = [running.supervisor.start(program) for program in programs(running)]
        running.supervisor.wait_for(lambda: is_ready(running), children, "The web process", READY_SECONDS)
        running.supervisor.mark_ready(f"http://localhost:{running.ports.web}/")


def begin_metrics(folder: Path) -> None:
    """Forgets what the web processes of an earlier start have counted."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()


def programs(running: Running) -> list[Program]:
    """The product's processes, in the order of their start."""
    ports, state, environment = running.ports, running.state, running.environment
    granian = [str(VENV / "bin" / "granian"), "--host", LOOPBACK, "--http", "1", "--no-access-log"]
    granian += ["--respawn-failed-workers", "--workers-kill-timeout", "5"]
    celery = [str(VENV / "bin" / "celery"), "--workdir", str(ROOT), "-A", "ehr.config.celery"]
    web = [*granian, "--interface", "wsgi", "--port", str(ports.web), "--workers", str(WEB_WORKERS)]
    web += ["--blocking-threads", str(WEB_THREADS), "ehr.config.wsgi:application"]
    live = [*granian, "--interface", "asgi", "--port", str(ports.live), "--workers", "1", "ehr.config.live:application"]
    worker = [*celery, "worker", "--pool", "threads", "--loglevel", "WARNING"]
    worker += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    beat = [*celery, "beat", "--loglevel", "WARNING", "--pidfile="]
    measured = environment | {"PROMETHEUS_MULTIPROC_DIR": str(state.metrics)}
    return [
        Program("web", web, state.log("web"), measured, port=ports.web),
        Program("live", live, state.log("live"), environment, port=ports.live),
        Program("worker", worker, state.log("worker"), environment, stop_seconds=20.0),
        Program("beat", beat, state.log("beat"), environment),
    ]


def is_ready(running: Running) -> bool:
    """Whether `/readyz` of the web process answers 200 and the live process listens."""
    connection = http.client.HTTPConnection(LOOPBACK, running.ports.web, timeout=5)
    try:
        connection.request("GET", "/readyz", headers={"Host": "localhost"})
        ready = connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return ready and redis.answers(running.ports.live)
