"""Brings an instance up, the same way for demo, tests and benches: only the state folder and the ports differ."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra.runner import databases, identity, keys, postgres, redis
from infra.runner.checkout import ROOT, VENV, VENV_PYTHON, StateDirectory, packages
from infra.runner.databases import Plan, Tenant
from infra.runner.failures import RunError
from infra.runner.files import write_json
from infra.runner.progress import note, step
from infra.runner.stamps import fingerprint, is_current, set_stamp
from infra.runner.supervisor import Supervisor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from infra.runner.ports import Ports

NOT_INHERITED = {"DATABASE_URL", "EHR_DATABASE_ROLE", "PROMETHEUS_MULTIPROC_DIR", "PYTHONPATH"}
CRASH_RECOVERY_SECONDS = 300.0
START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Kind:
    """What sets a demo, a test run and a bench apart."""

    name: str
    plan: Plan
    throw_away: bool = False

    @property
    def state(self) -> StateDirectory:
        """Where an instance of this kind lives."""
        return StateDirectory.of(self.name)


GENERAL = Tenant("general", "Parkersburg General Hospital", ("localhost", "127.0.0.1"))
VALLEY = Tenant("valley", "Valley Clinic", ("valley.localhost",))
DEMO = Kind("demo", Plan("ehr_", (GENERAL, VALLEY)))
BENCH = Kind("bench", Plan("ehr_bench_", (GENERAL, VALLEY)))
TEST = Kind(
    "test",
    Plan(
        "ehr_test_",
        (
            Tenant(GENERAL.alias, GENERAL.name, (*GENERAL.hosts, "testserver")),
            Tenant(VALLEY.alias, VALLEY.name, (*VALLEY.hosts, "valley.testserver")),
        ),
        owner_creates_databases=True,
    ),
    throw_away=True,
)


@dataclass(slots=True)
class Running:
    """An instance whose services are up: run commands in it, start programs in it."""

    kind: Kind
    state: StateDirectory
    ports: Ports
    supervisor: Supervisor
    environment: dict[str, str]
    server_url: str

    def manage(self, title: str, *arguments: str) -> None:
        """Runs a management command as a step. Raises RunError, showing the end of its log, when it fails."""
        log = self.state.log(arguments[0])
        with step(title):
            status = self.supervisor.run_to_end(manage_argv(arguments), as_role(self.environment, arguments[0]), log)
            if status != 0:
                raise RunError(f"`./run manage {' '.join(arguments)}` failed.", log)

    def manage_unless_current(self, title: str, stamp_name: str, *arguments: str) -> None:
        """The same, but only when the code, the server or the address changed since it last succeeded."""
        stamp = self._stamp(stamp_name)
        wanted = code_fingerprint(self.server_url, str(self.ports.web))
        if not is_current(stamp, wanted):
            self.manage(title, *arguments)
            set_stamp(stamp, wanted)

    def forget_stamp(self, stamp_name: str) -> None:
        """Has the step done again, whatever changed."""
        self._stamp(stamp_name).unlink(missing_ok=True)

    def _stamp(self, name: str) -> Path:
        return self.state.stamps / name


def code_fingerprint(*facts: str) -> str:
    """Changes with any line of the product's code, content or locked dependencies."""
    return fingerprint([ROOT / "requirements.txt", ROOT / "package-lock.json", *packages()], *facts)


OWNER_COMMANDS = {"migrate", "migrate_tenants", "makemigrations", "showmigrations", "sqlmigrate", "squashmigrations"}


def as_role(environment: Mapping[str, str], command: str) -> dict[str, str]:
    """The environment for a management command: those that change the schema connect as the databases' owner."""
    if command in OWNER_COMMANDS:
        return {**environment, "EHR_DATABASE_ROLE": "owner"}
    return dict(environment)


def manage_argv(arguments: Sequence[str]) -> list[str]:
    """What to execute for `./run manage ARGUMENTS`."""
    return [str(VENV_PYTHON), str(ROOT / "manage.py"), *arguments]


def environment(state: StateDirectory, ports: Ports, redis_url: str) -> dict[str, str]:
    """What every process of the product finds in its environment."""
    inherited = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    return inherited | {
        "PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "LC_ALL": "C.UTF-8",
        "DJANGO_SETTINGS_MODULE": "ehr.config.settings",
        "EHR_STATE_DIR": str(state.path),
        "EHR_TENANTS": str(state.tenants),
        "EHR_SECRET_KEY_FILE": str(state.secret_key),
        "EHR_SEAL_KEY_FILE": str(state.seal_key),
        "EHR_METRICS_TOKEN_FILE": str(state.metrics_token),
        "REDIS_URL": redis_url,
        "PORT": str(ports.web),
        "LIVE_PORT": str(ports.live),
    }


