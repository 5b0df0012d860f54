"""Predicates on who may do what. What is not held is refused."""

from ehr.access.permission_sets import PermissionSet, parse
from ehr.access.role_catalogue import FUNCTIONS
from ehr.audit.actors import Actor
from ehr.audit.errors import Refused

EVERYTHING: PermissionSet = parse((*FUNCTIONS, "*.cruds"))


def demand(actor: Actor, permission: str, *, patient_id: str | None = None) -> None:
    """Raises Refused unless `actor` holds `permission`."""
    if not actor.may(permission):
        raise Refused(permission, patient_id=patient_id)


def operator(name: str) -> Actor:
    """The actor of a management command: whoever holds the keys of the deployment. `name` is the command's.

    Never the actor of a request.
    """
    return Actor(kind="system", id=f"command/{name}", name=f"Operator ({name})", permissions=EVERYTHING)
