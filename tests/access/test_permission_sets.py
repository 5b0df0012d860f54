import pytest

from ehr.access.permission_sets import PermissionSet, parse
from ehr.access.permissions import EVERYTHING
from ehr.access.role_catalogue import CATALOGUE, FUNCTIONS


@pytest.mark.parametrize(
    ("entries", "permission", "held"),
    [
        (["Observation.crus"], "Observation.r", True),
        (["Observation.crus"], "Observation.d", False),
        (["Observation.crus"], "Patient.r", False),
        (["*.rs"], "Patient.r", True),
        (["*.rs"], "Patient.c", False),
        (["*.cruds"], "record.open-chart", False),
        (["*.s"], "access.s", False),
        (["*.s"], "administration.search", False),
        (["record.open-chart"], "record.open-chart", True),
        (["record.open-chart"], "record.open", False),
        ([], "Patient.r", False),
        (["*.r"], "", False),
        (["*.r"], "Patient", False),
    ],
)
def test_what_a_set_holds(entries: list[str], permission: str, held: bool) -> None:  # noqa: FBT001 - a table
    assert (permission in parse(entries)) is held


@pytest.mark.parametrize(
    "entry", ["Patient", "Patient.", "Patient.sr", "patient.R", "*", "*.*", "", "a b.c", "Patient.r "]
)
def test_what_is_not_a_permission_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match="is not a permission"):
        parse([entry])


def test_a_set_holds_no_number() -> None:
    assert 7 not in parse(["*.r"])


def test_a_union_holds_both() -> None:
    assert parse(["Patient.r"]) | parse(["*.s"]) == PermissionSet(frozenset({"Patient.r", "*.s"}))


def test_the_fifteen_roles_can_be_read_and_name_known_functions() -> None:
    assert [role.name for role in CATALOGUE] == [
        "registrar",
        "physician",
        "nurse",
        "pharmacist",
        "lab_technologist",
        "radiologist",
        "radiology_technologist",
        "surgeon",
        "anesthesiologist",
        "scheduler",
        "coder",
        "biller",
        "patient",
        "privacy_officer",
        "administrator",
    ]
    functions = {atom for role in CATALOGUE for atom in parse(role.permissions).atoms if atom[0].islower()}
    assert functions == set(FUNCTIONS)


def test_no_role_deletes_and_none_reaches_every_type() -> None:
    atoms = {atom for role in CATALOGUE for atom in parse(role.permissions).atoms}
    assert [atom for atom in atoms if atom.endswith(".d") or atom.startswith("*")] == []


def test_who_opens_charts() -> None:
    openers = {role.name for role in CATALOGUE if "record.open-chart" in role.permissions}
    assert {role.name for role in CATALOGUE} - openers == {
        "registrar",
        "scheduler",
        "biller",
        "privacy_officer",
        "administrator",
    }
    everywhere = {role.name for role in CATALOGUE if "access.all-patients" in role.permissions}
    assert openers - everywhere == {"patient"}


def test_the_operator_holds_every_function_and_type() -> None:
    assert all(name in EVERYTHING for name in (*FUNCTIONS, "Observation.c", "AuditEvent.d"))
    assert "unheard.of" not in EVERYTHING
