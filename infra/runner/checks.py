"""`./run check`: everything about the code that can be said without running it."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from infra.runner import frontend, instance, keys, licences
from infra.runner.checkout import BUILD, ROOT, VENV, VENV_PYTHON, StateDirectory
from infra.runner.failures import RunError
from infra.runner.files import exclusive
from infra.runner.instance import DEMO
from infra.runner.ports import Ports
from infra.runner.progress import say, step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NOWHERE = Ports(web=9, live=9, postgres=9, redis=9)


@dataclass(frozen=True, slots=True)
class Check:
    """A command that must exit 0."""

    title: str
    argv: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


def run() -> int:
    """Runs every check, also after one failed; shows the output of those that fail. Exit code 1 when any did."""
    with exclusive(BUILD / "build.lock"):
        frontend.install_packages()
        frontend.build()
    environment = _environment()
    failed = [check.title for check in checks() if not _passes(check, environment)]
    if problems := licences.problems():
        failed.append("Licences")
        say("\n".join(problems))
    say(f"Failed: {', '.join(failed)}" if failed else "All checks passed.")
    return 1 if failed else 0


def checks() -> list[Check]:
    """The commands, quick ones first."""
    ruff = str(VENV / "bin" / "ruff")
    return [
        Check("Lint (ruff)", [ruff, "check", "--output-format", "concise", "."]),
        Check("Format (ruff)", [ruff, "format", "--check", "."]),
        Check("Import contracts", [str(VENV / "bin" / "lint-imports"), "--no-cache"]),
        Check(
            "Settings for deployment",
            instance.manage_argv(["check", "--deploy", "--fail-level", "WARNING"]),
            {"EHR_TLS": "1"},
        ),
        Check("Migrations complete", instance.manage_argv(["makemigrations", "--check", "--dry-run"])),
        Check("Types (mypy)", [str(VENV_PYTHON), "-m", "mypy"]),
        Check("Accessibility", [str(VENV_PYTHON), "-m", "pytest", "-q", "tests/architecture", "-m", "accessibility"]),
    ]


def _environment() -> dict[str, str]:
    """Settings that reach no server: what is checked here needs none."""
    state = StateDirectory(BUILD / "check")
    state.create()
    keys.ensure_keys(state)
    passwords = keys.Passwords.of(state)
    instance.write_tenants(state, DEMO.plan, "postgresql://nobody@127.0.0.1:9/postgres", passwords)
    return instance.environment(state, NOWHERE, "redis://127.0.0.1:9/0")


def _passes(check: Check, environment: Mapping[str, str]) -> bool:
    try:
        with step(check.title):
            _run(check, environment)
    except RunError as error:
        say(str(error))
        return False
    return True


def _run(check: Check, environment: Mapping[str, str]) -> None:
    ended = subprocess.run(
        check.argv,
        check=False,
        cwd=ROOT,
        env={**environment, **check.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if ended.returncode != os.EX_OK:
        raise RunError(ended.stdout.rstrip())
