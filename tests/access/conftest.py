"""People, client systems and patients for the tests of access."""

from collections.abc import Callable
from typing import Any

import pytest

from ehr.access import patients
from ehr.access.actions import RegisteredClient, create_user, load_roles, register_client
from ehr.access.events import ClientEnded, GlassBroken, UserDeactivated
from ehr.access.models import User
from ehr.access.permissions import operator
from ehr.access.selectors import actor_for
from ehr.audit import events
from ehr.audit.actors import Actor
from ehr.audit.events import Event
from ehr.audit.models import AuditEvent, OutboxMessage
from ehr.lib.tenancy import use_tenant

PASSWORD = "correct horse battery"
OPERATOR = operator("tests")
OUTSIDER = Actor(kind="user", id="01900000-0000-7000-8000-00000000e7a5", name="E. Evans")

MakeUser = Callable[..., User]
MakeClient = Callable[..., RegisteredClient]


@pytest.fixture
def roles(db: None) -> None:
    for alias in ("general", "valley"):
        with use_tenant(alias):
            load_roles(actor=OPERATOR)


@pytest.fixture
def make_user(roles: None) -> MakeUser:
    def make(username: str, *role_names: str, **more: Any) -> User:
        return create_user(
            actor=OPERATOR,
            username=username,
            display_name=f"{username.title()}, Dr.",
            password=PASSWORD,
            roles=role_names,
            **more,
        )

    return make


@pytest.fixture
def make_client(db: None) -> MakeClient:
    def make(scope: str = "system/*.cruds", name: str = "Feeder", **more: Any) -> RegisteredClient:
        return register_client(actor=OPERATOR, name=name, scope=scope, **more)

    return make


@pytest.fixture
def known_patients(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Stands in for the app that owns Patient: its loader finds p1 and p2."""
    known = {"p1": "OKAFOR, Margaret", "p2": "LINDQVIST, Per"}
    monkeypatch.setattr(patients, "_loaders", [])
    patients.register_loader(known.get)
    return known


def acting(user: User) -> Actor:
    """The actor that a user is, read afresh."""
    return actor_for(User.objects.get(pk=user.pk))


def trail(action: str) -> list[tuple[str, str, str | None, dict[str, Any]]]:
    """Outcome, actor id, patient id and detail of each audit row of this action, in order."""
    rows = AuditEvent.objects.filter(action=action).order_by("id")
    return [(row.outcome, row.actor_id, row.patient_id, row.detail) for row in rows]


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Callable[[type[Event]], list[Event]]:
    """The events of a kind that were announced and committed, told to a consumer that the test registers."""
    monkeypatch.setattr(events, "consumers", {})
    monkeypatch.setattr(events, "_by_event", {})
    for kind in (GlassBroken, UserDeactivated, ClientEnded):
        events.consumes(kind, name=f"tests.{kind.__name__}")(lambda _event: None)

    def told(kind: type[Event]) -> list[Event]:
        messages = OutboxMessage.objects.filter(consumer=f"tests.{kind.__name__}").order_by("id")
        return [kind(**message.payload) for message in messages]

    return told
