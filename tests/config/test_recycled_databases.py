"""What the tests themselves stand on: a committed clone that is used again is as good as new."""

from typing import Any

import psycopg
import pytest
from django.db import connections

from ehr.access.models import User
from ehr.audit.models import AuditEvent
from tests.plumbing import recycling
from tests.plumbing.cast import Cast
from tests.plumbing.recycling import Pool


def _name() -> str:
    return str(connections["general"].settings_dict["NAME"])


names: list[str] = []


@pytest.mark.parametrize("turn", [1, 2])
def test_rows_and_numbers_start_anew(committed: dict[str, str], cast: Cast, turn: int) -> None:
    names.append(_name())
    assert (User.objects.count(), AuditEvent.objects.count()) == (0, 0)
    cast.physician.actor.may("record.open-chart")
    assert AuditEvent.objects.order_by("id").values_list("id", flat=True)[0] == 1
    if turn == 2 and len(names) == 2:
        assert names[0] == names[1], "emptied, not made anew"


SPOILED = {
    "ALTER TABLE audit_event DISABLE TRIGGER ehr_append_only": "ALTER TABLE audit_event ENABLE TRIGGER ehr_append_only",
    "GRANT DELETE ON fhir_resource TO PUBLIC": "REVOKE DELETE ON fhir_resource FROM PUBLIC",
    "CREATE TABLE left_over (id int)": "DROP TABLE left_over",
    "UPDATE django_migrations SET name = name || 'x'": "UPDATE django_migrations SET name = left(name, -1)",
}


def test_a_clone_that_is_spoiled_is_not_used_again(
    owner_connection: psycopg.Connection[Any], committed_clones: Pool
) -> None:
    clone, fresh = committed_clones._ready[0]
    assert recycling._emptied(clone, fresh)
    for spoil, undo in SPOILED.items():
        owner_connection.execute(spoil)
        assert not recycling._emptied(clone, fresh), spoil
        owner_connection.execute(undo)
    assert recycling._emptied(clone, fresh)


def test_a_clone_that_is_in_use_is_not_used_again(
    owner_connection: psycopg.Connection[Any], committed_clones: Pool, cast: Cast
) -> None:
    clone, fresh = committed_clones._ready[0]
    assert cast.nurse.username == "bell"
    with owner_connection.transaction():
        owner_connection.execute("LOCK TABLE access_user IN ACCESS SHARE MODE")
        assert not recycling._emptied(clone, fresh)
    assert recycling._emptied(clone, fresh)
