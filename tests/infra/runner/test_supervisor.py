import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from infra.runner import register
from infra.runner.checkout import ROOT, StateDirectory
from infra.runner.failures import RunError, Stopped
from infra.runner.register import start_time, wait_until
from infra.runner.supervisor import Program, Supervisor

PATIENCE = 20.0
SLEEPER = "import time; time.sleep(600)"
PARENT = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', '{SLEEPER}']); time.sleep(600)"
SUPERVISING = """
import os, sys
from pathlib import Path
from infra.runner.checkout import StateDirectory
from infra.runner.supervisor import Program, Supervisor
state = StateDirectory(Path(sys.argv[1]))
with Supervisor(state, "demo", print) as supervisor:
    argv = [sys.executable, "-c", "import time; time.sleep(600)"]
    for name in ("web", "worker"):
        supervisor.start(Program(name, argv, state.log(name), os.environ))
    supervisor.mark_ready("http://localhost/")
    while True:
        supervisor.tick(60)
"""


def program(state: StateDirectory, code: str, name: str = "web") -> Program:
    return Program(name, [sys.executable, "-c", code], state.log(name), os.environ, port=8000)


def listed(state: StateDirectory) -> list[tuple[str, int, int | None]]:
    instance = register.read(state)
    assert instance is not None
    return [(process.name, process.pid, process.port) for process in instance.processes]


def descendants(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_killed_child_is_back_within_five_seconds_and_listed(
    supervisor: Supervisor, state: StateDirectory, announced: list[str]
) -> None:
    child = supervisor.start(program(state, SLEEPER))
    first = child.process.pid
    assert listed(state) == [("web", first, 8000)]
    os.kill(first, signal.SIGKILL)
    supervisor.wait_for(lambda: child.process.pid != first and child.is_running(), [child], "the child", 5)
    assert start_time(child.process.pid) is not None
    assert listed(state) == [("web", child.process.pid, 8000)]
    assert announced == ["web ended (SIGKILL); restarting in 0.1 s"]


def test_what_a_killed_child_had_started_goes_before_it_comes_back(
    supervisor: Supervisor, state: StateDirectory
) -> None:
    child = supervisor.start(program(state, PARENT))
    first = child.process.pid
    supervisor.wait_for(lambda: bool(descendants(first)), [child], "the grandchild", PATIENCE)
    [grandchild] = descendants(first)
    os.kill(first, signal.SIGKILL)
    supervisor.wait_for(lambda: child.process.pid != first, [child], "the child", 5)
    assert wait_until(lambda: start_time(grandchild) is None, PATIENCE)


def test_a_child_that_keeps_dying_is_retried_ever_more_slowly(
    supervisor: Supervisor, state: StateDirectory, announced: list[str]
) -> None:
    child = supervisor.start(program(state, "raise SystemExit('no database')"))
    with pytest.raises(RunError) as refused:
        supervisor.wait_for(lambda: False, [child], "the child", PATIENCE)
    assert announced == [
        "web ended (exit code 1); restarting in 0.1 s",
        "web ended (exit code 1); restarting in 0.5 s",
        "web ended (exit code 1); restarting in 1 s",
    ]
    assert refused.value.report().splitlines() == [
        "web does not stay up.",
        f"The end of {state.log('web')}:",
        *["  no database"] * 3,
    ]


def test_a_program_that_cannot_be_started_for_a_while_is_retried(
    supervisor: Supervisor, state: StateDirectory, announced: list[str], tmp_path: Path
) -> None:
    interpreter = tmp_path / "python"
    interpreter.symlink_to(sys.executable)
    child = supervisor.start(Program("web", [str(interpreter), "-c", SLEEPER], state.log("web"), os.environ))
    first = child.process.pid
    interpreter.unlink()
    os.kill(first, signal.SIGKILL)
    supervisor.wait_for(lambda: len(announced) == 2, [], "the second attempt", PATIENCE)
    interpreter.symlink_to(sys.executable)
    supervisor.wait_for(lambda: child.is_running() and child.process.pid != first, [], "the child", 5)
    assert announced == [
        "web ended (SIGKILL); restarting in 0.1 s",
        "web could not be started (No such file or directory); restarting in 0.5 s",
    ]


def test_what_does_not_come_up_in_time_is_named(supervisor: Supervisor, state: StateDirectory) -> None:
    child = supervisor.start(program(state, SLEEPER))
    with pytest.raises(RunError, match=r"The web process did not come up within 0 s\."):
        supervisor.wait_for(lambda: False, [child], "The web process", 0)


def test_an_end_signal_stops_every_child(state: StateDirectory) -> None:
    with Supervisor(state, "demo", print) as supervisor:
        children = [supervisor.start(program(state, SLEEPER, name)) for name in ("web", "worker")]
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(Stopped) as stopped:
            supervisor.tick(PATIENCE)
    assert stopped.value.signum == signal.SIGTERM
    assert [child.process.returncode for child in children] == [-signal.SIGTERM, -signal.SIGTERM]


def test_a_child_that_does_not_want_to_end_is_killed(state: StateDirectory) -> None:
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    )
    stubborn = Program("web", [sys.executable, "-c", deaf], state.log("web"), os.environ, stop_seconds=0.1)
    with Supervisor(state, "demo", print) as supervisor:
        child = supervisor.start(stubborn)
        supervisor.wait_for(lambda: state.log("web").read_text() == "deaf\n", [child], "the child", PATIENCE)
    assert child.process.returncode == -signal.SIGKILL


def test_children_end_when_their_supervisor_is_killed(state: StateDirectory) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", SUPERVISING, str(state.path)], env=environment) as supervising:
        assert wait_until(lambda: (found := register.read(state)) is not None and found.ready, PATIENCE)
        pids = [pid for _, pid, _ in listed(state)]
        assert [start_time(pid) is not None for pid in pids] == [True, True]
        supervising.kill()
    assert wait_until(lambda: [start_time(pid) for pid in pids] == [None, None], PATIENCE)


def test_the_list_is_readable_by_its_owner_alone(supervisor: Supervisor, state: StateDirectory) -> None:
    supervisor.mark_ready("http://localhost:8000/")
    kept = json.loads(state.processes.read_text())
    assert (kept["url"], kept["ready"], kept["processes"]) == ("http://localhost:8000/", True, [])
    assert state.processes.stat().st_mode & 0o777 == 0o600


def test_a_command_runs_beside_the_children_and_its_exit_code_comes_back(
    supervisor: Supervisor, state: StateDirectory
) -> None:
    child = supervisor.start(program(state, SLEEPER))
    log = state.log("step")
    status = supervisor.run_to_end([sys.executable, "-c", "print('half'); raise SystemExit(3)"], os.environ, log)
    assert (status, log.read_text()) == (3, "half\n")
    assert child.is_running()


def test_an_end_signal_interrupts_the_command_first(supervisor: Supervisor, state: StateDirectory) -> None:
    code = (
        "import os, signal, time\n"
        "try:\n"
        f"    os.kill({os.getpid()}, signal.SIGTERM)\n"
        "    time.sleep(600)\n"
        "except KeyboardInterrupt:\n"
        "    print('cleaned up')\n"
    )
    log = state.log("step")
    with pytest.raises(Stopped):
        supervisor.run_to_end([sys.executable, "-c", code], os.environ, log)
    assert log.read_text() == "cleaned up\n"
