"""A thousand seeded tamperings by the database's superuser, triggers off: each found, and the exact event named."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.files.storage import Storage, storages

from ehr.audit import chain, keys, outbox
from ehr.audit.actions import action, audit
from ehr.audit.actors import Actor
from ehr.audit.canonical import COLUMNS, COPY_STRETCH, SESSION, lines
from ehr.audit.chain import Seal
from ehr.audit.seal import seal_pending
from ehr.audit.verify import Report, copies_in, verify

TAMPERINGS = 1000
SEED = 20260314

EVENTS_PER_SEAL = 8
SEALS = 8

ADLER = Actor(kind="user", id="adler", name="Dr. A. Adler", on_behalf_of="chief")


@action("test.tampered")
def note(number: int, *, actor: Actor, reason: str | None = None) -> None:
    audit(patient_id=f"p{number}", entities=[f"Patient/p{number}/_history/1"], detail={"count": number})


@dataclass(frozen=True)
class Trail:
    """A sealed and copied trail, and a superuser's connection in a transaction that each tampering rolls back."""

    connection: psycopg.Connection[Any]
    storage: Storage
    copies: list[str]
    sealed: dict[int, int]  # event id: sequence of its seal

    def verify(self) -> Report:
        return verify(self.connection, "general", keys.public_key(), self.storage, self.copies)

    def execute(self, sql: str, *values: object) -> None:
        self.connection.execute(sql, values)


@pytest.fixture
def trail(committed: dict[str, str], superuser_connection: psycopg.Connection[Any], settings: Any) -> Iterator[Trail]:
    settings.STORAGES = settings.STORAGES | {"documents": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}
    for number in range(SEALS * EVENTS_PER_SEAL):
        note(number, actor=ADLER, reason="because")
        if number % EVENTS_PER_SEAL == EVENTS_PER_SEAL - 1:
            seal_pending()
    outbox.drain("audit")
    storage = storages["documents"]
    rows = superuser_connection.execute("SELECT sequence, digests FROM audit_seal ORDER BY sequence").fetchall()
    sealed = {number: seq for seq, digests in rows for number, _ in chain.DIGEST.iter_unpack(digests)}
    superuser_connection.execute("SET session_replication_role = replica")  # no trigger fires
    with superuser_connection.transaction(force_rollback=True):
        yield Trail(superuser_connection, storage, copies_in(storage, "general"), sealed)


# A tampering takes the trail and a source of chance, and returns what has to be found: (subject, number, kind).
Found = set[tuple[str, int, str]]
Tampering = Callable[[Trail, random.Random], Found]

NEW_VALUES = {
    "xact": "(xact::text::bigint + 1)::text::xid8",
    "recorded_at": "recorded_at + interval '1 microsecond'",
    "action": "action || ' '",
    "outcome": "'refused'",
    "actor_kind": "'client'",
    "actor_id": "'bell'",
    "actor_name": "'Dr. A. Adler '",
    "on_behalf_of": "NULL",
    "reason": "''",
    "correlation_id": "gen_random_uuid()",
    "patient_id": "'p' || id",
    "entities": "entities || '{Patient/p/_history/2}'",
    "detail": "detail || '{\"count\": -1}'",
}


def any_event(trail: Trail, chance: random.Random) -> int:
    return chance.choice(sorted(trail.sealed))


def any_note(trail: Trail, chance: random.Random) -> int:
    """An event whose every column has a value."""
    rows = trail.connection.execute("SELECT id FROM audit_event WHERE action = 'test.tampered' ORDER BY id").fetchall()
    return int(chance.choice(rows)[0])


def alter_a_column(trail: Trail, chance: random.Random) -> Found:
    event, (column, value) = any_note(trail, chance), chance.choice(sorted(NEW_VALUES.items()))
    trail.execute(f"UPDATE audit_event SET {column} = {value} WHERE id = %s", event)
    return {("event", event, "altered")}


def delete_an_event(trail: Trail, chance: random.Random) -> Found:
    event = any_event(trail, chance)
    trail.execute("DELETE FROM audit_event WHERE id = %s", event)
    return {("event", event, "missing")}


