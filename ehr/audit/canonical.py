"""The canonical bytes of an audit event, which its digest is taken of, and which snapshots show it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from psycopg import Copy

FORMAT = 1
"""Format 1: the event's line of ``COPY … TO STDOUT`` (text) over COLUMNS, without its newline; UTF-8, UTC, ISO dates.

A new column of audit_event needs a new format: old seals vouch for lines of the old one.
"""

COLUMNS = (
    "id, xact, recorded_at, action, outcome, actor_kind, actor_id, actor_name, on_behalf_of, "
    "reason, correlation_id, patient_id, entities, detail"
)
SESSION = "SELECT set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO', true)"
"""What a transaction executes before it copies lines."""

COPY_STRETCH = f"""
COPY (
  SELECT {COLUMNS} FROM audit_event
  WHERE xact >= pg_snapshot_xmin(%(before)s::pg_snapshot) AND xact < pg_snapshot_xmax(%(after)s::pg_snapshot)
    AND pg_visible_in_snapshot(xact, %(after)s::pg_snapshot)
    AND NOT pg_visible_in_snapshot(xact, %(before)s::pg_snapshot)
  ORDER BY xact, id
) TO STDOUT
"""
COPY_ALL = f"COPY (SELECT {COLUMNS} FROM audit_event ORDER BY id) TO STDOUT"


def lines(copy: Copy) -> Iterator[bytes]:
    """The lines of a text COPY, whatever blocks the server sends them in."""
    rest = b""
    for block in copy:
        *whole, rest = (rest + block).split(b"\n")
        yield from whole


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A pg_snapshot: which transactions were finished at a moment. Text form ``xmin:xmax:running,running…``."""

    xmin: int
    xmax: int
    running: frozenset[int]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads PostgreSQL's text form. Raises ValueError when it is none."""
        xmin, xmax, running = text.split(":")
        return cls(int(xmin), int(xmax), frozenset(int(xact) for xact in running.split(",") if xact))

    def __str__(self) -> str:
        return f"{self.xmin}:{self.xmax}:{','.join(map(str, sorted(self.running)))}"

    def before(self, xact: int) -> Self:
        """What this snapshot shows of transactions lower than `xact`, which is at most xmax."""
        running = frozenset(number for number in self.running if number < xact)
        return type(self)(min(running, default=xact), xact, running)

    def shows(self, xact: int) -> bool:
        """True when the transaction was finished at that moment."""
        return xact < self.xmax and xact not in self.running
