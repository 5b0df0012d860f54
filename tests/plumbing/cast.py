"""The people of the tests: one for each role, and an outsider who holds none and is refused everywhere."""

from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.test import Client

from ehr.access.actions import create_user, load_roles
from ehr.access.models import User
from ehr.access.permissions import operator
from ehr.access.selectors import actor_for
from ehr.audit.actors import Actor

PASSWORD = "correct horse battery staple"
NAMES = {
    "physician": "R. Adler, MD",
    "nurse": "J. Bell, RN",
    "registrar": "M. Castro",
    "pharmacist": "S. Doyle, PharmD",
    "outsider": "T. Evans",
    "lab_technologist": "P. Fox, MLS",
    "radiologist": "A. Gupta, MD",
    "radiology_technologist": "L. Hale, RT",
    "surgeon": "K. Ito, MD",
    "anesthesiologist": "V. Jain, MD",
    "scheduler": "D. King",
    "coder": "E. Lang, CCS",
    "biller": "O. Moss",
    "patient": "C. Nunez",
    "privacy_officer": "B. Owens",
    "administrator": "Y. Park",
}
ROLES = tuple(role for role in NAMES if role != "outsider")


@dataclass(frozen=True)
class Member:
    """One person of the cast, in the tenant that was current when first asked for."""

    role: str
    user: User

    @property
    def username(self) -> str:
        return self.user.username

    @property
    def password(self) -> str:
        return PASSWORD

    @cached_property
    def actor(self) -> Actor:
        return actor_for(self.user)

    def browser(self, *, host: str = "testserver") -> Client:
        """A browser in which this person is signed in."""
        client = Client(headers={"host": host})
        client.force_login(self.user, backend=settings.AUTHENTICATION_BACKENDS[-1])
        return client


class Cast:
    """Members by role: made when first asked for, so that a test pays for those that it names."""

    def __init__(self) -> None:
        self._members: dict[str, Member] = {}

    def __getattr__(self, role: str) -> Member:
        if role not in NAMES:
            raise AttributeError(role)
        return self[role]

    def __getitem__(self, role: str) -> Member:
        if role not in self._members:
            self._members[role] = self.make(role)
        return self._members[role]

    def make(self, role: str, *, username: str | None = None, patient_id: str | None = None) -> Member:
        """A further person in this role, for instance a patient who is linked to a record."""
        actor = operator("tests")
        load_roles(actor=actor)
        user = create_user(
            actor=actor,
            username=username or _username(role),
            display_name=NAMES[role],
            password=PASSWORD,
            roles=() if role == "outsider" else (role,),
            patient_id=patient_id,
        )
        return Member(role, user)


def _username(role: str) -> str:
    """ "adler" for the physician."""
    return NAMES[role].split(",")[0].split()[-1].lower()
