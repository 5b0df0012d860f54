"""access.role.load, access.user.create, .set_password, .deactivate, access.role.assign and .end."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.hashers import check_password
from django.db import IntegrityError, transaction

from ehr.access.actions import assign_role, create_user, deactivate_user, end_role, load_roles, set_password
from ehr.access.errors import AccessRuleBroken, UsernameTaken
from ehr.access.events import UserDeactivated
from ehr.access.models import Role, RoleAssignment, User
from ehr.access.role_catalogue import CATALOGUE
from ehr.access.selectors import find_user
from ehr.audit.actions import action, audit
from ehr.audit.actors import Actor
from ehr.audit.errors import Refused, WriteOutsideAction
from ehr.lib import clock
from ehr.lib.tenancy import use_tenant
from tests.access.conftest import OPERATOR, OUTSIDER, PASSWORD, MakeUser, acting, trail

Heard = Callable[[type], list]


def new_user(actor: Actor = OPERATOR, **changes: object) -> User:
    details = {"username": "bell", "display_name": "N. Bell, RN", "password": PASSWORD, "roles": ["nurse"]}
    return create_user(actor=actor, **{**details, **changes})


def test_roles_are_loaded_as_the_catalogue_has_them(db: None) -> None:
    assert load_roles(actor=OPERATOR) == [role.name for role in CATALOGUE]
    stored = {role.name: (role.label, tuple(role.permissions)) for role in Role.objects.all()}
    assert stored == {role.name: (role.label, role.permissions) for role in CATALOGUE}


def test_loading_roles_again_mends_only_what_differs(roles: None) -> None:
    @action("tests.role.spoil")
    def spoil(*, actor: Actor) -> None:
        Role.objects.filter(name="nurse").update(permissions=["*.cruds"])
        Role.objects.create(name="housekeeping", label="Housekeeping", permissions=["Location.rs"])
        audit()

    spoil(actor=OPERATOR)
    assert load_roles(actor=OPERATOR) == ["nurse"]
    assert load_roles(actor=OPERATOR) == []
    assert Role.objects.get(name="housekeeping").permissions == ["Location.rs"]
    assert [row[3] for row in trail("access.role.load")] == [
        {"roles": [role.name for role in CATALOGUE]},
        {"roles": ["nurse"]},
        {"roles": []},
    ]


def test_loading_roles_is_refused_to_others(db: None) -> None:
    with pytest.raises(Refused):
        load_roles(actor=OUTSIDER)
    assert Role.objects.count() == 0
    assert trail("access.role.load") == [("refused", OUTSIDER.id, None, {"permission": "access.manage-users"})]


def test_a_user_is_created_with_roles_from_now_on(roles: None, frozen_clock: datetime) -> None:
    user = new_user(username=" Bell ")
    stored = User.objects.get(pk=user.pk)
    assert (stored.username, stored.display_name, stored.patient_id, stored.is_active) == (
        "bell",
        "N. Bell, RN",
        None,
        True,
    )
    assert (stored.created_at, stored.created_by) == (frozen_clock, OPERATOR.id)
    assert check_password(PASSWORD, stored.password)
    assignment = RoleAssignment.objects.get(user=user)
    assert (assignment.role.name, assignment.starts_at, assignment.ends_at) == ("nurse", frozen_clock, None)
    assert trail("access.user.create") == [("success", OPERATOR.id, None, {"user": str(user.pk)})]
    assert acting(user).may("record.open-chart")


def test_a_user_is_found_in_any_case(roles: None) -> None:
    user = new_user()
    assert find_user(" BELL ") == user
    assert find_user("bel") is None


def test_creating_a_user_is_refused_to_others_and_leaves_nothing(roles: None) -> None:
    with pytest.raises(Refused):
        new_user(OUTSIDER)
    assert User.objects.count() == 0
    assert trail("access.user.create") == [("refused", OUTSIDER.id, None, {"permission": "access.manage-users"})]
    assert new_user().username == "bell"


def test_an_administrator_may_create_users_and_a_physician_may_not(make_user: MakeUser) -> None:
    administrator, physician = make_user("root", "administrator"), make_user("adler", "physician")
    with pytest.raises(Refused):
        new_user(acting(physician))
    assert new_user(acting(administrator)).created_by == str(administrator.pk)


def test_a_user_name_is_taken_once_in_whatever_case(roles: None) -> None:
    new_user()
    with pytest.raises(UsernameTaken):
        new_user(username="BELL")
    with use_tenant("valley"):
        assert new_user().username == "bell"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"password": "short"}, "This password is too short. It must contain at least 12 characters."),
        ({"password": "password1234"}, "This password is too common."),
        ({"username": "bellringer12", "password": "bellringer12"}, "The password is too similar to the username."),
        ({"username": "  "}, "A user has a user name and a name that colleagues see."),
        ({"display_name": " "}, "A user has a user name and a name that colleagues see."),
        ({"roles": ["wizard"]}, "There is no role wizard."),
        ({"roles": ["nurse", "nurse"]}, "bell holds the role nurse in that time already."),
    ],
)
def test_a_rule_broken_leaves_no_user(roles: None, changes: dict, message: str) -> None:
    with pytest.raises(AccessRuleBroken) as broken:
        new_user(**changes)
    assert str(broken.value) == message
    assert User.objects.count() == 0


def test_a_patient_has_one_account(roles: None) -> None:
    new_user(username="margaret", roles=["patient"], patient_id="p1")
    with pytest.raises(AccessRuleBroken, match=r"This patient has an account already\."):
        new_user(username="another", roles=["patient"], patient_id="p1")


def test_a_new_password_replaces_the_old(make_user: MakeUser) -> None:
    user = make_user("adler", "physician")
    with pytest.raises(Refused):
        set_password(actor=acting(user), user_id=str(user.pk), password="quite another one")
    with pytest.raises(AccessRuleBroken):
        set_password(actor=OPERATOR, user_id=str(user.pk), password="weak")
    set_password(actor=OPERATOR, user_id=str(user.pk), password="quite another one")
    stored = User.objects.get(pk=user.pk)
    assert (check_password("quite another one", stored.password), check_password(PASSWORD, stored.password)) == (
        True,
        False,
    )
    assert [row[0] for row in trail("access.user.set_password")] == ["refused", "success"]


def test_a_user_is_deactivated_once(make_user: MakeUser, frozen_clock: datetime, heard: Heard) -> None:
    user = make_user("adler", "physician")
    with pytest.raises(Refused):
        deactivate_user(actor=OUTSIDER, user_id=str(user.pk), reason="left")
    assert User.objects.get(pk=user.pk).is_active
    deactivate_user(actor=OPERATOR, user_id=str(user.pk), reason="left")
    deactivate_user(actor=OPERATOR, user_id=str(user.pk), reason="left")
    stored = User.objects.get(pk=user.pk)
    assert (stored.is_active, stored.deactivated_at, stored.deactivated_by) == (False, frozen_clock, OPERATOR.id)
    assert not acting(user).may("record.open-chart")
    assert heard(UserDeactivated) == [UserDeactivated(user_id=str(user.pk))]
    assert [row[0] for row in trail("access.user.deactivate")] == ["refused", "success", "success"]


def test_a_role_is_held_from_its_start_to_its_end(make_user: MakeUser, frozen_clock: datetime) -> None:
    user = make_user("adler")
    start, end = frozen_clock + timedelta(hours=1), frozen_clock + timedelta(hours=9)
    assign_role(actor=OPERATOR, user_id=str(user.pk), role="physician", starts_at=start, ends_at=end)
    held = []
    for instant in (frozen_clock, start, end - timedelta(seconds=1), end):
        with clock.frozen(instant):
            held.append(acting(user).may("record.open-chart"))
    assert held == [False, True, True, False]


def test_giving_roles_is_refused_to_others(make_user: MakeUser) -> None:
    user = make_user("adler")
    with pytest.raises(Refused):
        assign_role(actor=acting(user), user_id=str(user.pk), role="administrator")
    assert not acting(user).may("access.manage-users")
    assign_role(actor=OPERATOR, user_id=str(user.pk), role="administrator")
    assert acting(user).may("access.manage-users")


def test_a_role_cannot_be_held_twice_at_a_time(make_user: MakeUser, frozen_clock: datetime) -> None:
    user = make_user("adler")
    hour = timedelta(hours=1)
    details = {"actor": OPERATOR, "user_id": str(user.pk), "role": "physician"}
    assign_role(**details, starts_at=frozen_clock + hour, ends_at=frozen_clock + 2 * hour)
    with pytest.raises(AccessRuleBroken):
        assign_role(**details)
    with pytest.raises(AccessRuleBroken, match=r"A role ends after it starts\."):
        assign_role(**details, starts_at=frozen_clock + 5 * hour, ends_at=frozen_clock + 5 * hour)
    assign_role(**details, ends_at=frozen_clock + hour)
    assign_role(**details, starts_at=frozen_clock + 2 * hour)
    assert RoleAssignment.objects.filter(user=user).count() == 3


def test_a_role_is_taken_from_now_on(make_user: MakeUser, frozen_clock: datetime) -> None:
    user = make_user("adler", "physician", "coder")
    with pytest.raises(Refused):
        end_role(actor=acting(user), user_id=str(user.pk), role="physician")
    end_role(actor=OPERATOR, user_id=str(user.pk), role="physician")
    assert [acting(user).may(right) for right in ("MedicationRequest.c", "ChargeItem.c")] == [False, True]
    with pytest.raises(AccessRuleBroken, match=r"adler does not hold the role physician\."):
        end_role(actor=OPERATOR, user_id=str(user.pk), role="physician")
    with clock.frozen(frozen_clock + timedelta(minutes=1)):
        assign_role(actor=OPERATOR, user_id=str(user.pk), role="physician")
    assert [row[0] for row in trail("access.role.end")] == ["refused", "success"]
    assert [row[0] for row in trail("access.role.assign")] == ["success", "success", "success"]


@pytest.mark.parametrize("act", [set_password, deactivate_user, assign_role, end_role])
def test_nobody_is_changed_who_does_not_exist(roles: None, act: Callable) -> None:
    more = {set_password: {"password": PASSWORD}, deactivate_user: {"reason": "left"}}.get(act, {"role": "nurse"})
    with pytest.raises(AccessRuleBroken, match=r"There is no such user\."):
        act(actor=OPERATOR, user_id="01900000-0000-7000-8000-000000000000", **more)


def test_users_are_written_by_actions_only(make_user: MakeUser) -> None:
    user = make_user("adler", "physician")
    user.display_name = "Somebody Else"
    with pytest.raises(WriteOutsideAction):
        user.save()
    with pytest.raises(WriteOutsideAction):
        User.objects.create(username="ghost", display_name="Ghost", created_at=clock.now(), created_by="x")


@pytest.mark.parametrize(
    "columns",
    [
        {"username": "Upper"},
        {"username": ""},
        {"display_name": ""},
        {"is_active": False},
        {"deactivated_at": datetime.fromisoformat("2026-01-01T00:00:00Z")},
    ],
)
def test_impossible_users_cannot_be_stored(make_user: MakeUser, columns: dict) -> None:
    user = make_user("adler")

    @action(f"tests.user.spoil.{sorted(columns.items())}")
    def spoil(*, actor: Actor) -> None:
        User.objects.filter(pk=user.pk).update(**columns)
        audit()

    with pytest.raises(IntegrityError), transaction.atomic(using="general"):
        spoil(actor=OPERATOR)