def redis_url(state: StateDirectory, ports: Ports) -> str:
    """The Redis that REDIS_URL names, else the instance's own."""
    return os.environ.get("REDIS_URL") or redis.url(ports.redis, keys.Passwords.of(state).redis)


@contextmanager
def services(kind: Kind, state: StateDirectory, ports: Ports, command: str) -> Iterator[Running]:
    """PostgreSQL and Redis up, roles, databases and keys made; everything is stopped at the end.

    The caller holds the instance's lock.
    """
    passwords = keys.Passwords.of(state)
    keys.ensure_keys(state)
    values = environment(state, ports, redis_url(state, ports))
    with Supervisor(state, command, note) as supervisor:
        server_url = _start_postgres(supervisor, state, ports, passwords, values, throw_away=kind.throw_away)
        if not os.environ.get("REDIS_URL"):
            _start_redis(supervisor, state, ports, passwords, values)
        with step("Databases"):
            made = databases.provision(server_url, kind.plan, passwords)
        if made and state.stamps.exists():
            shutil.rmtree(state.stamps)  # whatever was done to the databases of these names is gone with them
        write_tenants(state, kind.plan, server_url, passwords)
        yield Running(kind, state, ports, supervisor, values, server_url)


def write_tenants(state: StateDirectory, plan: Plan, server_url: str, passwords: keys.Passwords) -> None:
    """The list of tenants that the settings read."""
    write_json(
        state.tenants,
        [
            {
                "alias": tenant.alias,
                "name": tenant.name,
                "host": tenant.hosts[0],
                "aliases": list(tenant.hosts[1:]),
                "owner_url": databases.with_login(
                    server_url, user=plan.owner, password=passwords.owner, database=plan.database(tenant)
                ),
                "app_url": databases.with_login(
                    server_url, user=plan.app, password=passwords.app, database=plan.database(tenant)
                ),
            }
            for tenant in plan.tenants
        ],
    )


def _start_postgres(
    supervisor: Supervisor,
    state: StateDirectory,
    ports: Ports,
    passwords: keys.Passwords,
    values: dict[str, str],
    *,
    throw_away: bool,
) -> str:
    given = os.environ.get("DATABASE_URL")
    if given:
        if not databases.answers(given):
            raise RunError(f"DATABASE_URL names a server that does not answer: {databases.described(given)}")
        return given
    cluster = own_cluster(state, throw_away=throw_away)
    url = databases.own_server_url(ports.postgres, cluster.socket, postgres.SUPERUSER, passwords.superuser)
    with step(f"PostgreSQL {cluster.programs.major}"):
        program = postgres.program(cluster, ports.postgres, passwords.superuser, state, values)
        child = supervisor.start(program)
        supervisor.wait_for(lambda: databases.answers(url), [child], "PostgreSQL", CRASH_RECOVERY_SECONDS)
    return url


def own_cluster(state: StateDirectory, *, throw_away: bool = False) -> postgres.Cluster:
    """The instance's own cluster, whether or not it was made yet."""
    who = identity.choose()
    home = identity.home(who, state.path / "postgres")
    return postgres.Cluster(home, postgres.socket_folder(home), postgres.choose_programs(home, who), who, throw_away)


def _start_redis(
    supervisor: Supervisor, state: StateDirectory, ports: Ports, passwords: keys.Passwords, values: dict[str, str]
) -> None:
    program = redis.program(ports.redis, passwords.redis, state, values)
    with step("Redis"):
        child = supervisor.start(program)
        supervisor.wait_for(lambda: redis.answers(ports.redis), [child], "Redis", START_SECONDS)


def forget_data(kind: Kind, state: StateDirectory) -> None:
    """Removes all data of an instance that does not run; what is left is its lock."""
    if given := os.environ.get("DATABASE_URL"):
        databases.drop(given, kind.plan)
    elsewhere = identity.elsewhere(state.path / "postgres")
    kept = [path for path in state.path.iterdir() if path != state.lock]
    for path in [*kept, *([elsewhere] if elsewhere.exists() else [])]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    state.create()
