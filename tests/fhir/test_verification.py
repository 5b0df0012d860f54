"""What `fhir_verify` finds: nothing after honest writes, and by name whatever was tampered with."""

from dataclasses import dataclass
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import transaction

from ehr.access.permissions import operator
from ehr.fhir.actions import delete_resource
from ehr.fhir.verification import Tally, verify
from ehr.lib.tenancy import connection
from tests import factories


@dataclass(frozen=True)
class Stored:
    """A patient in three versions, one potassium, and a deleted second potassium."""

    patient: str
    potassium: str
    deleted: str


def store() -> Stored:
    patient = factories.patient(birthDate="1957-03-14")
    potassium, deleted = factories.observation(patient), factories.observation(patient)
    factories.put(patient, potassium, deleted)
    return Stored(patient["id"], potassium["id"], deleted["id"])


def found() -> list[str]:
    return [str(difference) for difference in verify(Tally())]


def tamper(sql: str, stored: Stored) -> None:
    """As somebody would who holds the application's own rights."""
    with connection().cursor() as cursor:
        cursor.execute("SELECT set_config('ehr.action', 'tampering', true)")
        cursor.execute(sql, vars(stored))
        assert cursor.rowcount > 0


@pytest.mark.usefixtures("db")
def test_honest_writes_leave_no_difference() -> None:
    stored = store()
    delete_resource(actor=operator("tests"), type_="Observation", id_=stored.deleted)
    tally = Tally()
    assert list(verify(tally)) == []
    assert tally.resources == 3


KEY_OF = "(SELECT key FROM fhir_resource WHERE id = %({})s)"
PATIENT, POTASSIUM = KEY_OF.format("patient"), KEY_OF.format("potassium")


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    ("sql", "differences"),
    [
        (
            f"UPDATE administration_patient SET family = 'X', gender = 'male' WHERE key = {PATIENT}",
            ["Patient/{patient}: administration_patient: family, gender"],
        ),
        (
            f"UPDATE administration_patient SET birth_date_low = NULL WHERE key = {PATIENT}",
            ["Patient/{patient}: administration_patient: birth_date_low"],
        ),
        (
            f"UPDATE record_observation SET value_number = 9 WHERE key = {POTASSIUM}",
            ["Observation/{potassium}: record_observation: value_number"],
        ),
        (
            f"UPDATE record_observation SET category = ARRAY['vital-signs'] WHERE key = {POTASSIUM}",
            ["Observation/{potassium}: record_observation: category"],
        ),
        (
            f"DELETE FROM record_observation WHERE key = {POTASSIUM}",
            ["Observation/{potassium}: record_observation: row missing"],
        ),
        (
            f"UPDATE fhir_resource SET tokens = tokens[2:] WHERE key = {POTASSIUM}",
            ["Observation/{potassium}: fhir_resource.tokens"],
        ),
        (
            f"UPDATE fhir_quantity_index SET low = low - 1 WHERE key = {POTASSIUM} AND ordinal = 0",
            [
                "Observation/{potassium}: fhir_quantity_index: rows missing of 1",
                "Observation/{potassium}: fhir_quantity_index: rows too many of 1",
            ],
        ),
        (
            f"UPDATE fhir_date_index SET high = 'infinity' WHERE key = {PATIENT} AND ordinal = 0",
            [
                "Patient/{patient}: fhir_date_index: rows missing of 1",
                "Patient/{patient}: fhir_date_index: rows too many of 1",
            ],
        ),
        (
            f"DELETE FROM fhir_reference_index WHERE key = {POTASSIUM} AND param = 0",
            ["Observation/{potassium}: fhir_reference_index: rows missing of 1"],
        ),
        (
            f"INSERT INTO fhir_string_index (key, ordinal, param, folded, exact) VALUES ({PATIENT}, 99, 1, 'x', 'x')",
            ["Patient/{patient}: fhir_string_index: rows too many of 1"],
        ),
        (
            "INSERT INTO fhir_string_index (key, ordinal, param, folded, exact) VALUES (987654321, 0, 1, 'x', 'x')",
            ["key 987654321: fhir_string_index: rows too many of 1"],
        ),
    ],
)
def test_a_planted_difference_is_named(sql: str, differences: list[str]) -> None:
    stored = store()
    assert found() == []
    tamper(sql, stored)
    assert found() == [text.format(**vars(stored)) for text in differences]


@pytest.mark.usefixtures("db")
def test_columns_of_a_deleted_resource_are_too_many() -> None:
    stored = store()
    with connection().cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE kept ON COMMIT DROP AS SELECT * FROM record_observation")
    delete_resource(actor=operator("tests"), type_="Observation", id_=stored.deleted)
    tamper(f"INSERT INTO record_observation SELECT * FROM kept WHERE key = {KEY_OF.format('deleted')}", stored)
    assert found() == [f"Observation/{stored.deleted}: record_observation: row too many"]


@pytest.mark.parametrize(
    ("sql", "differences"),
    [
        (
            "DELETE FROM fhir_version WHERE version_id = 1",
            ["Patient/{patient}: fhir_version: versions [1] missing before version 3"],
        ),
        (
            "UPDATE fhir_version SET version_id = 7 WHERE version_id = 2",
            ["Patient/{patient}: fhir_version: versions [2] missing before version 3"],
        ),
        (
            "UPDATE fhir_resource SET content = replace(content, '1957-03-14', '1957-03-15') WHERE type = 'Patient'",
            [
                "Patient/{patient}: fhir_date_index: rows missing of 1",
                "Patient/{patient}: fhir_date_index: rows too many of 1",
                "Patient/{patient}: administration_patient: birth_date, birth_date_low, birth_date_high, search_text",
            ],
        ),
        (
            "UPDATE fhir_resource SET last_updated = last_updated - interval '1 day' WHERE type = 'Patient'",
            ["Patient/{patient}: fhir_resource.last_updated is not what the content says"],
        ),
    ],
)
def test_a_superuser_cannot_break_the_chain_unseen(
    committed: dict[str, str], superuser_connection: psycopg.Connection[Any], sql: str, differences: list[str]
) -> None:
    patient = factories.patient(birthDate="1957-03-14")
    for gender in ("female", "other", "female"):
        factories.put(patient | {"gender": gender})
    assert found() == []
    superuser_connection.execute("SET session_replication_role = replica")
    assert superuser_connection.execute(sql).rowcount == 1
    assert found() == [text.format(patient=patient["id"]) for text in differences]


def test_the_command_names_the_tenant_and_exits_with_1(committed: dict[str, str]) -> None:
    stored = store()
    output = StringIO()
    call_command("fhir_verify", stdout=output)
    assert "general: 3 resources, 0 superseded versions," in output.getvalue()
    assert "valley: 0 resources, 0 superseded versions, 0 derived rows: no differences" in output.getvalue()

    tamper_for_good(stored)
    output = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("fhir_verify", stdout=output)
    assert ended.value.code == 1
    assert output.getvalue().splitlines()[0] == f"general: Patient/{stored.patient}: administration_patient: family"


def tamper_for_good(stored: Stored) -> None:
    with transaction.atomic(using="general"):
        tamper(f"UPDATE administration_patient SET family = 'X' WHERE key = {PATIENT}", stored)
