"""Processes killed without warning during 200 concurrent creates: what was acknowledged is there once, and whole.

`EHR_FAULT_SEED=… ./run test tests/faults/test_killed_while_creating.py` repeats the moments of an earlier run.
"""

import random
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults import killing
from tests.faults.creates import SYSTEM, Clients, Create
from tests.faults.killing import Victim
from tests.plumbing.supervised import Product

pytestmark = pytest.mark.xdist_group("faults")  # one product for all of them

CLIENTS = 200

VICTIMS: dict[str, Callable[[Product, random.Random], Victim]] = {
    "web worker": killing.web_worker,
    "web": lambda product, _: killing.supervised_process("web", product),
    "live": lambda product, _: killing.supervised_process("live", product),
    "worker": lambda product, _: killing.supervised_process("worker", product),
    "beat": lambda product, _: killing.supervised_process("beat", product),
    "postgres": lambda product, _: killing.supervised_process("postgres", product),
}

STORED = """
SELECT r.content::jsonb #>> '{identifier,0,value}', r.id, r.version_id, count(DISTINCT a.id), count(DISTINCT o.key)
FROM fhir_resource r
LEFT JOIN audit_event a ON a.action = 'fhir.resource.create' AND a.outcome = 'success'
    AND a.detail @> '{"outcomes": {"created": 1}}' AND a.entities = ARRAY['Observation/' || r.id || '/_history/1']
LEFT JOIN record_observation o ON o.key = r.key
WHERE r.type = 'Observation' AND NOT r.deleted AND r.content::jsonb #>> '{identifier,0,value}' LIKE %s
GROUP BY r.key ORDER BY 1
"""
AUDITED_WITHOUT_RESOURCE = """
SELECT entity FROM audit_event, unnest(entities) AS entity
WHERE outcome = 'success' AND entity LIKE '%/_history/%' AND entity NOT IN (
    SELECT type || '/' || id || '/_history/' || version_id FROM fhir_resource
    UNION ALL SELECT r.type || '/' || r.id || '/_history/' || v.version_id FROM fhir_version v JOIN fhir_resource r USING (key)
)
"""
INDEXED = """
SELECT count(*) FROM fhir_resource
WHERE type = 'Observation' AND content::jsonb #>> '{identifier,0,system}' = %s
"""


@pytest.mark.parametrize("name", VICTIMS)
def test_every_acknowledged_create_is_there_once(product: Product, clients: Clients, name: str) -> None:
    chance = killing.chance(name)
    creates = clients.wanted(f"{name.replace(' ', '-')}-{chance.getrandbits(32):08x}", CLIENTS)
    victim, moment = VICTIMS[name](product, chance), chance.randrange(CLIENTS // 10, CLIENTS * 3 // 4)
    with ThreadPoolExecutor(CLIENTS) as executor:
        clients.start(creates, executor)
        clients.wait_for_answers(moment)
        victim.kill()
        seconds = killing.comes_back(product, victim)
        clients.wait_for_answers(CLIENTS)
    tell(name, moment, seconds, creates)
    for create in creates:
        if create.may_repeat and not create.acknowledged:
            clients.send(create)
    assert [create.statuses for create in creates if create.may_repeat and not create.acknowledged] == []
    assert {status for create in creates for status in create.statuses} <= {None, 200, 201, 503}
    stored_are_whole_and_as_told(product, creates)


def stored_are_whole_and_as_told(product: Product, creates: list[Create]) -> None:
    """In the record is what clients were told, and of what they heard nothing all or nothing; each with its audit row."""
    batch = creates[0].name.rpartition("-")[0]
    with product.database() as connection:
        rows = connection.execute(STORED, [f"{batch}-%"]).fetchall()
        assert connection.execute(AUDITED_WITHOUT_RESOURCE).fetchall() == []
    by_name = {create.name: create for create in creates}
    expected = [(row[0], by_name[row[0]].id or row[1], 1, 1, 1) for row in rows]
    assert rows == expected
    assert len(rows) == len({row[0] for row in rows})
    assert [
        create.name for create in creates if create.acknowledged and create.name not in {row[0] for row in rows}
    ] == []


def test_they_are_found_by_search_as_often_as_they_are_stored(product: Product, clients: Clients) -> None:
    query = f"subject={clients.patient}&identifier={SYSTEM}|&_count=0&_total=accurate"
    status, found = clients.ask("GET", f"Observation?{query}")
    with product.database() as connection:
        stored = connection.execute(INDEXED, [SYSTEM]).fetchone()
    assert (status, (found["total"],)) == (200, stored)


def tell(name: str, moment: int, seconds: float, creates: list[Create]) -> None:
    """What happened, for whoever runs this with -s."""
    told = Counter(str(create.statuses[0]) for create in creates)
    sys.stdout.write(f"{name} killed after {moment} answers, back in {seconds:.1f} s: {dict(told)}\n")
