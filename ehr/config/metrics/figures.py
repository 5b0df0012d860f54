"""Figures that are looked up when somebody asks: of each tenant's database, and of the web processes."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import Error
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from ehr.audit.figures import Backlog, Sealed, backlogs, seal_lag, sealed_since
from ehr.config.metrics import requests
from ehr.lib import tenancy
from ehr.lib.tenancy import use_tenant

PROCESSES = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")

_CONNECTIONS_SQL = """
SELECT coalesce(state, 'unknown'), count(*) FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class TenantFigures:
    """What one tenant's database says. `connections` are the application's own, all its processes', by state."""

    backlogs: list[Backlog]
    seal_lag: float
    sealed: Sealed
    connections: dict[str, int]


class Tenants(Collector):
    """The figures of every tenant. One whose database does not answer is told as down, and keeps no other waiting."""

    def __init__(self) -> None:
        self._sealed: dict[str, Sealed] = {}

    def collect(self) -> Iterator[Metric]:
        """Asks each tenant's database, five short queries."""
        up = GaugeMetricFamily("ehr_tenant_up", "Whether the tenant's database answers.", labels=["tenant"])
        by_queue = ["tenant", "queue"]
        depth = GaugeMetricFamily("ehr_outbox_messages", "Messages that wait to be delivered.", labels=by_queue)
        oldest = GaugeMetricFamily(
            "ehr_outbox_oldest_seconds", "Seconds for which the oldest message has waited.", labels=by_queue
        )
        lag = GaugeMetricFamily(
            "ehr_audit_seal_lag_seconds",
            "Seconds for which the oldest event has waited for its seal.",
            labels=["tenant"],
        )
        sealed = CounterMetricFamily("ehr_audit_sealed_events", "Audit events that are sealed.", labels=["tenant"])
        connections = GaugeMetricFamily(
            "ehr_database_connections", "The application's connections by state.", labels=["tenant", "state"]
        )
        for tenant in settings.TENANTS:
            found = self._look(tenant.alias)
            up.add_metric([tenant.alias], found is not None)
            if found is None:
                continue
            for backlog in found.backlogs:
                depth.add_metric([tenant.alias, backlog.queue], backlog.depth)
                oldest.add_metric([tenant.alias, backlog.queue], backlog.oldest_seconds)
            lag.add_metric([tenant.alias], found.seal_lag)
            sealed.add_metric([tenant.alias], found.sealed.events)
            for state, count in found.connections.items():
                connections.add_metric([tenant.alias, state], count)
        yield from (up, depth, oldest, lag, sealed, connections)

    def _look(self, alias: str) -> TenantFigures | None:
        try:
            with use_tenant(alias):
                sealed = self._sealed[alias] = sealed_since(self._sealed.get(alias, Sealed()))
                return TenantFigures(backlogs(), seal_lag(), sealed, _connections())
        except Error:
            return None


class Processes(Collector):
    """What the web processes use, as Linux tells (proc(5))."""

    def collect(self) -> Iterator[Metric]:
        """Reads a few files for each process."""
        cpu = CounterMetricFamily("ehr_process_cpu_seconds", "Seconds of processor time.", labels=["pid"])
        memory = GaugeMetricFamily("ehr_process_resident_memory_bytes", "Memory that is in use.", labels=["pid"])
        threads = GaugeMetricFamily("ehr_process_threads", "Threads.", labels=["pid"])
        files = GaugeMetricFamily("ehr_process_open_files", "Open files and sockets.", labels=["pid"])
        for pid in living(web_processes()):
            with suppress(FileNotFoundError):  # it has ended since
                fields = (PROCESSES / pid / "stat").read_text().rpartition(")")[2].split()
                opened = len(os.listdir(PROCESSES / pid / "fd"))  # noqa: PTH208 - names only, and many
                cpu.add_metric([pid], (int(fields[11]) + int(fields[12])) / TICKS)
                threads.add_metric([pid], int(fields[17]))
                memory.add_metric([pid], int(fields[21]) * PAGE)
                files.add_metric([pid], opened)
        yield from (cpu, memory, threads, files)


tenants = Tenants()
processes = Processes()


def exposition() -> bytes:
    """All figures in the text format of Prometheus, version 0.0.4."""
    registry = CollectorRegistry()
    if folder := shared_folder():
        forget_dead()
        MultiProcessCollector(registry, str(folder))  # type: ignore[no-untyped-call] # the library leaves it untyped
    else:
        registry.register(requests.DURATION)
        registry.register(requests.IN_PROGRESS)
    registry.register(tenants)
    registry.register(processes)
    return generate_latest(registry)


def shared_folder() -> Path | None:
    """Where the web processes keep their figures; None for one that keeps its own."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    return Path(folder) if folder else None


def web_processes() -> set[str]:
    """The processes that have counted requests since the figures began, dead ones included."""
    folder = shared_folder()
    if folder is None:
        return {str(os.getpid())}
    return {path.stem.rpartition("_")[2] for path in folder.glob("*.db")}


def living(pids: set[str]) -> list[str]:
    """Those that are there now."""
    return sorted(pid for pid in pids if (PROCESSES / pid).exists())


def forget_dead() -> None:
    """What a dead process was busy with, it is no longer busy with; what it has done stays counted."""
    pids = web_processes()
    for pid in pids - set(living(pids)):
        with suppress(FileNotFoundError):  # whoever asked at the same time was first
            mark_process_dead(int(pid))  # type: ignore[no-untyped-call] # the library leaves it untyped


def _connections() -> dict[str, int]:
    with tenancy.connection().cursor() as cursor:
        cursor.execute(_CONNECTIONS_SQL)
        return dict(cursor.fetchall())
