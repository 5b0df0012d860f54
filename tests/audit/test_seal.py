"""Sealing: everything that is finished, once, signed, copied; and at rest when nothing happens."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.db import transaction

from ehr.audit import canonical, chain, keys, outbox, seal
from ehr.audit.actions import action, audit
from ehr.audit.actors import Actor
from ehr.audit.canonical import Snapshot
from ehr.audit.chain import Seal
from ehr.audit.keys import NotASealKey
from ehr.audit.models import AuditEvent, AuditSeal, OutboxMessage
from ehr.audit.seal import NothingToSeal, SealFault, copy_name, seal_pending
from ehr.lib.tenancy import connection, use_tenant
from tests.audit.sample import ADLER, outer, trail

INSERT = """INSERT INTO audit_event
    (action, outcome, actor_kind, actor_id, actor_name, correlation_id, entities, detail)
    VALUES ('test.other', 'success', 'user', 'x', 'x', gen_random_uuid(), '{}', '{}')"""


@action("test.many")
def many(count: int, *, actor: Actor) -> None:
    for _ in range(count):
        audit()


def sealed_ids() -> list[list[int]]:
    digests = AuditSeal.objects.order_by("sequence").values_list("digests", flat=True)
    return [[number for number, _ in chain.DIGEST.iter_unpack(bytes(each))] for each in digests]


def seals() -> list[Seal]:
    columns = [name for name in Seal.__struct_fields__ if name != "tenant"]
    rows = AuditSeal.objects.order_by("sequence").values_list(*columns)
    return [Seal("general", *(bytes(v) if isinstance(v, memoryview) else v for v in row)) for row in rows]


@contextmanager
def open_writer(other: psycopg.Connection[Any]) -> Iterator[None]:
    """Within this block a transaction of somebody else has written an event and not yet committed."""
    with other.transaction():
        other.execute(INSERT)
        yield


@pytest.mark.usefixtures("committed")
def test_a_seal_covers_each_event_once_in_order_with_its_digest() -> None:
    outer(lambda: None, actor=ADLER)
    many(3, actor=ADLER)
    first = trail("id")
    assert seal_pending() == 1
    many(1, actor=ADLER)
    second = trail("id")[len(first) :]
    assert seal_pending() == 1
    assert sealed_ids() == [first, second]
    assert AuditSeal.objects.values_list("event_count", flat=True).order_by("sequence")[0] == len(first)


@pytest.mark.usefixtures("committed")
def test_the_digest_is_the_hash_of_the_copied_line_whatever_the_session_says(
    app_connection: psycopg.Connection[Any],
) -> None:
    outer(lambda: audit(patient_id="ü\t\\\n", detail={"code": "a\nb"}), actor=ADLER, reason="")
    with connection().cursor() as cursor:
        cursor.execute("SET TimeZone = 'Asia/Tokyo'")
        cursor.execute("SET DateStyle = 'ISO, DMY'")
    seal_pending()
    app_connection.execute("SET TimeZone = 'UTC'")
    columns = [field.column for field in AuditEvent._meta.concrete_fields]
    assert sorted(canonical.COLUMNS.split(", ")) == sorted(columns)
    with app_connection.cursor().copy(f"COPY audit_event ({canonical.COLUMNS}) TO STDOUT") as copy:
        lines = b"".join(bytes(block) for block in copy).splitlines()
    made = seals()[0]
    expected = [sha256(line).digest() for line in lines[:2]]
    assert [digest for _, digest in chain.DIGEST.iter_unpack(made.digests)] == expected


@pytest.mark.usefixtures("committed")
def test_seals_form_a_signed_chain() -> None:
    for _ in range(3):
        many(2, actor=ADLER)
        seal_pending()
    first, second, third = seals()
    assert (first.previous, second.previous, third.previous) == (chain.GENESIS_HEAD, first.head, second.head)
    assert (first.before, second.before, third.before) == (chain.GENESIS_SNAPSHOT, first.after, second.after)
    assert [chain.is_authentic(each, keys.public_key()) for each in (first, second, third)] == [True] * 3
    other = Ed25519PrivateKey.generate().public_key()
    assert [chain.is_authentic(each, other) for each in (first, second, third)] == [False] * 3


@pytest.mark.usefixtures("committed")
def test_sealing_comes_to_rest() -> None:
    many(1, actor=ADLER)
    assert [seal_pending() for _ in range(3)] == [1, 0, 0]
    assert trail("action") == ["test.many", "audit.seal"]
    many(1, actor=ADLER)
    assert seal_pending() == 1
    assert sealed_ids()[1] == trail("id")[1:3]  # the row of the first seal, and the new event


@pytest.mark.usefixtures("committed")
def test_an_empty_trail_makes_no_seal() -> None:
    assert (seal_pending(), AuditSeal.objects.count()) == (0, 0)


@pytest.mark.usefixtures("committed")
def test_sealing_is_audited_with_its_sequence_and_count() -> None:
    many(2, actor=ADLER)
    seal_pending()
    found = AuditEvent.objects.filter(action="audit.seal").values_list("actor_kind", "actor_id", "detail")
    assert list(found) == [("system", "audit-sealer", {"sequence": 1, "events": 2})]


@pytest.mark.usefixtures("committed")
def test_a_transaction_still_open_is_sealed_after_its_commit_and_holds_up_no_other(
    app_connection: psycopg.Connection[Any],
) -> None:
    with open_writer(app_connection):
        many(1, actor=ADLER)
        seal_pending()
        during = AuditEvent.objects.exclude(action="audit.seal").values_list("id", flat=True)
        assert sealed_ids() == [list(during)]
    late = AuditEvent.objects.get(action="test.other").id
    assert seal_pending() == 1
    assert late in sealed_ids()[1]
    flat = [number for each in sealed_ids() for number in each]
    assert len(flat) == len(set(flat)) == AuditEvent.objects.count() - 1  # all but the row of the last seal


@pytest.mark.usefixtures("committed")
def test_what_was_rolled_back_is_not_missed(app_connection: psycopg.Connection[Any]) -> None:
    with open_writer(app_connection):
        many(1, actor=ADLER)
        seal_pending()
        raise psycopg.Rollback
    many(1, actor=ADLER)
    assert (seal_pending(), "test.other" in trail("action")) == (1, False)
    assert [number for each in sealed_ids() for number in each] == trail("id")[:-1]


@pytest.mark.usefixtures("committed")
def test_a_backlog_is_sealed_in_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal, "STRETCH", 3)
    for count in (1, 1, 1, 1, 5, 2):
        many(count, actor=ADLER)
    before = trail("id")
    assert seal_pending() == 3
    assert [len(each) for each in sealed_ids()] == [4, 5, 2 + 2]  # the last with the rows of the first two seals
    assert sorted(number for each in sealed_ids() for number in each)[: len(before)] == before


@pytest.mark.usefixtures("committed")
def test_who_finds_another_sealing_leaves_it_to_him(app_connection: psycopg.Connection[Any]) -> None:
    many(1, actor=ADLER)
    with app_connection.transaction():
        app_connection.execute("SELECT pg_advisory_xact_lock(%s)", [seal._LOCK])
        assert seal_pending() == 0
        with pytest.raises(NothingToSeal):
            seal.seal(actor=seal.SEALER)
    assert (seal_pending(), trail("action")) == (1, ["test.many", "audit.seal"])


@pytest.mark.usefixtures("committed")
def test_sealing_inside_a_transaction_that_has_written_is_refused() -> None:
    with transaction.atomic(using="general"):
        many(1, actor=ADLER)
        with pytest.raises(SealFault, match="transaction of its own"):
            seal.seal(actor=seal.SEALER)


@pytest.mark.usefixtures("committed")
def test_a_database_restored_into_another_cluster_is_not_sealed_on_silently(
    superuser_connection: psycopg.Connection[Any],
) -> None:
    many(1, actor=ADLER)
    seal_pending()
    superuser_connection.execute("SET session_replication_role = replica")
    superuser_connection.execute("UPDATE audit_seal SET after = '9000000000:9000000000:'")
    with pytest.raises(SealFault, match="restored from a dump"):
        seal.seal(actor=seal.SEALER)


@pytest.mark.usefixtures("committed")
def test_each_tenant_has_a_chain_of_its_own() -> None:
    many(1, actor=ADLER)
    with use_tenant("valley"):
        many(2, actor=ADLER)
        assert (seal_pending(), len(sealed_ids()[0])) == (1, 2)
    assert AuditSeal.objects.count() == 0


@pytest.mark.usefixtures("committed")
def test_the_seal_is_copied_to_the_document_store_and_again_without_harm(documents: Storage) -> None:
    many(1, actor=ADLER)
    seal_pending()
    assert outbox.drain("audit") == 1
    with documents.open("audit/general/seal/000000000001") as file:
        content = file.read()
    assert chain.read_document(content) == seals()[0]
    seal.copy_seal(seal.AuditSealed(sequence=1))
    assert documents.listdir("audit/general/seal")[1] == ["000000000001"]


@pytest.mark.usefixtures("committed")
def test_a_copy_that_a_crash_cut_short_is_completed(documents: Storage) -> None:
    many(1, actor=ADLER)
    seal_pending()
    whole = chain.document(seals()[0])
    documents.save(copy_name("general", 1), ContentFile(whole[:100]))
    assert outbox.drain("audit") == 1
    with documents.open(copy_name("general", 1)) as file:
        assert file.read() == whole


@pytest.mark.usefixtures("committed")
def test_a_copy_that_holds_something_else_is_left_and_the_message_kept(documents: Storage) -> None:
    many(1, actor=ADLER)
    seal_pending()
    documents.save(copy_name("general", 1), ContentFile(b"something else"))
    assert outbox.drain("audit") == 0
    assert OutboxMessage.objects.get().last_error == "SealFault"
    with documents.open(copy_name("general", 1)) as file:
        assert file.read() == b"something else"


@pytest.mark.usefixtures("committed")
def test_a_seal_that_the_key_did_not_sign_is_not_copied(
    documents: Storage, superuser_connection: psycopg.Connection[Any]
) -> None:
    many(1, actor=ADLER)
    seal_pending()
    superuser_connection.execute("SET session_replication_role = replica")
    superuser_connection.execute("UPDATE audit_seal SET event_count = 7")
    assert (outbox.drain("audit"), OutboxMessage.objects.get().last_error) == (0, "SealFault")
    assert documents.exists(copy_name("general", 1)) is False


@pytest.mark.usefixtures("committed")
def test_without_its_key_nothing_is_sealed(settings: Any, tmp_path: Path) -> None:
    many(1, actor=ADLER)
    settings.SEAL_KEY_FILE = tmp_path / "none"
    with pytest.raises(FileNotFoundError):
        seal_pending()
    assert (AuditSeal.objects.count(), trail("action")) == (0, ["test.many"])


def test_a_key_of_another_kind_is_refused(settings: Any, tmp_path: Path) -> None:
    settings.SEAL_KEY_FILE = tmp_path / "key"
    pem = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    settings.SEAL_KEY_FILE.write_bytes(pem)
    with pytest.raises(NotASealKey):
        keys.private_key()


@pytest.mark.parametrize(
    ("text", "shown"),
    [("1:1:", []), ("5:5:", [3, 4]), ("5:9:5,7", [3, 4, 6, 8]), (str(Snapshot.parse("5:9:5,7").before(7)), [3, 4, 6])],
)
@pytest.mark.usefixtures("db")
def test_snapshots_show_what_was_finished(text: str, shown: list[int]) -> None:
    snapshot = Snapshot.parse(text)
    assert [xact for xact in range(3, 11) if snapshot.shows(xact)] == shown
    with connection().cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(n ORDER BY n) FROM generate_series(3, 10) n "
            "WHERE pg_visible_in_snapshot(n::text::xid8, %s::pg_snapshot)",
            [text],
        )
        assert (cursor.fetchone()[0] or []) == shown
