"""Checks the trail against its seals: finds and names what was altered, missing or added, whoever did it.

Trusted are only the seal key and, of each seal, a version that the key signed: the row in the database or the copy in
the document store. So an event is named even when somebody rewrote it, its seal and every head after it.
Nobody can see a change in the seconds before a row is sealed, nor the end of the chain taken off on both sides.
"""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from tempfile import SpooledTemporaryFile
from time import perf_counter
from typing import IO, Any, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.core.files.storage import Storage, storages
from django.db import transaction
from psycopg import Connection

from ehr.audit import canonical, chain
from ehr.audit.canonical import Snapshot
from ehr.audit.chain import Seal
from ehr.audit.seal import copies_folder, copy_name
from ehr.lib import clock, tenancy

COPY_GRACE = timedelta(minutes=5)
"""How long after sealing the newest seals may still be without their copy."""

_BATCH = 10  # seals read at once, each up to some megabytes
_SPOOL = 64 * 1024 * 1024  # bytes of digests kept in memory, 1.6 million events; more go to a temporary file

# A time that no seal can have, infinity say, is read as one that Python has: the signature tells.
_SELECT_SEALS = f"""
SELECT {", ".join(column for column in Seal.__struct_fields__ if column not in ("tenant", "sealed_at"))},
    greatest('epoch', least(sealed_at, '9999-01-01Z')) AS sealed_at
FROM audit_seal WHERE sequence > %s ORDER BY sequence LIMIT %s
"""

