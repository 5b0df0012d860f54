"""Live topics: names of what a page shows, so that it can be told that it changed. Names hold ids, never data."""

from dataclasses import dataclass

from django.core import signing

TOKEN_SECONDS = 300
"""How long a token opens a stream, and the stream stays open. Asking for a new one checks the right again."""

_SALT = "ehr.live"


class InvalidToken(ValueError):
    """The token is forged, expired, or for another topic."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing that may change, of one tenant: ``Topic("general", "patient-019ab…")``."""

    tenant: str
    name: str

    @property
    def channel(self) -> str:
        """The Redis channel on which its changes are told."""
        return f"live:{self.tenant}:{self.name}"

    def token(self) -> str:
        """A signed permit to listen. Given out only to whoever may read what the topic stands for."""
        return signing.dumps([self.tenant, self.name], salt=_SALT)


def read_token(token: str, name: str) -> Topic:
    """The topic that the token permits. Raises InvalidToken unless it is `name`."""
    try:
        tenant, permitted = signing.loads(token, salt=_SALT, max_age=TOKEN_SECONDS)
    except signing.BadSignature as fault:
        raise InvalidToken from fault
    if permitted != name:
        raise InvalidToken
    return Topic(tenant, permitted)
