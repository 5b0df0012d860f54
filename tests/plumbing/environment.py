"""The environment of one test process, made before the settings are read.

`./run test` hands over a cluster with a database per tenant. Every test process works on clones of its own, named in a
tenants file of its own, so that whatever reads EHR_TENANTS (the settings, a command, a child process) finds the clones.
"""

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parents[2]
SCHEMA_SOURCES = (
    "*/**/migrations/*.py",
    "*/**/models.py",
    "*/**/models/*.py",
    "ehr/audit/guards.py",
    "ehr/audit/records.py",
    "ehr/config/settings.py",
    "ehr/config/management/commands/migrate_tenants.py",
    "requirements.txt",
    "tests/plumbing/*.py",
)
NOT_SOURCES = {"node_modules", ".venv", "build", ".demo", ".test", ".bench"}

REQUIRED = ("EHR_TENANTS", "EHR_STATE_DIR", "EHR_SECRET_KEY_FILE", "EHR_SEAL_KEY_FILE", "REDIS_URL")
TEST_HOSTS = {"general": ["127.0.0.1", "testserver"], "valley": ["valley.testserver"]}


class Clone(NamedTuple):
    """One tenant of the test process: its entry in the tenants file handed over, and its database's name here."""

    entry: dict[str, Any]
    name: str

    @property
    def alias(self) -> str:
        return str(self.entry["alias"])

    @property
    def base(self) -> str:
        """The database that was handed over. Never written to: names of others start with its name."""
        return urlsplit(self.entry["owner_url"]).path.lstrip("/")

    def renamed(self, name: str) -> "Clone":
        return Clone(self.entry, name)

    def owner_url(self) -> str:
        return with_database(self.entry["owner_url"], self.name)

    def app_url(self) -> str:
        return with_database(self.entry["app_url"], self.name)

    def maintenance_url(self) -> str:
        return str(self.entry["owner_url"])


def prepare() -> None:
    """Points this process's environment at its own clones. Raises KeyError naming a variable that is not set."""
    missing = [name for name in REQUIRED if name not in os.environ]
    if missing:
        raise KeyError(f"{', '.join(missing)} not set: tests are run by ./run test")
    os.environ.setdefault("EHR_TEST_RUN", str(os.getpid()))
    os.environ.setdefault("EHR_TEST_SCHEMA", schema_hash())  # once: the workers of a run share a template
    os.environ.setdefault("EHR_TEST_TENANTS", os.environ["EHR_TENANTS"])
    os.environ.setdefault("EHR_TEST_STATE_DIR", os.environ["EHR_STATE_DIR"])
    state = state_dir()
    state.mkdir(parents=True, exist_ok=True)
    os.environ["EHR_STATE_DIR"] = str(state)
    os.environ["REDIS_URL"] = urlunsplit(urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{_redis_database()}"))
    os.environ["EHR_TENANTS"] = str(write_tenants(state / "tenants.json", worker_clones()))


def schema_hash() -> str:
    """Ten hexadecimal digits that change with every migration, model, guard and locked dependency."""
    digest = hashlib.sha256()
    for pattern in SCHEMA_SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            if path.relative_to(ROOT).parts[0] not in NOT_SOURCES:
                digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:10]


def _redis_database() -> int:
    """A Redis database for this process alone: 0 stays whose it was, 1 to 14 are the workers', 15 is that of "main"."""
    return 15 if worker() == "main" else 1 + int(worker().removeprefix("gw")) % 14


def worker() -> str:
    """gw0, gw1, … under xdist, else "main"."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


def run_number() -> str:
    """The process id of the pytest that was started; its workers inherit it."""
    return os.environ["EHR_TEST_RUN"]


def runs_dir() -> Path:
    return Path(os.environ["EHR_TEST_STATE_DIR"]).resolve() / "test-runs"


def state_dir() -> Path:
    return runs_dir() / f"{run_number()}-{worker()}"


def discard_state() -> None:
    """Forgets this process's files, and those of runs that are no more."""
    shutil.rmtree(state_dir(), ignore_errors=True)
    for left in runs_dir().iterdir():
        if not Path(f"/proc/{left.name.split('-')[0]}").exists():
            shutil.rmtree(left, ignore_errors=True)


def worker_clones() -> list[Clone]:
    """The tenants with the names of this process's databases."""
    entries = json.loads(Path(os.environ["EHR_TEST_TENANTS"]).read_bytes())
    clones = [Clone(entry, "") for entry in entries]
    return [clone.renamed(f"{clone.base}_run{run_number()}_{worker()}") for clone in clones]


def write_tenants(path: Path, clones: list[Clone]) -> Path:
    """Writes a tenants file in which every tenant has its clone, and also answers to the test client's host names."""
    entries = [
        clone.entry
        | {
            "owner_url": clone.owner_url(),
            "app_url": clone.app_url(),
            "aliases": sorted({*clone.entry.get("aliases", ()), *TEST_HOSTS.get(clone.alias, ())}),
        }
        for clone in clones
    ]
    path.write_text(json.dumps(entries, indent=1))
    path.chmod(0o600)
    return path


def with_database(url: str, name: str) -> str:
    """The same URL for another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