def delete_a_run_of_events(trail: Trail, chance: random.Random) -> Found:
    events = sorted(trail.sealed)
    start = chance.randrange(len(events) - 5)
    run = events[start : start + chance.randint(2, 5)]
    trail.execute("DELETE FROM audit_event WHERE id = ANY(%s)", run)
    return {("event", event, "missing") for event in run}


def insert_a_copy_of_an_event(trail: Trail, chance: random.Random) -> Found:
    event, new = any_event(trail, chance), chance.choice([-5, 10**6, 2**40])
    columns = COLUMNS.removeprefix("id, ")
    trail.execute(
        f"INSERT INTO audit_event (id, {columns}) SELECT %s, {columns} FROM audit_event WHERE id = %s", new, event
    )
    return {("event", new, "added")}


def insert_an_event_of_the_future(trail: Trail, chance: random.Random) -> Found:
    insert_a_copy_of_an_event(trail, chance)
    new = trail.connection.execute(
        "UPDATE audit_event SET xact = '9000000000000' WHERE id IN (-5, 1000000, 1099511627776) RETURNING id"
    ).fetchall()
    return {("event", number, "added") for (number,) in new}


def renumber_an_event(trail: Trail, chance: random.Random) -> Found:
    event = any_event(trail, chance)
    trail.execute("UPDATE audit_event SET id = id + 1000000 WHERE id = %s", event)
    return {("event", event, "missing"), ("event", event + 1_000_000, "added")}


def swap_two_events(trail: Trail, chance: random.Random) -> Found:
    one, other = chance.sample(sorted(trail.sealed), 2)
    trail.execute("UPDATE audit_event SET id = -1 WHERE id = %s", one)
    trail.execute("UPDATE audit_event SET id = %s WHERE id = %s", one, other)
    trail.execute("UPDATE audit_event SET id = %s WHERE id = -1", other)
    return {("event", one, "altered"), ("event", other, "altered")}


def delete_a_seal(trail: Trail, chance: random.Random) -> Found:
    sequence = chance.randint(1, SEALS)
    trail.execute("DELETE FROM audit_seal WHERE sequence = %s", sequence)
    return {("seal", sequence, "missing")}


def cut_off_the_end_of_the_chain(trail: Trail, chance: random.Random) -> Found:
    left = chance.randint(0, SEALS - 1)
    trail.execute("DELETE FROM audit_seal WHERE sequence > %s", left)
    return {("seal", sequence, "missing") for sequence in range(left + 1, SEALS + 1)}


SEAL_VALUES = {
    "format": "2",
    "before": "'3:3:'",
    "after": "after || '9'",
    "event_count": "event_count - 1",
    "digests": "substring(digests from 41)",
    "previous": "digests",
    "head": "previous",
    "signature": "decode(repeat('00', 64), 'hex')",
    "sealed_at": "'infinity'",
}


def alter_a_seal(trail: Trail, chance: random.Random) -> Found:
    sequence, (column, value) = chance.randint(1, SEALS), chance.choice(sorted(SEAL_VALUES.items()))
    trail.execute(f"UPDATE audit_seal SET {column} = {value} WHERE sequence = %s", sequence)
    return {("seal", sequence, "altered")}


def swap_two_seals(trail: Trail, chance: random.Random) -> Found:
    one, other = chance.sample(range(1, SEALS + 1), 2)
    trail.execute("UPDATE audit_seal SET sequence = -1 WHERE sequence = %s", one)
    trail.execute("UPDATE audit_seal SET sequence = %s WHERE sequence = %s", one, other)
    trail.execute("UPDATE audit_seal SET sequence = %s WHERE sequence = -1", other)
    return {("seal", one, "altered"), ("seal", other, "altered")}


def alter_an_event_and_cut_off_its_seal(trail: Trail, chance: random.Random) -> Found:
    found = alter_a_column(trail, chance)
    first = trail.sealed[next(iter(found))[1]]
    trail.execute("DELETE FROM audit_seal WHERE sequence >= %s", first)
    return found | {("seal", sequence, "missing") for sequence in range(first, SEALS + 1)}


