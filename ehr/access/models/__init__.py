"""People and client systems, what they may do, and whose records they may see."""

from ehr.access.models.clients import Client, UsedAssertion
from ehr.access.models.people import Role, RoleAssignment, User
from ehr.access.models.relationships import BreakGlass, Grant, Restriction

__all__ = ["BreakGlass", "Client", "Grant", "Restriction", "Role", "RoleAssignment", "UsedAssertion", "User"]
