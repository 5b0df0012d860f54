"""What is known about the request in progress, carried into every audit row it causes."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from ehr.lib import ids

_correlation: ContextVar[UUID | None] = ContextVar("ehr_correlation", default=None)


def correlation_id() -> UUID:
    """The id shared by all that one request, message or task causes; a new one when none was set."""
    return _correlation.get() or ids.uuid7()


@contextmanager
def correlated(value: UUID | None = None) -> Iterator[UUID]:
    """Within this block every audit row carries this correlation id."""
    chosen = value or ids.uuid7()
    token = _correlation.set(chosen)
    try:
        yield chosen
    finally:
        _correlation.reset(token)