def delete_an_event_and_rewrite_the_chain(trail: Trail, chance: random.Random) -> Found:
    found = delete_an_event(trail, chance)
    return found | rewrite_the_chain(trail, trail.sealed[next(iter(found))[1]])


def alter_an_event_and_rewrite_the_chain(trail: Trail, chance: random.Random) -> Found:
    found = alter_a_column(trail, chance)
    return found | rewrite_the_chain(trail, trail.sealed[next(iter(found))[1]])


def rewrite_the_chain(trail: Trail, first: int) -> Found:
    """Recomputes digests and heads from the seal `first` on, as the product does, and signs with a key of one's own."""
    key = Ed25519PrivateKey.generate()
    columns = [name for name in Seal.__struct_fields__ if name != "tenant"]
    select = f"SELECT {', '.join(columns)} FROM audit_seal ORDER BY sequence"
    seals = [Seal("general", *values) for values in trail.connection.execute(select).fetchall()]
    previous = seals[first - 1].previous
    trail.execute(SESSION)
    for old in seals[first - 1 :]:
        with psycopg.ClientCursor(trail.connection).copy(
            COPY_STRETCH, {"before": old.before, "after": old.after}
        ) as copy:
            digests = b"".join(
                chain.DIGEST.pack(int(line.split(b"\t")[0]), chain.sha256(line).digest()) for line in lines(copy)
            )
        count = len(digests) // chain.DIGEST.size
        new = chain.signed(
            Seal(
                "general", old.sequence, old.format, old.before, old.after, count, digests, previous,
                b"", b"", old.sealed_at,
            ),
            key,
        )  # fmt: skip
        previous = new.head
        trail.execute(
            "UPDATE audit_seal SET event_count = %s, digests = %s, previous = %s, head = %s, signature = %s "
            "WHERE sequence = %s",
            *(new.event_count, new.digests, new.previous, new.head, new.signature, new.sequence),
        )
    return {("seal", sequence, "altered") for sequence in range(first, SEALS + 1)}


TAMPERINGS_BY_WEIGHT: dict[Tampering, int] = {
    alter_a_column: 10,
    delete_an_event: 3,
    delete_a_run_of_events: 2,
    insert_a_copy_of_an_event: 3,
    insert_an_event_of_the_future: 1,
    renumber_an_event: 3,
    swap_two_events: 3,
    delete_a_seal: 2,
    cut_off_the_end_of_the_chain: 2,
    alter_a_seal: 6,
    swap_two_seals: 1,
    alter_an_event_and_cut_off_its_seal: 3,
    alter_an_event_and_rewrite_the_chain: 3,
    delete_an_event_and_rewrite_the_chain: 2,
}


def test_every_tampering_is_found_and_named(trail: Trail) -> None:
    untouched = trail.verify()
    assert (untouched.ok, untouched.seals, untouched.unsealed, untouched.copies_pending) == (True, SEALS, 1, 0)
    source = random.Random(SEED)  # noqa: S311 - a test's own chance
    kinds = source.choices(*zip(*TAMPERINGS_BY_WEIGHT.items(), strict=True), k=TAMPERINGS)
    tried: dict[str, int] = {}
    for number, tamper in enumerate(kinds):
        chance = random.Random(f"{SEED}-{number}")  # noqa: S311 - as above
        with trail.connection.transaction(force_rollback=True):
            expected = tamper(trail, chance)
            report = trail.verify()
        found = {(each.subject, each.number, each.kind) for each in report.differences}
        assert found == expected, f"seed {SEED}, tampering {number}: {tamper.__name__}"
        tried[tamper.__name__] = tried.get(tamper.__name__, 0) + 1
        events = [event for subject, event, _ in sorted(expected, key=lambda each: each[1]) if subject == "event"]
        first = report.first
        assert first is not None
        assert not events or (first.subject, first.number) == ("event", events[0]), f"seed {SEED}, tampering {number}"
    print(f"seed {SEED}: {tried}")  # noqa: T201 - what was tried, for whoever runs this with -s
    assert (sum(tried.values()), len(tried)) == (TAMPERINGS, len(TAMPERINGS_BY_WEIGHT))
