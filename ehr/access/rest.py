"""/api/v1/me."""

from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from ehr.access.endpoints import Endpoint
from ehr.access.permission_sets import PermissionSet
from ehr.access.selectors import roles_of
from ehr.access.serializers import Identity


class WhoAmI(Endpoint):
    """Who is signed in, and what they may do.

    Open to every person who is signed in and every client system with a token.
    """

    answer = Identity
    tag = "access"

    def get(self, request: Request) -> Response:
        """The actor, their health system, roles and permissions."""
        held = self.actor.permissions
        content = {
            "actor": self.actor,
            "tenant": request.tenant,  # type: ignore[attr-defined] # TenantMiddleware sets it
            "roles": roles_of(self.actor),
            "permissions": sorted(held.atoms) if isinstance(held, PermissionSet) else [],
        }
        return self.answered(content)


urlpatterns: list[URLPattern] = [path("me", WhoAmI.as_view(), name="me")]
