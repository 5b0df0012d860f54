"""`./run stop` and `status`: about a demo that runs. Standard library alone, so that they never install anything."""

from __future__ import annotations

import json
from dataclasses import asdict

from infra.runner import register
from infra.runner.checkout import StateDirectory
from infra.runner.progress import say


def stop() -> int:
    """Ends the demo and waits until every process of it is gone."""
    if register.end(StateDirectory.of("demo")):
        say("The demo is stopped; its data is kept (./run reset forgets it).")
    else:
        say("The demo does not run.")
    return 0


def status(*, as_json: bool) -> int:
    """Lists the demo's processes. Exit code 0 when it serves, 1 when it doesn't run or is not ready yet."""
    running = register.read_running(StateDirectory.of("demo"))
    processes = [] if running is None else running.processes
    if as_json:
        rows = [{name: asdict(process)[name] for name in ("name", "pid", "port")} for process in processes]
        say(json.dumps(rows, indent=2))
    elif running is None:
        say("The demo does not run.")
    else:
        say(f"{running.url or 'starting'}  (supervised by process {running.supervisor.pid})")
        for process in processes:
            say(f"  {process.name:<12}{process.pid:>8}  {process.port or ''}")
    return 0 if running is not None and running.ready else 1
