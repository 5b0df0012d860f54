"""What a person's coming and going leaves behind."""

from django.contrib.auth.hashers import make_password

from ehr.access.models import User
from ehr.audit.actions import action, audit
from ehr.audit.actors import Actor
from ehr.lib import clock


@action("access.session.sign_in")
def record_sign_in(*, actor: Actor) -> None:
    """Audits that a user signed in, and notes when."""
    User.objects.filter(pk=actor.id).update(last_sign_in_at=clock.now())
    audit(detail={"user": actor.id})


@action("access.session.sign_out")
def record_sign_out(*, actor: Actor) -> None:
    """Audits that a user signed out."""
    audit(detail={"user": actor.id})


@action("access.user.renew_password_hash")
def renew_password_hash(*, actor: Actor, password: str) -> None:
    """Hashes anew, by today's function, the password that the user has just proved: for when hashing grew stronger."""
    User.objects.filter(pk=actor.id).update(password=make_password(password))
    audit(detail={"user": actor.id})
