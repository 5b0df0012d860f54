"""`./run test` and `./run bench`: an instance of their own, ended with the run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from infra.runner import browser, instance, ports, product, register
from infra.runner.checkout import ROOT, VENV_PYTHON
from infra.runner.instance import BENCH, TEST
from infra.runner.progress import say

if TYPE_CHECKING:
    from infra.runner.instance import Running

TEST_PROCESSES = "2"
BENCH_FILE = ROOT / "bench.json"


def test(arguments: list[str]) -> int:
    """Runs pytest, from the root of the checkout, on real PostgreSQL, Redis and Chromium; exits as pytest does.

    The cluster under `.test` stays, stopped, so that the next run finds the databases that the tests keep as templates.
    """
    state = TEST.state
    chromium = browser.chromium()
    os.chdir(ROOT)
    with register.held(state):
        chosen = ports.choose(state.ports)
        with instance.services(TEST, state, chosen, "test") as running:
            product.build(running)
            environment = running.environment | {"EHR_CHROMIUM": str(chromium)} | _superuser(running)
            argv = [str(VENV_PYTHON), "-m", "pytest", "-n", TEST_PROCESSES, "--dist", "loadgroup", *arguments]
            return running.supervisor.run_to_end(argv, environment)


def bench(groups: list[str]) -> int:
    """Runs the benches in a whole instance on free ports: prints `name value unit` lines, writes bench.json."""
    state = BENCH.state
    with register.held(state):
        instance.forget_data(BENCH, state)
        chosen = ports.choose(state.ports)
        with instance.services(BENCH, state, chosen, "bench") as running:
            product.build(running)
            product.collect_static_files(running)
            product.migrate(running)
            product.load_demo(running)
            product.serve(running)
            argv = [str(VENV_PYTHON), "-m", "infra.benches", *groups, "--output", str(BENCH_FILE)]
            status = running.supervisor.run_to_end(argv, running.environment | _superuser(running))
    if status == os.EX_OK:
        say(f"Written: {BENCH_FILE}")
    return status


def _superuser(running: Running) -> dict[str, str]:
    """A superuser's login, for what only one can try, such as forging audit rows; none on somebody else's server."""
    return {} if os.environ.get("DATABASE_URL") else {"EHR_SUPERUSER_URL": running.server_url}
