"""Verification: what counts as a difference and what does not. tests/faults has a thousand attempts to get past it."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.core.management import call_command

from ehr.audit import keys, outbox
from ehr.audit.actions import action, audit
from ehr.audit.actors import Actor
from ehr.audit.models import AuditEvent
from ehr.audit.seal import copy_name, seal_pending
from ehr.audit.verify import COPY_GRACE, Difference, Differences, verify_tenant
from ehr.lib import clock
from tests.audit.sample import ADLER

NAME = copy_name("general", 2)


@action("test.note")
def note(*, actor: Actor) -> None:
    audit(patient_id="p1")


@pytest.fixture
def trail_of_three_seals(committed: dict[str, str], documents: Storage) -> list[int]:
    """Three seals, copied. The ids of the events of the second."""
    for _ in range(3):
        note(actor=ADLER)
        note(actor=ADLER)
        seal_pending()
    outbox.drain("audit")
    ids = list(AuditEvent.objects.order_by("id").values_list("id", flat=True))
    return ids[2:5]


def found(**options: Any) -> list[str]:
    return [str(difference) for difference in verify_tenant(keys.public_key(), **options).differences]


def test_an_untouched_trail_is_as_sealed(trail_of_three_seals: list[int]) -> None:
    report = verify_tenant(keys.public_key())
    counts = (report.tenant, report.events, report.seals, report.unsealed, report.copies_pending)
    assert (report.ok, report.first, counts) == (True, None, ("general", 9, 3, 1, 0))


@pytest.mark.usefixtures("committed", "documents")
def test_an_empty_trail_is_as_sealed() -> None:
    report = verify_tenant(keys.public_key())
    assert (report.ok, report.events, report.seals, report.unsealed) == (True, 0, 0, 0)


def test_another_key_vouches_for_nothing(trail_of_three_seals: list[int]) -> None:
    report = verify_tenant(Ed25519PrivateKey.generate().public_key())
    kinds = {(difference.subject, difference.kind) for difference in report.differences}
    assert kinds == {("seal", "added"), ("copy", "altered")}
    assert (report.difference_count, report.unsealed) == (6, 9)


def rewrite(content: bytes) -> Callable[[Storage], None]:
    def change(storage: Storage) -> None:
        storage.delete(NAME)
        storage.save(NAME, ContentFile(content))

    return change


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda storage: storage.delete(NAME), "copy 2 missing: the document store has no copy of this seal"),
        (rewrite(b"{}"), "copy 2 altered: what the document store has is not signed with the seal key"),
        (rewrite(b"\xff"), "copy 2 altered: what the document store has is not signed with the seal key"),
        (
            lambda storage: storage.save(f"{NAME}_x", ContentFile(b"")),
            "copy 0 added: '000000000002_x' in the document store is no copy of a seal",
        ),
        (
            lambda storage: storage.save(copy_name("general", 9), ContentFile(b"")),
            "copy 9 altered: what the document store has is not signed with the seal key",
        ),
    ],
    ids=["missing", "no-seal", "no-json", "stranger", "beyond"],
)
def test_what_the_document_store_has_is_compared(
    trail_of_three_seals: list[int], documents: Storage, change: Callable[[Storage], None], expected: str
) -> None:
    assert found() == []
    change(documents)
    assert expected in found()


def test_a_copy_in_the_place_of_another_is_altered(trail_of_three_seals: list[int], documents: Storage) -> None:
    with documents.open(copy_name("general", 1)) as file:
        rewrite(file.read())(documents)
    assert found() == ["copy 2 altered: what the document store has is not signed with the seal key"]


def test_the_newest_seals_may_wait_for_their_copies_for_a_while(committed: dict[str, str], documents: Storage) -> None:
    for _ in range(2):
        note(actor=ADLER)
        seal_pending()
    report = verify_tenant(keys.public_key())
    assert (report.ok, report.copies_pending) == (True, 2)
    with clock.frozen(clock.now() + COPY_GRACE + timedelta(seconds=5)):
        assert found() == [
            "copy 1 missing: the document store has no copy of this seal",
            "copy 2 missing: the document store has no copy of this seal",
        ]


def test_with_its_seal_gone_on_both_sides_an_event_is_not_vouched_for(
    trail_of_three_seals: list[int], documents: Storage, superuser_connection: psycopg.Connection[Any]
) -> None:
    superuser_connection.execute("SET session_replication_role = replica")
    superuser_connection.execute("DELETE FROM audit_seal WHERE sequence = 2")
    documents.delete(NAME)
    assert found() == [
        *(f"event {number} added: no seal that is left vouches for it" for number in trail_of_three_seals),
        "seal 2 missing: neither side has a seal between 1 and 3",
    ]


def test_differences_beyond_the_limit_are_counted_and_the_lowest_kept() -> None:
    differences = Differences(limit=2)
    for number in (5, 9, 1, 7, 3, 8, 2):
        differences.add("event", number, "altered", "")
    assert (differences.count, [each.number for each in differences.first()]) == (7, [1, 2])


def test_the_command_names_the_first_difference_and_exits_1(
    trail_of_three_seals: list[int],
    superuser_connection: psycopg.Connection[Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("audit_verify")
    before = capsys.readouterr().out
    superuser_connection.execute("SET session_replication_role = replica")
    superuser_connection.execute(
        "UPDATE audit_event SET actor_name = 'somebody' WHERE id = ANY(%s)", [trail_of_three_seals]
    )
    with pytest.raises(SystemExit) as ended:
        call_command("audit_verify", limit=2)
    after = capsys.readouterr().out
    first = trail_of_three_seals[0]
    assert ("general: all is as it was sealed" in before, "valley: all is as it was sealed" in before) == (True, True)
    assert (ended.value.code, f"First: event {first} altered: it is not what seal 2 was made of" in after) == (1, True)
    assert ("and 1 more" in after, "valley: all is as it was sealed" in after) == (True, True)


def test_the_command_speaks_json(trail_of_three_seals: list[int], capsys: pytest.CaptureFixture[str]) -> None:
    call_command("audit_verify", "--json")
    told = json.loads(capsys.readouterr().out)
    assert sorted(told) == ["events", "events_per_s", "ok", "tenants", "unsealed"]
    assert (told["ok"], told["events"], told["unsealed"]) == (True, 9, 1)
    assert [tenant["tenant"] for tenant in told["tenants"]] == ["general", "valley"]
    general = told["tenants"][0]
    assert sorted(general) == [
        "copies_pending", "difference_count", "differences", "events", "events_per_s", "first", "ok", "seals",
        "seconds", "tenant", "unsealed",
    ]  # fmt: skip
    assert (general["events"], general["seals"], general["unsealed"], general["first"]) == (9, 3, 1, None)


def test_an_auditor_verifies_with_the_public_key_alone(
    trail_of_three_seals: list[int], tmp_path: Path, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("audit_public_key")
    own = tmp_path / "seal.pub.pem"
    own.write_text(capsys.readouterr().out)
    settings.SEAL_KEY_FILE = tmp_path / "not-for-auditors"
    call_command("audit_verify", public_key=own, tenant=["general"])
    assert "general: all is as it was sealed" in capsys.readouterr().out
    stranger = Ed25519PrivateKey.generate().public_key()
    own.write_bytes(stranger.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(SystemExit):
        call_command("audit_verify", public_key=own, tenant=["general"])


def test_a_difference_reads_as_a_sentence() -> None:
    assert str(Difference("event", 7, "missing", "why")) == "event 7 missing: why"
