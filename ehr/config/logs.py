"""How a log line is written: ids, never a patient's data."""

import copy
import logging
import traceback
from types import TracebackType

ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class DiscreetFormatter(logging.Formatter):
    """Tells an exception by its class and its frames.

    Its text may quote a patient's data, as PostgreSQL's DETAIL does.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line, also when another handler has already put the text of the exception on the record."""
        own = copy.copy(record)
        own.exc_text = None
        return super().format(own)

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802 - logging's name
        """Class and frames of the exception, then those of what caused it."""
        lines: list[str] = []
        fault: BaseException | None = ei[1]
        while fault is not None:
            lines.append(f"{type(fault).__module__}.{type(fault).__qualname__}")
            lines += [
                f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(fault.__traceback__)
            ]
            fault = fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__)
        return "\n".join(lines)
