"""An action is one transaction, carries its doer and reason into the trail, and is nothing without a row there."""

from uuid import UUID

import pytest
from django.db import connections

from ehr.audit.actions import action, audit, current_action, publish
from ehr.audit.actors import Actor
from ehr.audit.context import correlated
from ehr.audit.errors import UnauditedAction, WriteOutsideAction
from ehr.audit.events import Event
from ehr.lib.tenancy import NoTenant, _current, use_tenant
from tests.audit.sample import ADLER, BELL, inner, keep, kept, outer, silent, trail

pytestmark = pytest.mark.usefixtures("db")

REQUEST = UUID("019ab000-0000-7000-8000-000000000001")


@action("test.detailed")
def detailed(*, actor: Actor, reason: str) -> None:
    """Audits twice."""
    audit(patient_id="p1", entities=["Patient/p1/_history/1", "Patient/p1/_history/2"], detail={"count": 2})
    audit()


def test_a_row_says_who_did_what_to_whom_and_why() -> None:
    with correlated(REQUEST):
        detailed(actor=BELL, reason="told by phone")
    common = ("test.detailed", "success", "user", "bell", "B. Bell, RN", "adler", "told by phone", REQUEST)
    fields = (
        *("action", "outcome", "actor_kind", "actor_id", "actor_name", "on_behalf_of", "reason", "correlation_id"),
        *("patient_id", "entities", "detail"),
    )
    assert trail(*fields) == [
        (*common, "p1", ["Patient/p1/_history/1", "Patient/p1/_history/2"], {"count": 2}),
        (*common, None, [], {}),
    ]


def test_rows_of_one_action_share_a_correlation_id_that_nobody_set() -> None:
    outer(lambda: inner(lambda: None, actor=ADLER), actor=ADLER)
    outer(lambda: None, actor=ADLER)
    first, second, third = trail("correlation_id")
    assert (first == second, second == third) == (True, False)


def test_an_action_without_an_audit_row_is_rolled_back() -> None:
    with pytest.raises(UnauditedAction, match=r"test\.silent"):
        silent(lambda: keep("lost"), actor=ADLER)
    outer(lambda: keep("held"), actor=ADLER)
    assert (kept(), trail("action")) == (["held"], ["test.outer"])


def test_an_action_that_fails_leaves_nothing() -> None:
    with pytest.raises(ZeroDivisionError):
        outer(lambda: [keep("lost"), 1 // 0], actor=ADLER)
    assert (kept(), trail("action")) == ([], [])


@pytest.mark.parametrize("arguments", [{}, {"actor": "adler"}, {"actor": None}])
def test_an_action_needs_an_actor(arguments: dict[str, object]) -> None:
    with pytest.raises(TypeError, match="actor"):
        outer(lambda: None, **arguments)  # type: ignore[arg-type] # what is tried


def test_an_action_needs_a_tenant() -> None:
    token = _current.set(None)
    with pytest.raises(NoTenant):
        outer(lambda: None, actor=ADLER)
    _current.reset(token)


def test_outside_an_action_nothing_is_audited_or_published() -> None:
    for attempt in (audit, lambda: publish(Event()), current_action):
        with pytest.raises(WriteOutsideAction):
            attempt()


def test_two_actions_cannot_share_a_name() -> None:
    with pytest.raises(ValueError, match=r"two actions are named test\.outer"):
        action("test.outer")(keep)


def test_a_generator_cannot_be_an_action() -> None:
    def later(*, actor: Actor) -> object:
        yield

    with pytest.raises(TypeError, match="done when it returns"):
        action("test.later")(later)


def test_an_action_writes_to_the_tenant_in_force_only() -> None:
    with use_tenant("valley"):
        outer(lambda: keep("there"), actor=ADLER)
        there = kept()
    assert (there, kept()) == (["there"], [])


def test_the_guard_is_named_for_the_action_and_closed_after_it() -> None:
    def setting() -> str:
        with connections["general"].cursor() as cursor:
            cursor.execute("SELECT coalesce(current_setting('ehr.action', true), '')")
            return str(cursor.fetchone()[0])

    assert (outer(setting, actor=ADLER), setting()) == ("test.outer", "")
