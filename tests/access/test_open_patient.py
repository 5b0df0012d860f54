"""The one door to a patient, and the list of those whom somebody may find."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from ehr.access import patients
from ehr.access.actions import (
    assign_role,
    break_glass,
    deactivate_user,
    end_role,
    grant_relationship,
    lift_restriction,
    place_restriction,
)
from ehr.access.errors import BreakGlassRequired, PatientNotFound
from ehr.access.models import User
from ehr.access.permission_sets import parse
from ehr.access.reach import Reached, reach, recently_opened
from ehr.access.selectors import PatientAccess, actor_for, open_patient
from ehr.audit.actors import Actor
from ehr.lib import clock
from tests.access.conftest import OPERATOR, OUTSIDER, MakeUser, acting, trail

pytestmark = pytest.mark.usefixtures("known_patients", "roles")

Opens = Callable[..., PatientAccess]


def chart(actor: Actor, patient_id: str = "p1", permission: str = "record.open-chart") -> PatientAccess:
    return open_patient(actor=actor, patient_id=patient_id, permission=permission, purpose="TREAT")


def restrict(patient_id: str = "p1", **changes: Any) -> None:
    place_restriction(actor=OPERATOR, patient_id=patient_id, kind="vip", reason="asked for", **changes)


def test_a_physician_opens_a_chart_and_leaves_a_row(make_user: MakeUser) -> None:
    physician = acting(make_user("adler", "physician"))
    assert chart(physician) == PatientAccess("p1", "OKAFOR, Margaret", "facility-role")
    detail = {"permission": "record.open-chart", "purpose": "TREAT", "ground": "facility-role"}
    assert trail("access.patient.open") == [("success", physician.id, "p1", detail)]


def test_a_relationship_is_the_better_ground_while_it_lasts(make_user: MakeUser, frozen_clock: datetime) -> None:
    user = make_user("adler", "physician")
    hour = timedelta(hours=1)
    grant_relationship(
        actor=OPERATOR,
        user_id=str(user.pk),
        patient_id="p1",
        kind="order",
        source="ServiceRequest/1",
        starts_at=frozen_clock + hour,
        ends_at=frozen_clock + 2 * hour,
    )
    grounds = []
    for hours in (0, 1, 2):
        with clock.frozen(frozen_clock + hours * hour):
            access = chart(acting(user))
            grounds.append((access.code, access.relationships))
    assert grounds == [
        ("facility-role", frozenset()),
        ("direct-care", frozenset({"order"})),
        ("facility-role", frozenset()),
    ]
    assert chart(acting(user), "p2").code == "facility-role"


@pytest.mark.parametrize("role", ["registrar", "scheduler", "biller", "privacy_officer", "administrator"])
def test_a_role_without_charts_opens_none(make_user: MakeUser, role: str) -> None:
    actor = acting(make_user(role, role))
    with pytest.raises(PatientNotFound):
        chart(actor)
    detail = {"permission": "record.open-chart", "code": "no-permission"}
    assert trail("access.patient.open") == [("refused", actor.id, "p1", detail)]


def test_a_registrar_sees_demographics(make_user: MakeUser) -> None:
    assert chart(acting(make_user("desk", "registrar")), permission="Patient.r").code == "facility-role"


@pytest.mark.parametrize("patient_id", ["p9", "", "p1\x00", "p1'; --", "../p1", "x" * 65])
def test_an_absent_patient_looks_like_a_forbidden_one(make_user: MakeUser, patient_id: str) -> None:
    physician = acting(make_user("adler", "physician"))
    with pytest.raises(PatientNotFound) as absent:
        chart(physician, patient_id)
    with pytest.raises(PatientNotFound) as forbidden:
        chart(OUTSIDER)
    assert (str(absent.value), absent.value.args) == (str(forbidden.value), forbidden.value.args)
    detail = {"permission": "record.open-chart", "code": "absent"}
    assert trail("access.patient.open")[0] == ("refused", physician.id, None, detail)


def test_a_restricted_record_needs_glass_broken_until_it_is_mended(make_user: MakeUser, frozen_clock: datetime) -> None:
    physician = acting(make_user("adler", "physician"))
    restrict()
    with pytest.raises(BreakGlassRequired) as invitation:
        chart(physician)
    assert invitation.value.patient_id == "p1"
    break_glass(actor=physician, patient_id="p1", reason="unconscious", hours=1)
    access = chart(physician)
    assert (access.code, access.restricted) == ("break-glass", True)
    colleague = acting(make_user("lang", "physician"))
    with pytest.raises(BreakGlassRequired):
        chart(colleague)
    with clock.frozen(frozen_clock + timedelta(hours=1)), pytest.raises(BreakGlassRequired):
        chart(physician)
    assert [row[3].get("code", row[3].get("ground")) for row in trail("access.patient.open")] == [
        "restricted",
        "break-glass",
        "restricted",
        "restricted",
    ]


def test_who_may_not_break_glass_finds_nothing(make_user: MakeUser) -> None:
    coder = acting(make_user("zhou", "coder"))
    assert chart(coder).code == "facility-role"
    restrict()
    with pytest.raises(PatientNotFound):
        chart(coder)


def test_a_restriction_lets_the_team_and_named_roles_through(make_user: MakeUser) -> None:
    member, surgeon = make_user("adler", "physician"), make_user("stone", "surgeon")
    grant_relationship(
        actor=OPERATOR, user_id=str(member.pk), patient_id="p1", kind="unit-assignment", source="Location/5"
    )
    restrict(admits=["surgeon"])
    assert [chart(acting(user)).code for user in (member, surgeon)] == ["direct-care", "facility-role"]
    end_role(actor=OPERATOR, user_id=str(surgeon.pk), role="surgeon")
    with pytest.raises(PatientNotFound):
        chart(acting(surgeon))


def test_what_opens_one_record_opens_no_other(make_user: MakeUser) -> None:
    member = make_user("adler", "physician")
    grant_relationship(actor=OPERATOR, user_id=str(member.pk), patient_id="p1", kind="consult", source="Encounter/1")
    breaker = acting(make_user("lang", "physician"))
    for patient_id in ("p1", "p2"):
        restrict(patient_id)
    break_glass(actor=breaker, patient_id="p1", reason="unconscious")
    assert [chart(actor).code for actor in (acting(member), breaker)] == ["direct-care", "break-glass"]
    for actor in (acting(member), breaker):
        with pytest.raises(BreakGlassRequired):
            chart(actor, "p2")


def test_a_role_lets_through_only_who_holds_it_now(make_user: MakeUser, frozen_clock: datetime) -> None:
    restrict(admits=["surgeon"])
    surgeon, colleague, later = (make_user(name, "physician") for name in ("stone", "lang", "young"))
    tomorrow = frozen_clock + timedelta(days=1)
    assign_role(actor=OPERATOR, user_id=str(surgeon.pk), role="surgeon")
    assign_role(actor=OPERATOR, user_id=str(later.pk), role="surgeon", starts_at=tomorrow)
    assert chart(acting(surgeon)).code == "facility-role"
    for user in (colleague, later):
        with pytest.raises(BreakGlassRequired):
            chart(acting(user))
    end_role(actor=OPERATOR, user_id=str(surgeon.pk), role="surgeon")
    with pytest.raises(BreakGlassRequired):
        chart(acting(surgeon))
    with clock.frozen(tomorrow):
        assert chart(acting(later)).code == "facility-role"


def test_a_restriction_that_was_lifted_closes_nothing(make_user: MakeUser) -> None:
    coder = acting(make_user("zhou", "coder"))
    restriction = place_restriction(actor=OPERATOR, patient_id="p1", kind="employee", reason="asked for")
    with pytest.raises(PatientNotFound):
        chart(coder)
    lift_restriction(actor=OPERATOR, restriction_id=restriction.pk, reason="asked for")
    access = chart(coder)
    assert (access.code, access.restricted) == ("facility-role", False)


def test_a_portal_user_sees_their_own_record_and_no_other(make_user: MakeUser) -> None:
    margaret = acting(make_user("margaret", "patient", patient_id="p1"))
    assert chart(margaret).code == "self"
    with pytest.raises(PatientNotFound):
        chart(margaret, "p2")
    restrict()
    assert chart(margaret).code == "self"


def test_a_client_system_is_held_to_its_scope(db: None) -> None:
    feeder = Actor("client", "c1", "Feeder", parse(["Patient.r"]))
    restrict()
    assert chart(feeder, permission="Patient.r").code == "system-scope"
    with pytest.raises(PatientNotFound):
        chart(feeder, permission="Observation.r")


def test_opening_takes_one_query_for_the_facts_and_one_for_the_trail(make_user: MakeUser, query_count: Any) -> None:
    physician = acting(make_user("adler", "physician"))
    with query_count(2):
        chart(physician)


def test_an_actor_is_read_once_and_in_one_query(make_user: MakeUser, query_count: Any) -> None:
    user = User.objects.get(pk=make_user("adler", "physician", "coder").pk)
    with query_count(1):
        actor = actor_for(user)
        assert actor_for(user) is actor
    assert (actor.kind, actor.id, actor.name) == ("user", str(user.pk), "Adler, Dr.")
    assert [actor.may(right) for right in ("MedicationRequest.c", "ChargeItem.c", "Claim.c")] == [True, True, False]


def test_a_user_without_roles_or_deactivated_holds_nothing(make_user: MakeUser) -> None:
    bare, gone = make_user("bare"), make_user("gone", "physician")
    assert acting(gone).may("record.open-chart")
    deactivate_user(actor=OPERATOR, user_id=str(gone.pk), reason="left")
    assert [acting(user).permissions for user in (bare, gone)] == [parse([]), parse([])]


def test_without_a_loader_the_door_says_so(make_user: MakeUser, monkeypatch: pytest.MonkeyPatch) -> None:
    physician = acting(make_user("adler", "physician"))
    monkeypatch.setattr(patients, "_loaders", [])
    with pytest.raises(LookupError, match="no patient loader is registered"):
        chart(physician)


def test_there_is_one_loader() -> None:
    with pytest.raises(ValueError, match="patients have a loader already"):
        patients.register_loader(lambda _patient_id: None)


def test_a_list_shows_whom_one_may_find(make_user: MakeUser, query_count: Any) -> None:
    physician, coder = acting(make_user("adler", "physician")), acting(make_user("zhou", "coder"))
    margaret = acting(make_user("margaret", "patient", patient_id="p2"))
    restrict()
    with query_count(1):
        found = reach(actor=physician, patient_ids=["p1", "p2"])
    assert found == {"p1": Reached(restricted=True), "p2": Reached(restricted=False)}
    assert reach(actor=coder, patient_ids=["p1", "p2"]) == {"p2": Reached(restricted=False)}
    assert reach(actor=margaret, patient_ids=["p1", "p2"]) == {"p2": Reached(restricted=False)}
    assert reach(actor=OUTSIDER, patient_ids=["p1", "p2"]) == {}
    with query_count(0):
        assert reach(actor=physician, patient_ids=[]) == {}


def test_charts_opened_lately_come_latest_first(make_user: MakeUser) -> None:
    physician, other = acting(make_user("adler", "physician")), acting(make_user("lang", "physician"))
    for patient_id in ("p1", "p2", "p1"):
        chart(physician, patient_id)
    with pytest.raises(PatientNotFound):
        chart(physician, "p9")
    assert recently_opened(actor=physician, limit=5) == ["p1", "p2"]
    assert recently_opened(actor=physician, limit=1) == ["p1"]
    assert recently_opened(actor=other, limit=5) == []
