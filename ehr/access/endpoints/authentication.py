"""Who asks: a client system by its bearer token, a person by their browser's session."""

from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.request import Request

from ehr.access.bearer import authenticate_bearer
from ehr.access.models import User
from ehr.access.selectors import actor_for
from ehr.audit.actors import Actor


class BearerToken(BaseAuthentication):
    """The tokens of /oauth/token, as at /fhir/R4. A header that is there has to count: no session makes up for it."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Actor] | None:
        """Gives nobody and the client's actor, None without the header. Raises Unauthenticated."""
        header = request.META.get("HTTP_AUTHORIZATION")
        return (AnonymousUser(), authenticate_bearer(header)) if header else None


class BrowserSession(SessionAuthentication):
    """The session of whoever is signed in. Whatever is not a read needs the CSRF token too."""

    def authenticate(self, request: Request) -> tuple[User, Actor] | None:
        """Gives the user and their actor, None when nobody is signed in. Raises PermissionDenied (CSRF)."""
        found = super().authenticate(request)
        return (found[0], actor_for(found[0])) if found else None
