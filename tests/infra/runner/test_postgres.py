import os
import pwd
import signal
from pathlib import Path

import psycopg
import pytest

from infra.runner import databases, identity, postgres
from infra.runner.checkout import StateDirectory
from infra.runner.identity import Identity
from infra.runner.ports import private_ports
from infra.runner.postgres import Cluster, Programs
from infra.runner.supervisor import Supervisor

PASSWORD = "0123456789abcdef"
NEEDS_PROGRAMS = pytest.mark.skipif(not postgres.installed_programs(), reason="no PostgreSQL programs on this machine")
GIBIBYTE = 1024**3


@pytest.fixture
def who() -> Identity:
    return identity.choose()


@pytest.fixture
def cluster(state: StateDirectory, who: Identity) -> Cluster:
    home = identity.home(who, state.path / "postgres")
    return Cluster(home, postgres.socket_folder(home), postgres.choose_programs(home, who), who)


@NEEDS_PROGRAMS
def test_a_killed_cluster_comes_back_with_every_commit(
    supervisor: Supervisor, state: StateDirectory, cluster: Cluster
) -> None:
    port = private_ports(["postgres"], {})["postgres"]
    url = databases.own_server_url(port, cluster.socket, postgres.SUPERUSER, PASSWORD)
    child = supervisor.start(postgres.program(cluster, port, PASSWORD, state, os.environ))
    supervisor.wait_for(lambda: databases.answers(url), [child], "PostgreSQL", 60)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE note (text text)")
        connection.execute("INSERT INTO note VALUES ('kept')")
        settings = connection.execute(
            "SELECT current_setting('fsync'), current_setting('data_checksums'), current_setting('listen_addresses'),"
            " current_setting('password_encryption'), current_setting('log_min_error_statement')"
        ).fetchone()
    assert settings == ("on", "on", "127.0.0.1", "scram-sha-256", "panic")
    first = child.process.pid
    os.kill(first, signal.SIGKILL)
    supervisor.wait_for(lambda: child.process.pid != first and databases.answers(url), [child], "PostgreSQL", 60)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT text FROM note").fetchall() == [("kept",)]
    assert not databases.answers(databases.own_server_url(port, cluster.socket, postgres.SUPERUSER, "wrong"))


@NEEDS_PROGRAMS
def test_an_existing_cluster_gets_the_programs_that_made_it(state: StateDirectory, cluster: Cluster) -> None:
    postgres.create(cluster, PASSWORD, state.log("initdb"))
    made_by = int((cluster.data / "PG_VERSION").read_text())
    assert postgres.choose_programs(cluster.home, cluster.identity).major == made_by == cluster.programs.major


@NEEDS_PROGRAMS
@pytest.mark.parametrize(
    ("memory", "shared"), [(GIBIBYTE // 2, "128MB"), (4 * GIBIBYTE, "512MB"), (64 * GIBIBYTE, "1024MB")]
)
def test_memory_is_shared_out_by_what_the_machine_has(cluster: Cluster, memory: int, shared: str) -> None:
    lines = postgres.configuration(cluster, 5433, memory).splitlines()
    assert f"shared_buffers = '{shared}'" in lines
    assert "fsync = 'on'" in lines


def test_a_path_too_long_for_a_socket_is_replaced_by_a_short_one(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 90)
    assert postgres.socket_folder(Path("/srv/ehr/.demo/postgres")) == Path("/srv/ehr/.demo/postgres/socket")
    assert len(os.fsencode(postgres.socket_folder(deep) / ".s.PGSQL.65535.lock")) <= 107


def test_root_becomes_an_ordinary_user_for_the_server_alone() -> None:
    user = pwd.getpwnam("daemon")
    assert identity.Namespaced(user).command(["postgres"]) == [
        "unshare", "-U", f"--map-user={user.pw_uid}", f"--map-group={user.pw_gid}", "postgres",
    ]  # fmt: skip
    assert identity.Switched(user).command(["postgres"]) == [
        "setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--pdeathsig=INT", "postgres",
    ]  # fmt: skip
    assert identity.Oneself().command(["postgres"]) == ["postgres"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can hide a folder from another user")
def test_a_folder_the_server_cannot_enter_is_replaced_not_opened(tmp_path: Path) -> None:
    closed = tmp_path / "root-only"
    closed.mkdir(mode=0o700)
    who = identity.Switched(pwd.getpwnam("daemon"))
    assert identity.home(who, closed / "postgres") == identity.elsewhere(closed / "postgres")
    assert identity.home(identity.Namespaced(who.user), closed / "postgres") == closed / "postgres"
    assert closed.stat().st_mode & 0o777 == 0o700


def test_programs_are_those_of_a_supported_version(tmp_path: Path) -> None:
    for name, version in (("old", "14.9"), ("new", "17.2 (Debian 17.2-1)")):
        folder = tmp_path / name
        folder.mkdir()
        for program in ("postgres", "initdb"):
            (folder / program).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")
            (folder / program).chmod(0o755)
    assert postgres.programs_in(tmp_path / "old") is None
    assert postgres.programs_in(tmp_path / "new") == Programs(tmp_path / "new", 17)
    assert postgres.programs_in(tmp_path) is None
