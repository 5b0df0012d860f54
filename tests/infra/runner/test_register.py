import os
import subprocess
import sys

import pytest

from infra.runner import register
from infra.runner.checkout import StateDirectory
from infra.runner.failures import RunError
from infra.runner.register import Instance, Running, start_time


@pytest.fixture
def sleeper() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])


def instance(*processes: Running) -> Instance:
    return Instance(Running.now("supervisor", os.getpid()), "demo", None, ready=False, processes=list(processes))


def test_an_instance_is_run_by_one_at_a_time(state: StateDirectory) -> None:
    assert not register.is_held(state)
    with register.held(state):
        instance().save(state)
        assert register.is_held(state)
        with pytest.raises(RunError) as refused, register.held(state):
            pytest.fail("two hold it")
        assert str(refused.value) == (
            f"{state.path} is in use by `./run demo` (process {os.getpid()}). "
            "End it first, or give this one a folder of its own: RUN_STATE_DIR=…"
        )
    assert not register.is_held(state)


def test_what_is_written_is_read_and_only_while_it_runs(state: StateDirectory) -> None:
    written = instance(Running("web", 1, 2, 8000), Running("beat", 3, 4))
    with register.held(state):
        written.save(state)
        assert register.read_running(state) == written
    assert register.read_running(state) is None


def test_leftovers_of_a_killed_supervisor_are_ended_before_the_next_start(
    state: StateDirectory, sleeper: subprocess.Popen[bytes]
) -> None:
    instance(Running.now("web", sleeper.pid)).save(state)
    with register.held(state):
        assert start_time(sleeper.pid) is None
        assert sleeper.wait() != 0


def test_a_later_process_with_the_same_pid_is_left_alone(
    state: StateDirectory, sleeper: subprocess.Popen[bytes]
) -> None:
    real = Running.now("web", sleeper.pid)
    instance(Running("web", sleeper.pid, real.started - 1)).save(state)
    with register.held(state):
        assert real.is_alive()
    sleeper.kill()
    sleeper.wait()
    assert not real.is_alive()


def test_ending_what_does_not_run_says_so(state: StateDirectory) -> None:
    assert register.end(state) is False


def test_a_folder_of_somebody_else_is_not_taken(state: StateDirectory) -> None:
    foreign = StateDirectory(state.path / "home")
    foreign.path.mkdir()
    (foreign.path / "thesis.txt").write_text("years of work")
    with pytest.raises(RunError, match="holds files that are not an instance's"):
        foreign.create()
    assert [file.name for file in foreign.path.iterdir()] == ["thesis.txt"]
