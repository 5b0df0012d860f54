"""An import that is killed, or loses its database: what it has stored is whole, and the same command finishes it.

`EHR_FAULT_SEED=… ./run test tests/faults/test_killed_while_importing.py` repeats the moments of an earlier run.
"""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from infra.runner.register import start_time, wait_until
from tests.faults import killing
from tests.plumbing.supervised import Product

pytestmark = pytest.mark.xdist_group("faults")  # one product for all of them

FILES = 2
LINES = 1_500  # a file; a thousand are written at a time
IMPORT_SECONDS = 120.0

IMPORTED = """
SELECT r.type, count(*), count(DISTINCT r.id), max(r.version_id), count(DISTINCT i.key)
FROM fhir_imported_resource i JOIN fhir_resource r USING (key) WHERE i.source = %s GROUP BY r.type ORDER BY r.type
"""
AUDITED = """
SELECT count(*), count(DISTINCT entity) FROM audit_event, unnest(entities) AS entity
WHERE action = 'fhir.import.store' AND entity LIKE 'Observation/' || %s || '-%%'
"""
STORED = "SELECT count(*) FROM fhir_resource WHERE type = 'Observation' AND id LIKE %s || '-%%'"


@pytest.fixture
def batch(tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Writes the files of one import; what all its ids start with, which is also the name of its source."""
    name = request.node.originalname.removeprefix("test_").replace("_", "-")[:20]
    people = [{"resourceType": "Patient", "id": f"{name}-{number}"} for number in range(10)]
    write(tmp_path / "people.ndjson", people)
    for number in range(FILES):
        write(
            tmp_path / f"results-{number}.ndjson", [observation(name, number * LINES + line) for line in range(LINES)]
        )
    return name


def write(path: Path, resources: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(resource) + "\n" for resource in resources))


def observation(name: str, number: int) -> dict[str, object]:
    return {
        "resourceType": "Observation",
        "id": f"{name}-{number}",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "2339-0"}]},
        "subject": {"reference": f"Patient/{name}-{number % 10}"},
        "effectiveDateTime": "2026-03-14",
        "valueQuantity": {"value": number, "unit": "mg/dL"},
    }


def test_an_import_whose_database_is_killed(product: Product, batch: str, tmp_path: Path) -> None:
    with importing(product, batch, tmp_path) as process:
        some_are_stored(product, batch)
        postgres = killing.supervised_process("postgres", product)
        postgres.kill()
        told, complained = process.communicate(timeout=IMPORT_SECONDS)
    ended_saying(process.returncode, told, complained, "The database went away.")
    killing.comes_back(product, postgres)
    the_same_command_finishes_it(product, batch, tmp_path)


def test_an_importer_that_is_killed(product: Product, batch: str, tmp_path: Path) -> None:
    with importing(product, batch, tmp_path) as process:
        some_are_stored(product, batch)
        workers = killing.children(process.pid)
        process.kill()
    the_same_command_finishes_it(product, batch, tmp_path)
    assert [worker for worker in workers if start_time(worker) is not None] == []


def test_a_worker_of_an_import_that_is_killed(product: Product, batch: str, tmp_path: Path) -> None:
    with importing(product, batch, tmp_path) as process:
        some_are_stored(product, batch)
        os.kill(killing.children(process.pid)[-1], signal.SIGKILL)
        told, complained = process.communicate(timeout=IMPORT_SECONDS)
    ended_saying(process.returncode, told, complained, "A worker process ended early.")
    the_same_command_finishes_it(product, batch, tmp_path)


def ended_saying(status: int, told: str, complained: str, why: str) -> None:
    advice = "What is stored is whole; run the same command again to go on."
    assert (status, told, complained.splitlines()[-1:]) == (1, "", [f"CommandError: {why} {advice}"]), complained


def importing(product: Product, batch: str, folder: Path) -> subprocess.Popen[str]:
    return product.start_manage("import_fhir", "--source", batch, "--json", str(folder))


def some_are_stored(product: Product, batch: str) -> None:
    """Comes back in the middle of the import: after as many resources as the seed says."""
    enough = killing.chance(batch).randrange(1, LINES)
    assert wait_until(lambda: stored(product, batch) >= enough, IMPORT_SECONDS), "nothing is imported"


def stored(product: Product, batch: str) -> int:
    with product.database() as connection:
        row = connection.execute(STORED, [batch]).fetchone()
    assert row is not None
    return int(row[0])


def the_same_command_finishes_it(product: Product, batch: str, folder: Path) -> None:
    """Every resource is there exactly once, in its first version, in one audit row."""
    before = stored(product, batch)
    assert 0 < before < FILES * LINES
    with importing(product, batch, folder) as process:
        told, complained = process.communicate(timeout=IMPORT_SECONDS)
    assert process.returncode == 0, complained
    report = json.loads(told)
    assert (report["stored"] + report["unchanged"], report["refused"], report["parked"]) == (10 + FILES * LINES, 0, 0)
    with product.database() as connection:
        count = FILES * LINES
        assert connection.execute(IMPORTED, [batch]).fetchall() == [
            ("Observation", count, count, 1, count),
            ("Patient", 10, 10, 1, 10),
        ]
        assert connection.execute(AUDITED, [batch]).fetchone() == (count, count)
