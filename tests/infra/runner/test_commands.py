"""`./run` as a user types it, on a copy of the checkout's runner with nothing else in it."""

import os
import subprocess
from pathlib import Path

import pytest

from infra.runner.checkout import ROOT
from infra.runner.instance import OWNER_COMMANDS, as_role


def run(*arguments: str, state: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"RUN_STATE_DIR": str(state)}
    return subprocess.run(
        [ROOT / "run", *arguments], capture_output=True, text=True, check=False, env=environment, cwd=state.parent
    )


def test_status_of_what_does_not_run(tmp_path: Path) -> None:
    told = run("status", "--json", state=tmp_path / "state")
    assert (told.returncode, told.stdout) == (1, "[]\n")
    assert not (tmp_path / "state").exists()


def test_stop_of_what_does_not_run(tmp_path: Path) -> None:
    told = run("stop", state=tmp_path / "state")
    assert (told.returncode, told.stdout) == (0, "The demo does not run.\n")


@pytest.mark.parametrize("arguments", [(), ("deploy",), ("status", "--yaml"), ("demo", "now")])
def test_wrong_usage_is_told(arguments: tuple[str, ...], tmp_path: Path) -> None:
    told = run(*arguments, state=tmp_path / "state")
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.startswith("usage: ./run")


@pytest.mark.parametrize("command", sorted(OWNER_COMMANDS))
def test_what_changes_the_schema_connects_as_the_owner(command: str) -> None:
    assert as_role({"A": "b"}, command) == {"A": "b", "EHR_DATABASE_ROLE": "owner"}


def test_everything_else_connects_as_the_application() -> None:
    assert as_role({"A": "b"}, "import_fhir") == {"A": "b"}
