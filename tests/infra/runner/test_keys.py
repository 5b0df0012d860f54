"""The secrets of an instance, and who is told of them."""

import stat
from pathlib import Path

from infra.runner import instance, keys, product
from infra.runner.checkout import StateDirectory
from infra.runner.instance import DEMO, Running
from infra.runner.ports import Ports
from infra.runner.supervisor import Supervisor

PORTS = Ports(web=1, live=2, postgres=3, redis=4)


def test_keys_are_made_once_and_readable_by_their_user_alone(state: StateDirectory) -> None:
    keys.ensure_keys(state)
    files = (state.secret_key, state.seal_key, state.metrics_token)
    made = [file.read_text() for file in files]
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600] * 3
    assert len(state.metrics_token.read_text().strip()) >= 40
    keys.ensure_keys(state)
    assert [file.read_text() for file in files] == made


def test_every_process_finds_the_operators_token_and_web_alone_counts(
    state: StateDirectory, supervisor: Supervisor
) -> None:
    values = instance.environment(state, PORTS, "redis://127.0.0.1:4/0")
    running = Running(DEMO, state, PORTS, supervisor, values, "postgresql://nobody@127.0.0.1:3/postgres")
    programs = {program.name: program.environment for program in product.programs(running)}
    assert {environment["EHR_METRICS_TOKEN_FILE"] for environment in programs.values()} == {str(state.metrics_token)}
    counting = {name: environment.get("PROMETHEUS_MULTIPROC_DIR") for name, environment in programs.items()}
    assert counting == {"web": str(state.metrics), "live": None, "worker": None, "beat": None}


def test_counting_begins_anew_with_each_start(tmp_path: Path) -> None:
    folder = tmp_path / "metrics"
    product.begin_metrics(folder)
    (folder / "counter_7.db").touch()
    product.begin_metrics(folder)
    assert list(folder.iterdir()) == []
