"""After all that the tests of this group have killed: record, index and columns agree, and the seal verifies."""

import json

import pytest

from infra.runner.register import wait_until
from tests.faults.creates import Clients
from tests.plumbing.supervised import Product

pytestmark = pytest.mark.xdist_group("faults")  # the same product, after the others

SEAL_SECONDS = 30.0

ALL_SEALED = """
SELECT coalesce(bool_and(pg_visible_in_snapshot(e.xact, s.after::pg_snapshot)), false)
FROM audit_event e, (SELECT after FROM audit_seal ORDER BY sequence DESC LIMIT 1) AS s
WHERE e.action LIKE 'fhir.%'  -- making a seal is an event too, for the next one
"""


def test_record_and_seal_verify(product: Product, clients: Clients) -> None:
    status, _ = clients.ask("GET", clients.patient)
    assert status == 200

    def all_sealed() -> bool:
        with product.database() as connection:
            return connection.execute(ALL_SEALED).fetchone() == (True,)

    assert wait_until(all_sealed, SEAL_SECONDS), "the trail is not sealed to its end"
    verifying = product.start_manage("fhir_verify"), product.start_manage("audit_verify", "--json")
    record, trail = [(process.communicate(), process.returncode) for process in verifying]
    assert (record[1], trail[1]) == (0, 0), (record, trail)
    assert [tenant["difference_count"] for tenant in json.loads(trail[0][0])["tenants"]] == [0, 0]
