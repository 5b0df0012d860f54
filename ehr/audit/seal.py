"""Seals the audit trail: a signed hash chain over every event, at most five seconds after its commit."""

from dataclasses import dataclass
from hashlib import sha256

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db.backends.utils import CursorWrapper

from ehr.audit import canonical, chain, keys
from ehr.audit.actions import action, audit, publish
from ehr.audit.actors import Actor
from ehr.audit.canonical import Snapshot
from ehr.audit.chain import Seal
from ehr.audit.events import Event, consumes
from ehr.audit.models import AuditSeal
from ehr.lib import clock, tenancy

SEALER = Actor(kind="system", id="audit-sealer", name="Audit sealer")
STRETCH = 100_000
"""Events that one seal takes at most, unless a single transaction wrote more: 4 MB of digests."""

_COLUMNS = [name for name in Seal.__struct_fields__ if name != "tenant"]  # each tenant has its own table
_LOCK = 0x65687273  # "ehrs": one sealer at a time in a database


class NothingToSeal(Exception):
    """Nothing new, or another process is sealing right now."""


class SealFault(RuntimeError):
    """The trail cannot be sealed or a seal cannot be copied as it stands: somebody has to look."""


@dataclass(frozen=True, slots=True)
class AuditSealed(Event):
    """A stretch of the trail was sealed."""

    sequence: int


def seal_pending() -> int:
    """Seals all events of finished transactions of the current tenant; how many seals that took.

    Rows that only say that the trail was sealed wait for the next event, or sealing would never come to rest.
    """
    made = 0
    while _is_due():
        try:
            seal(actor=SEALER)
        except NothingToSeal:
            break
        made += 1
    return made


@action("audit.seal")
def seal(*, actor: Actor) -> int:  # noqa: ARG001 - taken by the action
    """Seals the next stretch; its sequence number. Raises NothingToSeal, SealFault."""
    with tenancy.connection().cursor() as cursor:
        _lock(cursor)
        last = _last_seal()
        before = last.after if last else chain.GENESIS_SNAPSHOT
        after = _stretch_end(cursor, before)
        digests = _digests(cursor, before, after)
    if not digests:
        raise NothingToSeal
    made = chain.signed(
        Seal(
            tenant=tenancy.current_tenant(),
            sequence=last.sequence + 1 if last else 1,
            format=canonical.FORMAT,
            before=before,
            after=after,
            event_count=len(digests) // chain.DIGEST.size,
            digests=digests,
            previous=bytes(last.head) if last else chain.GENESIS_HEAD,
            head=b"",
            signature=b"",
            sealed_at=clock.now(),
        ),
        keys.private_key(),
    )
    AuditSeal.objects.create(**{name: getattr(made, name) for name in _COLUMNS})
    audit(detail={"sequence": made.sequence, "events": made.event_count})
    publish(AuditSealed(sequence=made.sequence))
    return made.sequence


@consumes(AuditSealed, name="audit.copy_seal", queue="audit")
def copy_seal(event: AuditSealed) -> None:
    """Copies a seal to the document store, out of reach of whoever rules the database. Raises SealFault."""
    row = AuditSeal.objects.get(sequence=event.sequence)
    made = Seal(tenancy.current_tenant(), **{name: getattr(row, name) for name in _COLUMNS})
    if not chain.is_authentic(made, keys.public_key()):
        raise SealFault(f"seal {made.sequence} in the database is not signed with the seal key")
    _store_once(storages["documents"], copy_name(made.tenant, made.sequence), chain.document(made))


def copies_folder(tenant: str) -> str:
    """Where the copies of a tenant's seals stand in the document store."""
    return f"audit/{tenant}/seal"


def copy_name(tenant: str, sequence: int) -> str:
    """Where the copy of one seal stands in the document store."""
    return f"{copies_folder(tenant)}/{sequence:012}"


def _store_once(storage: Storage, name: str, content: bytes) -> None:
    if storage.exists(name):
        with storage.open(name) as file:
            found = file.read()
        if found == content:
            return
        if not content.startswith(found):
            raise SealFault(f"{name} in the document store holds something else")
        storage.delete(name)  # a write that a crash cut short
    if (given := storage.save(name, ContentFile(content))) != name:
        storage.delete(given)
        raise SealFault(f"{name} appeared in the document store while it was being written")


def _is_due() -> bool:
    last = _last_seal()
    with tenancy.connection().cursor() as cursor:
        cursor.execute(
            """SELECT EXISTS (
                SELECT FROM audit_event
                WHERE xact >= pg_snapshot_xmin(%(before)s::pg_snapshot) AND action <> 'audit.seal'
                  AND pg_visible_in_snapshot(xact, pg_current_snapshot())
                  AND NOT pg_visible_in_snapshot(xact, %(before)s::pg_snapshot)
            )""",
            {"before": last.after if last else chain.GENESIS_SNAPSHOT},
        )
        due: bool = cursor.fetchone()[0]
        return due


def _last_seal() -> AuditSeal | None:
    return AuditSeal.objects.defer("digests").order_by("-sequence").first()


def _lock(cursor: CursorWrapper) -> None:
    cursor.execute("SELECT pg_try_advisory_xact_lock(%s), pg_current_xact_id_if_assigned() IS NULL", [_LOCK])
    locked, fresh = cursor.fetchone()
    if not locked:
        raise NothingToSeal
    if not fresh:
        # A snapshot counts the asking transaction as finished when a later one is, and would show our own row.
        raise SealFault("sealing needs a transaction of its own, in which nothing has been written")


def _stretch_end(cursor: CursorWrapper, before: str) -> str:
    """The snapshot up to which this seal goes: now, or in a backlog the one that STRETCH more events fit in."""
    cursor.execute("SELECT pg_current_snapshot()::text")
    now: str = cursor.fetchone()[0]
    start, end = Snapshot.parse(before), Snapshot.parse(now)
    if end.xmax < start.xmax:
        raise SealFault(
            "transaction numbers are lower than those already sealed: this database was restored from a dump "
            "into another cluster, and its trail goes on in a chain of its own"
        )
    cursor.execute(
        """SELECT xact::text FROM audit_event
        WHERE xact >= %s::text::xid8 AND pg_visible_in_snapshot(xact, %s::pg_snapshot)
        ORDER BY xact OFFSET %s LIMIT 1""",
        [str(start.xmax), now, STRETCH],
    )
    row = cursor.fetchone()
    return str(end.before(int(row[0]) + 1)) if row else now


def _digests(cursor: CursorWrapper, before: str, after: str) -> bytes:
    cursor.execute(canonical.SESSION)
    packed = bytearray()
    with cursor.copy(canonical.COPY_STRETCH, {"before": before, "after": after}) as copy:
        for line in canonical.lines(copy):
            packed += chain.DIGEST.pack(int(line[: line.index(b"\t")]), sha256(line).digest())
    return bytes(packed)
