from collections.abc import Iterator

import pytest

from ehr.access import scopes
from ehr.access.scopes import UnknownScope, permissions, reduce, register_resource_types


@pytest.fixture(autouse=True)
def three_types(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(scopes, "_resource_types", [])
    register_resource_types(lambda: {"Observation", "Patient", "Task"})
    yield
    permissions.cache_clear()


@pytest.mark.parametrize(
    ("scope", "rights"),
    [
        ("system/Patient.rs", {"Patient.r", "Patient.s"}),
        ("system/Patient.r system/Task.c", {"Patient.r", "Task.c"}),
        ("system/*.cruds", {"*.c", "*.r", "*.u", "*.d", "*.s"}),
        ("system/Patient.read", {"Patient.r", "Patient.s"}),
        ("system/Patient.write", {"Patient.c", "Patient.u", "Patient.d"}),
        ("system/Patient.*", {"Patient.c", "Patient.r", "Patient.u", "Patient.d", "Patient.s"}),
        ("system/*.read", {"*.r", "*.s"}),
        ("", set()),
    ],
)
def test_what_a_scope_gives(scope: str, rights: set[str]) -> None:
    assert permissions(scope).atoms == rights


@pytest.mark.parametrize(
    "scope",
    [
        "system/Patient.sr",
        "system/Patient.rr",
        "system/Patient.",
        "system/Patient",
        "system/patient.r",
        "system/Nonsense.r",
        "system/Patient.R",
        "system/Patient.rs?birthdate=1970",
        "patient/Patient.rs",
        "user/Patient.rs",
        "openid",
        "launch/patient",
        "system/*.rs system/Nonsense.r",
        "system/../Patient.r",
        "system/Patient.r\u00a0",
    ],
)
def test_a_scope_that_is_not_known_is_refused(scope: str) -> None:
    with pytest.raises(UnknownScope):
        permissions(scope)


@pytest.mark.parametrize(
    ("requested", "allowed", "granted"),
    [
        ("system/Patient.rs", "system/*.cruds", "system/Patient.rs"),
        ("system/*.cruds", "system/Patient.rs system/Task.r", "system/Patient.rs system/Task.r"),
        ("system/Patient.cruds", "system/Patient.rs", "system/Patient.rs"),
        ("system/Patient.c", "system/Patient.rs", ""),
        ("system/Task.rs", "system/Patient.rs", ""),
        ("system/*.cruds system/Patient.r", "system/*.rs", "system/*.rs"),
        ("system/*.r system/Patient.rs", "system/*.cruds", "system/*.r system/Patient.rs"),
        ("system/Patient.read system/Patient.write", "system/*.*", "system/Patient.cruds"),
        ("system/*.rs", "system/*.r system/Task.cruds", "system/*.r system/Task.rs"),
        ("launch/patient system/Patient.rs launch", "system/*.cruds", "system/Patient.rs"),
        ("launch/patient", "system/*.cruds", ""),
    ],
)
def test_a_request_is_reduced_to_what_is_allowed(requested: str, allowed: str, granted: str) -> None:
    assert reduce(requested, allowed) == granted


def test_reducing_never_adds() -> None:
    pool = ["system/*.cruds", "system/*.rs", "system/Patient.c", "system/Patient.rs", "system/Task.cruds", "system/*.d"]
    for requested in pool:
        for allowed in pool:
            granted = permissions(reduce(requested, allowed))
            for right in (f"{kind}.{letter}" for kind in ("Patient", "Task", "Observation") for letter in "cruds"):
                assert (right in granted) is (right in permissions(requested) and right in permissions(allowed))


def test_without_a_record_store_no_type_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scopes, "_resource_types", [])
    permissions.cache_clear()
    assert permissions("system/*.r").atoms == {"*.r"}
    with pytest.raises(UnknownScope):
        permissions("system/Patient.r")