Subject = Literal["event", "seal", "copy"]
Kind = Literal["altered", "missing", "added"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it was sealed. `number` is the event's id, or the sequence of the seal or its copy."""

    subject: Subject
    number: int
    kind: Kind
    detail: str

    def __str__(self) -> str:
        return f"{self.subject} {self.number} {self.kind}: {self.detail}"


@dataclass(slots=True)
class Differences:
    """Differences in the order of their number: all counted, the first `limit` kept."""

    limit: int
    count: int = 0
    kept: list[Difference] = field(default_factory=list)

    def add(self, subject: Subject, number: int, kind: Kind, detail: str) -> None:
        """Takes one in. Numbers may come in any order."""
        self.count += 1
        self.kept.append(Difference(subject, number, kind, detail))
        if len(self.kept) > 2 * self.limit:
            self.kept = self.first()

    def first(self) -> list[Difference]:
        """The `limit` lowest."""
        return heapq.nsmallest(self.limit, self.kept, key=lambda difference: difference.number)


@dataclass(frozen=True, slots=True)
class Report:
    """What a verification of one tenant found."""

    tenant: str
    events: int
    seals: int
    unsealed: int
    copies_pending: int
    seconds: float
    difference_count: int
    differences: list[Difference]

    @property
    def ok(self) -> bool:
        """True when everything is as it was sealed."""
        return self.difference_count == 0

    @property
    def first(self) -> Difference | None:
        """The first event that differs; when only seals or their copies do, the first of those."""
        return self.differences[0] if self.differences else None

    @property
    def events_per_s(self) -> float:
        """Events checked a second, the chain included."""
        return self.events / self.seconds


def verify_tenant(key: Ed25519PublicKey, *, limit: int = 100) -> Report:
    """Verifies the current tenant's trail against the document store, in one snapshot of the database."""
    alias = tenancy.current_tenant()
    storage = storages["documents"]
    names = copies_in(storage, alias)  # first, so that every copy listed has its seal in the snapshot
    with transaction.atomic(using=alias):
        connection = tenancy.connection()
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return verify(connection.connection, alias, key, storage, names, limit=limit)


def verify(
    connection: Connection[Any],
    tenant: str,
    key: Ed25519PublicKey,
    storage: Storage,
    copies: Sequence[str],
    *,
    limit: int = 100,
) -> Report:
    """Verifies a tenant's trail as the open transaction of `connection` sees it. `copies` are the names in `storage`.

    Differences come events first, then seals and copies, each by number.
    """
    started = perf_counter()
    with SpooledTemporaryFile(max_size=_SPOOL) as spool:
        chain_check = _ChainCheck(connection, tenant, key, storage, copies, Differences(limit), spool)
        chain_check.run()
        event_check = _EventCheck(connection, chain_check, Differences(limit))
        event_check.run()
    return Report(
        tenant=tenant,
        events=event_check.events,
        seals=chain_check.seals,
        unsealed=event_check.unsealed,
        copies_pending=chain_check.copies_pending,
        seconds=perf_counter() - started,
        difference_count=chain_check.differences.count + event_check.differences.count,
        differences=[*event_check.differences.first(), *chain_check.differences.first()][:limit],
    )


def copies_in(storage: Storage, tenant: str) -> list[str]:
    """The names in the tenant's folder of copies, in order."""
    try:
        return sorted(storage.listdir(copies_folder(tenant))[1])
    except FileNotFoundError:  # nothing was ever copied
        return []


@dataclass(slots=True)
class _ChainCheck:
    """Walks the chain on both sides and spools the digests of every seal that the key vouches for."""

    connection: Connection[Any]
    tenant: str
    key: Ed25519PublicKey
    storage: Storage
    names: Sequence[str]
    differences: Differences
    spool: IO[bytes]
    seals: int = 0
    copies_pending: int = 0
    unvouched: bool = False
    last: Seal | None = None
    stretches: list[tuple[int, int]] = field(default_factory=list)  # sequence and number of digests, as spooled
    copies: frozenset[int] = frozenset()

    def run(self) -> None:
        self.copies = frozenset(self._sequence_of(name) for name in self.names) - {0}
        reached = 0
        for sequence, row in self._pairs():
            if sequence != reached + 1:
                self._report(
                    "seal", reached + 1, "missing", f"neither side has a seal between {reached} and {sequence}"
                )
                self.unvouched = True
            reached = sequence
            self._take(self._trusted(sequence, row))

    def _sequence_of(self, name: str) -> int:
        if name.isdigit() and copy_name(self.tenant, int(name)).endswith(f"/{name}"):
            return int(name)
        self._report("copy", 0, "added", f"{name!r} in the document store is no copy of a seal")
        return 0

    def _pairs(self) -> Iterator[tuple[int, Seal | None]]:
        """Every sequence that either side has, with the database's seal."""
        waiting = sorted(self.copies, reverse=True)
        for row in self._rows():
            while waiting and waiting[-1] < row.sequence:
                yield waiting.pop(), None
            if waiting and waiting[-1] == row.sequence:
                waiting.pop()
            self.seals += 1
            yield row.sequence, row
        while waiting:
            yield waiting.pop(), None

    def _rows(self) -> Iterator[Seal]:
        reached = -(2**63)
        while batch := self.connection.execute(_SELECT_SEALS, [reached, _BATCH]).fetchall():
            yield from (Seal(self.tenant, *values) for values in batch)
            reached = batch[-1][0]

    def _trusted(self, sequence: int, row: Seal | None) -> Seal | None:
        """The version that the key signed, the copy before the row; reports what is wrong with either."""
        content = self._read(sequence) if sequence in self.copies else None
        copy = self._vouched(sequence, chain.read_document(content)) if content is not None else None
        kept = self._vouched(sequence, row)
        if row is None:
            self._report("seal", sequence, "missing", "the document store has a copy of it")
        elif kept is None:
            self._report("seal", sequence, "altered" if copy else "added", "its row is not signed with the seal key")
        elif copy is not None and copy != kept:
            self._report("seal", sequence, "altered", "the key signed another one, which the document store has")
        if content is None:
            self._miss_copy(sequence, kept)
        elif copy is None:
            self._report("copy", sequence, "altered", "what the document store has is not signed with the seal key")
        return copy or kept

    def _vouched(self, sequence: int, seal: Seal | None) -> Seal | None:
        if seal is None or (seal.tenant, seal.sequence, seal.format) != (self.tenant, sequence, canonical.FORMAT):
            return None
        return seal if chain.is_authentic(seal, self.key) else None

    def _miss_copy(self, sequence: int, kept: Seal | None) -> None:
        newest = sequence > max(self.copies, default=0)
        if kept is not None and newest and kept.sealed_at > clock.now() - COPY_GRACE:
            self.copies_pending += 1
        else:
            self._report("copy", sequence, "missing", "the document store has no copy of this seal")

    def _take(self, seal: Seal | None) -> None:
        if seal is None:
            self.unvouched = True
            return
        last = self.last
        if last and last.sequence + 1 == seal.sequence and (last.head, last.after) != (seal.previous, seal.before):
            self._report("seal", seal.sequence, "altered", "it does not continue the seal before it")
        self.spool.write(seal.digests)
        self.stretches.append((seal.sequence, seal.event_count))
        self.last = seal

    def _read(self, sequence: int) -> bytes:
        with self.storage.open(copy_name(self.tenant, sequence)) as file:
            content: bytes = file.read()
            return content

    def _report(self, subject: Subject, number: int, kind: Kind, detail: str) -> None:
        self.differences.add(subject, number, kind, detail)


@dataclass(slots=True)
class _EventCheck:
    """Streams all events once, ordered by id, against the digests, which are nearly so.

    What one stream has and the other has not yet waits in a dictionary, which stays as small as the disorder is.
    """

    connection: Connection[Any]
    chain_check: _ChainCheck
    differences: Differences
    events: int = 0
    unsealed: int = 0
    newest: int = 0  # highest id among the digests read
    exhausted: bool = False  # all digests are read
    sealed: dict[int, tuple[int, bytes]] = field(default_factory=dict)  # event not seen: sequence, digest
    unmatched: dict[int, tuple[int, bytes]] = field(default_factory=dict)  # digest not seen: xact, digest

    def run(self) -> None:
        last = self.chain_check.last
        covered = Snapshot.parse(last.after if last else chain.GENESIS_SNAPSHOT)
        ((now_text,),) = self.connection.execute("SELECT pg_current_snapshot()::text").fetchall()
        now = Snapshot.parse(now_text)
        digests = self._digests()
        for number, xact, digest in self._lines():
            self.events += 1
            if self.newest < number and not self.exhausted:
                self._read_digests(digests, number)
            if (seal := self.sealed.pop(number, None)) is not None:
                self._compare(number, digest, seal[1], seal[0])
            elif self.exhausted:
                self._judge_unmatched(number, xact, covered, now)
            else:
                self.unmatched[number] = xact, digest
        self._read_digests(digests, None)
        for number, (xact, _) in self.unmatched.items():
            self._judge_unmatched(number, xact, covered, now)
        for number, (sequence, _) in self.sealed.items():
            self.differences.add("event", number, "missing", f"seal {sequence} has it, the trail does not")

    def _digests(self) -> Iterator[tuple[int, int, bytes]]:
        """Every sealed event as (sequence of the seal, id, digest), in the order of sealing."""
        spool = self.chain_check.spool
        spool.seek(0)
        for sequence, count in self.chain_check.stretches:
            for number, digest in chain.DIGEST.iter_unpack(spool.read(count * chain.DIGEST.size)):
                yield sequence, number, digest

    def _lines(self) -> Iterator[tuple[int, int, bytes]]:
        """Every event as (id, xact, digest), by id."""
        with self.connection.cursor() as cursor:
            cursor.execute(canonical.SESSION)
            cursor.execute("SELECT set_config('enable_sort', 'off', true)")  # the primary key has the order already
            with cursor.copy(canonical.COPY_ALL) as copy:
                for line in canonical.lines(copy):
                    number, xact, _ = line.split(b"\t", 2)
                    yield int(number), int(xact), sha256(line).digest()

    def _read_digests(self, digests: Iterator[tuple[int, int, bytes]], until: int | None) -> None:
        """Reads on to the digest of an event at or past `until`, or to the end."""
        for sequence, number, digest in digests:
            if (event := self.unmatched.pop(number, None)) is not None:
                self._compare(number, event[1], digest, sequence)
            else:
                self.sealed[number] = sequence, digest
            self.newest = max(self.newest, number)
            if until is not None and self.newest >= until:
                return
        self.exhausted = True

    def _compare(self, number: int, found: bytes, sealed: bytes, sequence: int) -> None:
        if found != sealed:
            self.differences.add("event", number, "altered", f"it is not what seal {sequence} was made of")

    def _judge_unmatched(self, number: int, xact: int, covered: Snapshot, now: Snapshot) -> None:
        if xact >= now.xmax:
            self.differences.add("event", number, "added", f"transaction {xact} has not been begun yet")
        elif not covered.shows(xact):
            self.unsealed += 1
        elif self.chain_check.unvouched:
            self.differences.add("event", number, "added", "no seal that is left vouches for it")
        else:
            self.differences.add("event", number, "added", "it was not there when its transaction was sealed")
