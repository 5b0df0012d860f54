"""`./run COMMAND`: installs what the command needs, then carries it out inside the virtual environment."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from infra.runner import oversight, python_packages
from infra.runner.checkout import ROOT, VENV_PYTHON
from infra.runner.failures import RunError, Stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

DESCRIPTION = "Everything there is to do with this checkout. Ports: PORT (8000), LIVE_PORT (8001)."
PASSED_ON = {"test", "manage"}
LOCKS = {
    "demo": python_packages.RUNTIME,
    "manage": python_packages.RUNTIME,
    "reset": python_packages.RUNTIME,
    "test": python_packages.DEVELOPMENT,
    "check": python_packages.DEVELOPMENT,
    "bench": python_packages.RUNTIME,
    "lock": python_packages.DEVELOPMENT,
}


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    top = argparse.ArgumentParser(prog="./run", description=DESCRIPTION)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    demo = commands.add_parser("demo", help="start the product with a made-up hospital; Ctrl-C stops all of it")
    demo.add_argument("--detach", action="store_true", help="return when it is ready, and leave it running")
    commands.add_parser("stop", help="stop it and wait until all its processes are gone; the data stays")
    commands.add_parser("reset", help="stop it and forget its data, logins and keys")
    status = commands.add_parser("status", help="list its processes; exit code 1 when it is not ready")
    status.add_argument("--json", action="store_true", help='as JSON: [{"name", "pid", "port"}, …]')
    commands.add_parser("manage", help="run a management command in it", add_help=False)
    commands.add_parser("test", help="run the tests; arguments go to pytest", add_help=False)
    commands.add_parser("check", help="run linters, types, import contracts, migration and licence checks")
    bench = commands.add_parser("bench", help="measure: one line a figure, and bench.json")
    bench.add_argument("groups", nargs="*", metavar="GROUP", help="only these groups of figures")
    lock = commands.add_parser("lock", help="lock the Python dependencies after a requirements*.in changed")
    lock.add_argument("--upgrade", action="store_true", help="to the newest versions allowed")
    return top


def main(arguments: Sequence[str]) -> int:
    """Carries the command out. Exit code 0 done, 1 failed, 2 wrong usage, 128 + signal when stopped by one."""
    own = list(arguments[:1]) if arguments and arguments[0] in PASSED_ON else list(arguments)
    options = parser().parse_args(own)
    try:
        if options.command == "stop":
            return oversight.stop()
        if options.command == "status":
            return oversight.status(as_json=options.json)
        python_packages.install(LOCKS[options.command])
        if not python_packages.inside_environment():
            os.environ["PYTHONPATH"] = str(ROOT)
            argv = [str(VENV_PYTHON), "-P", "-m", "infra.runner", *arguments]
            os.execv(argv[0], argv)  # noqa: S606 - an argument list, no shell
        return carry_out(options, list(arguments[1:]))
    except RunError as error:
        sys.stdout.flush()
        sys.stderr.write(f"\n{error.report()}\n")
        return 1
    except Stopped as stopped:
        return 128 + stopped.signum
    except KeyboardInterrupt:
        return 130


def carry_out(options: argparse.Namespace, rest: list[str]) -> int:
    """Runs the command in this process; needs the virtual environment."""
    from infra.runner import checks, demo, locks, trial  # noqa: PLC0415 - they need the environment's packages

    commands: dict[str, Callable[[], int]] = {
        "demo": lambda: demo.run(detach=options.detach),
        "reset": demo.reset,
        "manage": lambda: demo.manage(rest),
        "test": lambda: trial.test(rest),
        "check": checks.run,
        "bench": lambda: trial.bench(options.groups),
        "lock": lambda: locks.write(upgrade=options.upgrade),
    }
    return commands[options.command]()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
