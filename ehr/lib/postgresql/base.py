"""The database backend that ENGINE names; Django looks for it in a module of this name."""

import select
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from django.db.backends.postgresql import base
from psycopg import Connection, OperationalError, errors, pq

if TYPE_CHECKING:
    from ehr.lib.postgresql.statements import Statement


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL, with what the hot paths need: a health check and a beginning that cost no round trip of their own."""

    health_check_done: bool  # Django's own, which its stubs forget
    prepared: "OrderedDict[Statement, bytes]"
    """The statements that this connection has prepared, under their names; the last one run comes last."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection[Any]:
        """A fresh connection, on which nothing is prepared yet."""
        self.prepared = OrderedDict()
        connection: Connection[Any] = super().get_new_connection(conn_params)
        return connection

    def is_usable(self) -> bool:
        """Whether the connection works.

        A server that ends a connection closes its socket, which makes it readable; on an idle connection that works
        there is nothing to read. So the question to the server, a round trip before every request, is asked in doubt
        only.
        """
        return (not self.errors_occurred and _is_quiet(self.connection)) or bool(super().is_usable())

    def begin(self, and_then: bytes = b"") -> bool:
        """Begins the transaction that `atomic` has announced, if nothing has yet; True when it did.

        `and_then` ("; SELECT …") is run in the same round trip.
        """
        server = self.connection.pgconn
        if self.connection.autocommit or server.transaction_status != pq.TransactionStatus.IDLE:
            return False
        checked(server, server.exec_(b"BEGIN" + and_then))
        return True


def checked(server: pq.abc.PGconn, result: pq.abc.PGresult) -> pq.abc.PGresult:
    """The result of a statement that went well. Raises psycopg's error for one that didn't."""
    if result.status in (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK):
        return result
    if server.status != pq.ConnStatus.OK:
        raise OperationalError("the connection to the database is lost")
    raise errors.error_from_result(result)


def _is_quiet(connection: Connection[Any] | None) -> bool:
    if connection is None or connection.pgconn.transaction_status != pq.TransactionStatus.IDLE:
        return False
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return not poll.poll(0)
