"""The token endpoint: client credentials by secret or by signed assertion (RFC 6749 section 4.4, RFC 7523)."""

import hmac
import re
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from oauth2_provider.oauth2_backends import OAuthLibCore
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request
from oauthlib.oauth2 import BackendApplicationServer
from oauthlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError

from ehr.access import client_assertion, scopes
from ehr.access.actions import issue_token
from ehr.access.actions.clients import secret_digest
from ehr.access.client_assertion import Assertion, InvalidAssertion
from ehr.access.models import Client
from ehr.audit import trail
from ehr.audit.actors import Actor
from ehr.lib import clock, tenancy

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

_CLIENT_ID = re.compile(r"[0-9a-f-]{36}")
_USE_UP_SQL = """
WITH swept AS (DELETE FROM access_usedassertion WHERE client_id = %(client)s AND expires_at <= %(now)s)
INSERT INTO access_usedassertion (client_id, jti, expires_at) VALUES (%(client)s, %(jti)s, %(expires)s)
ON CONFLICT (client_id, jti) DO NOTHING RETURNING id
"""


class ClientCredentialsValidator(OAuth2Validator):  # type: ignore[misc] # the toolkit is untyped
    """What the toolkit asks of us. Clients are confidential; each proves itself in the way it was registered for."""

    def authenticate_client(self, request: Request, *_: Any, **__: Any) -> bool:
        """Sets `request.client` when the request proves who it is, and audits the attempt when it does not."""
        by_header = self._extract_basic_auth(request) is not None
        by_assertion = bool(_given(request, "client_assertion") or _given(request, "client_assertion_type"))
        if by_header + by_assertion + bool(request.client_secret) > 1:
            raise InvalidRequestError("One way of client authentication, not two.", request=request)
        if by_assertion:
            return self._authenticate_by_assertion(request)
        proven = self._authenticate_basic_auth(request) if by_header else self._authenticate_request_body(request)
        if not proven:
            _note_refusal("access.client.authenticate", request.client, "client_secret")
        return bool(proven)

    def validate_scopes(self, _client_id: str, asked: list[str], client: Client, request: Request, *_: Any) -> bool:
        """Reduces what is asked to what the client may have; refuses what is unknown, and what leaves nothing."""
        try:
            request.scopes = scopes.reduce(" ".join(asked), client.allowed_scope).split()
        except scopes.UnknownScope:
            request.scopes = []
        if not request.scopes:
            _note_refusal("access.token.issue", client, "invalid_scope")
        return bool(request.scopes)

    def get_default_scopes(self, _client_id: str, request: Request, *_: Any) -> list[str]:
        """All that the client may have, when it asks for nothing in particular (RFC 6749 section 3.3)."""
        allowed: str = request.client.allowed_scope
        return allowed.split()

    def save_bearer_token(self, token: dict[str, Any], request: Request, *_: Any) -> None:
        """Has the token written down before it is told."""
        client = request.client
        issue_token(
            actor=Actor(kind="client", id=client.client_id, name=client.name),
            client=client,
            token=token["access_token"],
            scope=token["scope"],
            expires_at=clock.now() + timedelta(seconds=token["expires_in"]),
        )

    def _load_application(self, client_id: str | None, request: Request) -> Client | None:
        """The client of that id unless it has ended; set on the request. Nothing is fetched from anywhere."""
        known = _CLIENT_ID.fullmatch(client_id or "")
        client = Client.objects.filter(client_id=client_id, ended_at=None).first() if known else None
        request.client = client
        return client

    def _check_secret(self, provided_secret: str, stored_secret: str) -> bool:
        return hmac.compare_digest(secret_digest(provided_secret), stored_secret)

    def _authenticate_by_assertion(self, request: Request) -> bool:
        try:
            assertion = self._verified(request)
            _use_up(request.client, assertion)
        except InvalidAssertion as fault:
            _note_refusal("access.client.authenticate", request.client, "private_key_jwt")
            raise InvalidClientError(description=f"Client assertion refused: {fault}.", request=request) from fault
        request.client_id = request.client.client_id
        return True

    def _verified(self, request: Request) -> Assertion:
        if _given(request, "client_assertion_type") != JWT_BEARER:
            raise InvalidAssertion("the client_assertion_type is not jwt-bearer")
        assertion = _given(request, "client_assertion")
        client_id = client_assertion.issuer(assertion)
        if request.client_id and request.client_id != client_id:
            raise InvalidAssertion("issuer and subject are not the client")
        client = self._load_application(client_id, request)
        if client is None or client.jwks is None:
            raise InvalidAssertion("the client is not registered for assertions")
        return client_assertion.verify(
            assertion, jwks=client.jwks, client_id=client_id, audience=request.uri.split("?")[0], now=clock.now()
        )


class TokenRequests(OAuthLibCore):  # type: ignore[misc] # the toolkit is untyped
    """Hands requests to oauthlib with their host, which an assertion names as audience."""

    def _get_escaped_full_path(self, request: HttpRequest) -> str:
        return request.build_absolute_uri(super()._get_escaped_full_path(request))


@cache
def token_requests() -> TokenRequests:
    """The endpoint for the client credentials grant alone; any other grant is refused as unsupported."""
    return TokenRequests(
        BackendApplicationServer(
            ClientCredentialsValidator(), token_expires_in=lambda request: request.client.token_lifetime
        )
    )


def _given(request: Request, name: str) -> str:
    """A parameter that oauthlib itself has no name for; empty when it was not sent."""
    return getattr(request, name, None) or ""


def _use_up(client: Client, assertion: Assertion) -> None:
    values: dict[str, int | str | datetime] = {
        "client": client.pk,
        "jti": assertion.jti,
        "expires": assertion.expires_at + client_assertion.SKEW,
        "now": clock.now(),
    }
    with tenancy.connection().cursor() as cursor:
        cursor.execute(_USE_UP_SQL, values)
        if cursor.fetchone() is None:
            raise InvalidAssertion("the jti was used before")


def _note_refusal(action: str, client: Client | None, code: str) -> None:
    """Audits an attempt that failed. What a stranger sent is not kept: it may be a secret."""
    actor = Actor("client", client.client_id, client.name) if client else Actor("client", "unknown", "unknown")
    with transaction.atomic(using=tenancy.current_tenant()):
        trail.write([trail.Row(action, actor, detail={"code": code}, outcome="refused")])
