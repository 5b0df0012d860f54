"""Every write about people, roles, relationships, client systems and tokens."""

from ehr.access.actions.clients import (
    RegisteredClient,
    end_client,
    issue_token,
    register_client,
    revoke_tokens,
)
from ehr.access.actions.people import (
    assign_role,
    create_user,
    deactivate_user,
    end_role,
    load_roles,
    set_password,
)
from ehr.access.actions.relationships import (
    break_glass,
    end_relationship,
    grant_relationship,
    lift_restriction,
    place_restriction,
)
from ehr.access.actions.sign_in import record_sign_in, record_sign_out, renew_password_hash

__all__ = [
    "RegisteredClient",
    "assign_role",
    "break_glass",
    "create_user",
    "deactivate_user",
    "end_client",
    "end_relationship",
    "end_role",
    "grant_relationship",
    "issue_token",
    "lift_restriction",
    "load_roles",
    "place_restriction",
    "record_sign_in",
    "record_sign_out",
    "register_client",
    "renew_password_hash",
    "revoke_tokens",
    "set_password",
]
