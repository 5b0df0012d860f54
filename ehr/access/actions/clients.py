"""Client systems, and the tokens they are given."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from oauth2_provider.models import AccessToken

from ehr.access.client_assertion import InvalidKeys, check_keys
from ehr.access.errors import AccessRuleBroken, ClientNameTaken
from ehr.access.events import ClientEnded
from ehr.access.models import Client
from ehr.access.permissions import demand
from ehr.access.scopes import LIFETIME_MAX, LIFETIME_MIN, UnknownScope, permissions
from ehr.audit.actions import action, audit, publish
from ehr.audit.actors import Actor
from ehr.lib import clock, ids

KEPT_AFTER_EXPIRY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RegisteredClient:
    """A new client, and the secret that is told this once; None for a client that proves itself by its own key."""

    client: Client
    secret: str | None = field(repr=False)


@action("access.client.register")
def register_client(
    *,
    actor: Actor,
    name: str,
    scope: str,
    jwks: Mapping[str, Any] | None = None,
    token_lifetime: int = 900,
) -> RegisteredClient:
    """Registers a client system: the most it may be given (`scope`), and how it proves itself.

    With `jwks` (RFC 7517 key set of its public EC P-384 or RSA keys, each with a `kid`) by private_key_jwt, else by a
    secret made here. `token_lifetime` in seconds, 300 to 3600. Raises ClientNameTaken, AccessRuleBroken.
    """
    demand(actor, "access.manage-clients")
    _check_terms(name, scope, jwks, token_lifetime)
    secret = None if jwks else secrets.token_urlsafe(32)
    client = Client.objects.create(
        client_id=ids.new_id(),
        name=name,
        client_secret=secret_digest(secret) if secret else "",
        hash_client_secret=False,
        client_type=Client.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Client.GRANT_CLIENT_CREDENTIALS,
        jwks=dict(jwks) if jwks else None,
        allowed_scope=scope,
        token_lifetime=token_lifetime,
        registered_at=clock.now(),
        registered_by=actor.id,
    )
    audit(detail={"client": client.client_id, "scope": scope, "proof": "private_key_jwt" if jwks else "client_secret"})
    return RegisteredClient(client=client, secret=secret)


@action("access.client.end")
def end_client(*, actor: Actor, client_id: str, reason: str) -> None:  # noqa: ARG001 - `reason` is audited by @action
    """Ends a client system: its tokens stop counting at once, and it gets no more. Repeating is harmless."""
    demand(actor, "access.manage-clients")
    client = _lock_client(client_id)
    audit(detail={"client": client_id})
    if client.ended_at is None:
        client.ended_at, client.ended_by = clock.now(), actor.id
        client.save(update_fields=["ended_at", "ended_by"])
        AccessToken.objects.filter(application=client).delete()
        publish(ClientEnded(client_id=client_id))


@action("access.token.issue")
def issue_token(*, actor: Actor, client: Client, token: str, scope: str, expires_at: datetime) -> None:  # noqa: ARG001 - `actor` is audited by @action
    """Writes down a token that the token endpoint gives to `client`; only its SHA-256 is kept.

    Tokens of this client that expired a day ago or more are swept out on the way.
    """
    AccessToken.objects.filter(application=client, expires__lt=clock.now() - KEPT_AFTER_EXPIRY).delete()
    row = AccessToken(application=client, token="", scope=scope, expires=expires_at)
    row._raw_token = token  # noqa: SLF001 - the toolkit's own way to a checksum without the token
    row.save()
    audit(detail={"client": client.client_id, "token": row.pk, "scope": scope})


@action("access.token.revoke")
def revoke_tokens(*, actor: Actor, client_id: str, reason: str) -> int:  # noqa: ARG001 - `reason` is audited by @action
    """Revokes every token of a client, at once. Returns how many there were."""
    demand(actor, "access.manage-clients")
    revoked: int = AccessToken.objects.filter(application=_lock_client(client_id)).delete()[0]
    audit(detail={"client": client_id, "tokens": revoked})
    return revoked


def secret_digest(secret: str) -> str:
    """What is stored of a client secret: SHA-256 in hex.

    A secret is 256 random bits made by `register_client`, never a word that somebody chose: there is nothing to guess,
    so a slow password hash would only slow the token endpoint down.
    """
    return hashlib.sha256(secret.encode()).hexdigest()


def _check_terms(name: str, scope: str, jwks: Mapping[str, Any] | None, token_lifetime: int) -> None:
    if not name.strip():
        raise AccessRuleBroken("A client has a name.")
    if not LIFETIME_MIN <= token_lifetime <= LIFETIME_MAX:
        raise AccessRuleBroken(f"A token lives {LIFETIME_MIN} to {LIFETIME_MAX} seconds.")
    try:
        if not permissions(scope).atoms:
            raise AccessRuleBroken("A client has a scope.")
        if jwks is not None:
            check_keys(jwks)
    except (UnknownScope, InvalidKeys) as fault:
        raise AccessRuleBroken(str(fault)) from fault
    if Client.objects.filter(name=name, ended_at=None).exists():
        raise ClientNameTaken(f"There is a client named {name} already.")


def _lock_client(client_id: str) -> Client:
    client = Client.objects.select_for_update().filter(client_id=client_id).first()
    if client is None:
        raise AccessRuleBroken("There is no such client.")
    return client
