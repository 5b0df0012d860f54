"""The one clock. Everything that asks for the time asks here, so that a test can say what time it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache

_frozen: ContextVar[datetime | None] = ContextVar("ehr_clock_frozen", default=None)


def now() -> datetime:
    """The current instant, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


@contextmanager
def frozen(instant: datetime) -> Iterator[None]:
    """Within this block `now()` is `instant`. For tests."""
    if instant.tzinfo is None:
        raise ValueError("a frozen clock needs an aware datetime")
    token = _frozen.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)


@lru_cache(maxsize=64)  # all that one action writes has one time
def fhir_instant(instant: datetime) -> str:
    """FHIR `instant` with milliseconds, in UTC: ``2026-11-22T08:42:00.123Z``."""
    utc = instant.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"
