"""What Django announces about signing in and out, written into the audit trail."""

from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from ehr.access.actions import record_sign_in, record_sign_out
from ehr.access.models import User
from ehr.access.selectors import find_user
from ehr.audit import trail
from ehr.audit.actors import Actor


@receiver(user_logged_in)
def signed_in(user: User, **_: Any) -> None:
    """A session begins."""
    record_sign_in(actor=_actor(user))


@receiver(user_logged_out)
def signed_out(user: User | None, **_: Any) -> None:
    """A session ends; nobody's when it had expired."""
    if user is not None:
        record_sign_out(actor=_actor(user))


@receiver(user_login_failed)
def sign_in_failed(credentials: dict[str, Any], **_: Any) -> None:
    """A sign-in failed."""
    trail.write([trail.Row("access.session.sign_in", _named(credentials.get("username")), outcome="refused")])


@receiver(user_locked_out)
def locked_out(username: str | None, **_: Any) -> None:
    """Too many sign-ins failed, or one was tried during a lock-out."""
    trail.write([trail.Row("access.session.lock_out", _named(username), outcome="refused")])


def _named(username: object) -> Actor:
    """The user of that name. What was typed is kept only when it is a user's name: it may have been a password."""
    user = find_user(str(username or ""))
    return _actor(user) if user else Actor(kind="user", id="unknown", name="unknown")


def _actor(user: User) -> Actor:
    return Actor(kind="user", id=str(user.pk), name=user.display_name)
