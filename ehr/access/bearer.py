"""The token check in front of every API call: one prepared statement."""

import hashlib
import re

from ehr.access.errors import ExpiredToken, MalformedToken, NoToken, UnknownToken
from ehr.access.scopes import permissions
from ehr.audit.actors import Actor
from ehr.lib import clock
from ehr.lib.postgresql.statements import Statement, instant, text

_BEARER = re.compile(r"[Bb]earer +([A-Za-z0-9\-._~+/]+=*)")

_TOKEN = Statement(
    """SELECT t.expires, t.scope, c.client_id, c.name
    FROM oauth2_provider_accesstoken t JOIN access_client c ON c.id = t.application_id
    WHERE t.token_checksum = $1 AND c.ended_at IS NULL""",
    instant,
    text,
    text,
    text,
)


def authenticate_bearer(header: str | None) -> Actor:
    """The client system behind an Authorization header, with the rights of its token's scope.

    Raises a subclass of Unauthenticated: NoToken, MalformedToken, UnknownToken (never issued by this tenant, revoked,
    or its client has ended), ExpiredToken. Each knows its WWW-Authenticate (`challenge()`).
    """
    if not header:
        raise NoToken
    match = _BEARER.fullmatch(header)
    if match is None:
        raise MalformedToken
    found = _TOKEN.run(hashlib.sha256(match[1].encode()).hexdigest())
    if not found:
        raise UnknownToken
    expires_at, scope, client_id, name = found[0]
    if expires_at <= clock.now():
        raise ExpiredToken
    return Actor(kind="client", id=client_id, name=name, permissions=permissions(scope))
