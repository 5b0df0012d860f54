"""access.relationship.grant and .end, access.restriction.place and .lift, access.glass.break."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from ehr.access.actions import (
    break_glass,
    end_relationship,
    grant_relationship,
    lift_restriction,
    place_restriction,
)
from ehr.access.errors import AccessRuleBroken
from ehr.access.events import GlassBroken
from ehr.access.models import BreakGlass, Grant, Restriction
from ehr.audit.actions import action, audit
from ehr.audit.actors import Actor
from ehr.audit.errors import Refused
from ehr.audit.models import AuditEvent
from ehr.lib import clock
from tests.access.conftest import OPERATOR, MakeUser, acting, trail

HOUR = timedelta(hours=1)
Heard = Callable[[type], list]


def related(actor: Actor, user_id: str, **changes: object) -> Grant:
    details = {"patient_id": "p1", "kind": "treatment-team", "source": "CareTeam/1"}
    return grant_relationship(actor=actor, user_id=user_id, **{**details, **changes})


def restricted(actor: Actor = OPERATOR, **changes: object) -> Restriction:
    return place_restriction(actor=actor, **{"patient_id": "p1", "kind": "vip", "reason": "asked for", **changes})


def test_a_relationship_is_granted_by_those_who_may(make_user: MakeUser, frozen_clock: datetime) -> None:
    nurse, physician, coder = (make_user(name, name) for name in ("nurse", "physician", "coder"))
    with pytest.raises(Refused):
        related(acting(coder), str(physician.pk))
    assert Grant.objects.count() == 0
    grant = related(acting(nurse), str(physician.pk), ends_at=frozen_clock + HOUR)
    assert (grant.starts_at, grant.ends_at, grant.granted_at, grant.granted_by) == (
        frozen_clock,
        frozen_clock + HOUR,
        frozen_clock,
        str(nurse.pk),
    )
    detail = {"user": str(physician.pk), "kind": "treatment-team", "grant": grant.pk, "created": True}
    assert trail("access.relationship.grant") == [
        ("refused", str(coder.pk), "p1", {"permission": "access.relate"}),
        ("success", str(nurse.pk), "p1", detail),
    ]


def test_granting_again_changes_nothing(make_user: MakeUser, frozen_clock: datetime) -> None:
    physician = make_user("adler", "physician")
    first = related(OPERATOR, str(physician.pk))
    with clock.frozen(frozen_clock + HOUR):
        assert related(OPERATOR, str(physician.pk)) == first
    assert Grant.objects.get().starts_at == frozen_clock
    related(OPERATOR, str(physician.pk), source="CareTeam/2")
    related(OPERATOR, str(physician.pk), kind="consult")
    assert Grant.objects.count() == 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "friend"}, "friend is not a kind of care relationship."),
        (
            {"ends_at": datetime.fromisoformat("2026-03-14T12:00:00Z")},
            "A relationship ends after it starts.",
        ),
    ],
)
def test_a_relationship_breaks_no_rule(
    make_user: MakeUser, frozen_clock: datetime, changes: dict, message: str
) -> None:
    physician = make_user("adler", "physician")
    with pytest.raises(AccessRuleBroken) as broken:
        related(OPERATOR, str(physician.pk), **changes)
    assert str(broken.value) == message
    with pytest.raises(AccessRuleBroken, match=r"There is no such user\."):
        related(OPERATOR, "01900000-0000-7000-8000-000000000000")


def test_nobody_lets_themselves_into_a_restricted_record(make_user: MakeUser) -> None:
    physician = make_user("adler", "physician")
    related(acting(physician), str(physician.pk), patient_id="p2")
    restricted()
    with pytest.raises(Refused):
        related(acting(physician), str(physician.pk))
    nurse = make_user("bell", "nurse")
    related(acting(nurse), str(physician.pk))
    assert sorted(Grant.objects.values_list("patient_id", flat=True)) == ["p1", "p2"]


def test_a_relationship_ends_now(make_user: MakeUser, frozen_clock: datetime) -> None:
    physician, coder = make_user("adler", "physician"), make_user("zhou", "coder")
    details = {"patient_id": "p1", "kind": "treatment-team", "source": "CareTeam/1", "user_id": str(physician.pk)}
    related(OPERATOR, str(physician.pk))
    with pytest.raises(Refused):
        end_relationship(actor=acting(coder), **details)
    with clock.frozen(frozen_clock + HOUR):
        end_relationship(actor=OPERATOR, **details)
        with pytest.raises(AccessRuleBroken, match=r"There is no such relationship to end\."):
            end_relationship(actor=OPERATOR, **details)
    grant = Grant.objects.get()
    assert (grant.ends_at, grant.ended_at, grant.ended_by) == (
        frozen_clock + HOUR,
        frozen_clock + HOUR,
        OPERATOR.id,
    )
    assert [row[0] for row in trail("access.relationship.end")] == ["refused", "success"]


def test_ending_a_relationship_that_has_not_begun_or_is_over_stretches_nothing(
    make_user: MakeUser, frozen_clock: datetime
) -> None:
    user_id = str(make_user("adler", "physician").pk)
    related(OPERATOR, user_id, starts_at=frozen_clock + 2 * HOUR)
    related(OPERATOR, user_id, kind="consult", ends_at=frozen_clock + HOUR)
    with clock.frozen(frozen_clock + timedelta(minutes=90)):
        for kind in ("treatment-team", "consult"):
            end_relationship(actor=OPERATOR, user_id=user_id, patient_id="p1", kind=kind, source="CareTeam/1")
    periods = {grant.kind: (grant.starts_at, grant.ends_at) for grant in Grant.objects.all()}
    assert periods == {
        "treatment-team": (frozen_clock + 2 * HOUR, frozen_clock + 2 * HOUR),
        "consult": (frozen_clock, frozen_clock + HOUR),
    }


def test_a_privacy_officer_restricts_and_lifts_and_a_physician_does_not(
    make_user: MakeUser, frozen_clock: datetime
) -> None:
    officer, physician = acting(make_user("officer", "privacy_officer")), acting(make_user("adler", "physician"))
    with pytest.raises(Refused):
        restricted(physician)
    restriction = restricted(officer, admits=["surgeon", "nurse", "nurse"])
    assert (restriction.admits, restriction.placed_at, restriction.placed_by) == (
        ["nurse", "surgeon"],
        frozen_clock,
        officer.id,
    )
    with pytest.raises(Refused):
        lift_restriction(actor=physician, restriction_id=restriction.pk, reason="curious")
    lift_restriction(actor=officer, restriction_id=restriction.pk, reason="asked for")
    with pytest.raises(AccessRuleBroken, match=r"There is no such restriction in force\."):
        lift_restriction(actor=officer, restriction_id=restriction.pk, reason="asked for")
    stored = Restriction.objects.get()
    assert (stored.lifted_at, stored.lifted_by) == (frozen_clock, officer.id)
    detail = {"restriction": restriction.pk, "kind": "vip"}
    assert trail("access.restriction.place")[1:] == [("success", officer.id, "p1", detail)]
    assert trail("access.restriction.lift")[1:] == [("success", officer.id, "p1", detail)]
    reasons = AuditEvent.objects.filter(action="access.restriction.place").values_list("reason", flat=True)
    assert list(reasons) == ["asked for", "asked for"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "secret"}, "secret is not a kind of restriction."),
        ({"kind": "sensitivity"}, "A sensitivity restriction, and no other, names its label."),
        ({"label": "PSY"}, "A sensitivity restriction, and no other, names its label."),
        ({"admits": ["nurse", "wizard"]}, "There is no role wizard."),
        ({}, "This record is restricted in that way already."),
    ],
)
def test_a_restriction_breaks_no_rule(roles: None, changes: dict, message: str) -> None:
    restricted()
    restricted(kind="sensitivity", label="PSY")
    with pytest.raises(AccessRuleBroken) as broken:
        restricted(**changes)
    assert str(broken.value) == message
    assert Restriction.objects.count() == 2


def test_glass_is_broken_with_a_reason_for_a_while(make_user: MakeUser, frozen_clock: datetime, heard: Heard) -> None:
    physician, coder = acting(make_user("adler", "physician")), acting(make_user("zhou", "coder"))
    restricted()
    with pytest.raises(Refused):
        break_glass(actor=coder, patient_id="p1", reason="unconscious in the ED")
    opened = break_glass(actor=physician, patient_id="p1", reason=" unconscious in the ED ", hours=2)
    stored = BreakGlass.objects.get()
    assert (str(stored.user_id), stored.patient_id, stored.reason, stored.started_at, stored.expires_at) == (
        physician.id,
        "p1",
        "unconscious in the ED",
        frozen_clock,
        frozen_clock + 2 * HOUR,
    )
    assert heard(GlassBroken) == [
        GlassBroken(
            user_id=physician.id,
            patient_id="p1",
            break_glass_id=opened.pk,
            expires_at="2026-03-14T14:00:00.000Z",
        )
    ]
    assert trail("access.glass.break") == [
        ("refused", coder.id, "p1", {"permission": "access.break-glass"}),
        ("success", physician.id, "p1", {"break_glass": opened.pk, "hours": 2}),
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reason": "  "}, "Say why this record must be opened now."),
        ({"hours": 0}, "Emergency access lasts 1 to 4 hours."),
        ({"hours": 5}, "Emergency access lasts 1 to 4 hours."),
        ({"patient_id": "p2"}, "This record is not restricted."),
    ],
)
def test_breaking_glass_breaks_no_rule(make_user: MakeUser, heard: Heard, changes: dict, message: str) -> None:
    physician = acting(make_user("adler", "physician"))
    restricted()
    with pytest.raises(AccessRuleBroken) as broken:
        break_glass(actor=physician, **{"patient_id": "p1", "reason": "unconscious", **changes})
    assert str(broken.value) == message
    assert (BreakGlass.objects.count(), heard(GlassBroken)) == (0, [])


def test_only_a_person_breaks_glass(roles: None) -> None:
    restricted()
    with pytest.raises(Refused):
        break_glass(actor=OPERATOR, patient_id="p1", reason="batch job")


@pytest.mark.parametrize(
    ("model", "columns"),
    [
        (Grant, {"kind": "friend"}),
        (Grant, {"patient_id": ""}),
        (Grant, {"source": ""}),
        (Grant, {"ends_at": datetime.fromisoformat("2000-01-01T00:00:00Z")}),
        (Grant, {"ended_at": datetime.fromisoformat("2030-01-01T00:00:00Z")}),
        (Grant, {"ended_by": "x"}),
        (Restriction, {"kind": "secret"}),
        (Restriction, {"label": "PSY"}),
        (Restriction, {"kind": "sensitivity"}),
        (Restriction, {"lifted_at": datetime.fromisoformat("2030-01-01T00:00:00Z")}),
        (Restriction, {"lifted_by": "x"}),
        (
            Restriction,
            {"lifted_at": datetime.fromisoformat("2000-01-01T00:00:00Z"), "lifted_by": "x"},
        ),
        (BreakGlass, {"reason": " "}),
        (BreakGlass, {"patient_id": ""}),
        (BreakGlass, {"expires_at": datetime.fromisoformat("2026-03-14T16:00:01Z")}),
        (BreakGlass, {"expires_at": datetime.fromisoformat("2026-03-14T12:00:00Z")}),
    ],
)
def test_impossible_states_cannot_be_stored(
    make_user: MakeUser, frozen_clock: datetime, model: type, columns: dict
) -> None:
    physician = make_user("adler", "physician")
    related(OPERATOR, str(physician.pk))
    restricted()
    break_glass(actor=acting(physician), patient_id="p1", reason="unconscious")

    @action(f"tests.{model.__name__}.spoil.{sorted(columns.items())}")
    def spoil(*, actor: Actor) -> None:
        assert model.objects.update(**columns) == 1
        audit()

    with pytest.raises(IntegrityError), transaction.atomic(using="general"):
        spoil(actor=OPERATOR)
