"""How a user name and a password become a user."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.hashers import check_password
from django.http import HttpRequest

from ehr.access.actions import renew_password_hash
from ehr.access.models import User
from ehr.audit.actors import Actor


class PasswordBackend(AuthenticationBackend):  # type: ignore[misc] # allauth is untyped here
    """Checks a password by allauth's way of finding the user. Somebody deactivated looks like a wrong password."""

    def _check_password(self, user: User | None, password: str) -> User | None:
        if user is None:
            return None
        self._did_check_password = True

        def renew(raw_password: str) -> None:
            actor = Actor(kind="user", id=str(user.pk), name=user.display_name)
            renew_password_hash(actor=actor, password=raw_password)

        proven = check_password(password, user.password, renew)
        return user if proven and self.user_can_authenticate(user) else None


def lockout_name(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """The name under which axes counts failures: as users are found, so that another spelling gives no more tries."""
    typed = (credentials or {}).get("username") or request.POST.get("login", "")
    return str(typed).strip().lower()
