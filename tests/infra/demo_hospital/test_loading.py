"""`load_demo` end to end: into fresh databases, and once more."""

from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.contrib.auth.hashers import check_password
from django.core.management import call_command
from pytest_django.fixtures import Settings

from ehr.access.selectors import find_client, find_user
from ehr.administration.models import Patient
from ehr.audit.models import AuditEvent
from ehr.fhir.models import Resource, Version
from ehr.fhir.verification import Tally, verify
from ehr.lib.tenancy import use_tenant
from infra.demo_hospital import credentials
from infra.demo_hospital.loading import portal_patient_id
from tests.factories import put

TENANTS = ("general", "valley")


@pytest.fixture
def state_dir(settings: Settings, tmp_path: Path) -> Path:
    settings.STATE_DIR = tmp_path
    return tmp_path


def load(state_dir: Path) -> dict[str, Any]:
    call_command("load_demo", stdout=StringIO())
    content: dict[str, Any] = msgspec.json.decode((state_dir / "credentials.json").read_bytes())
    return content


def counts() -> dict[str, tuple[int, int]]:
    found = {}
    for alias in TENANTS:
        with use_tenant(alias):
            found[alias] = (Resource.objects.count(), Version.objects.count())
    return found


def test_loading_again_changes_nothing(committed: dict[str, str], state_dir: Path) -> None:
    first = load(state_dir)
    stored = counts()
    assert stored["general"][0] > 1000
    assert stored["valley"][0] > 100
    assert {versions for _, versions in stored.values()} == {0}
    with use_tenant("general"):
        assert Patient.objects.count() == 12
        assert list(verify(Tally())) == []
        audited = AuditEvent.objects.filter(action="fhir.bundle.transaction").count()
    with use_tenant("valley"):
        assert Patient.objects.count() == 3

    assert load(state_dir) == first
    assert counts() == stored
    with use_tenant("general"):
        assert AuditEvent.objects.filter(action="fhir.bundle.transaction").count() == audited


def test_the_file_holds_what_the_contract_says_and_it_works(
    committed: dict[str, str], state_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", "8123")
    content = load(state_dir)
    assert (state_dir / "credentials.json").stat().st_mode & 0o777 == 0o600
    assert list(content) == ["base_url", "users", "clients", "tenants", "database"]
    assert content["base_url"] == "http://localhost:8123"
    assert [tenant["name"] for tenant in content["tenants"]] == ["Parkersburg General Hospital", "Valley Clinic"]
    assert (content["users"], content["clients"]) == tuple(content["tenants"][0][name] for name in ("users", "clients"))
    assert sorted(content["database"]) == ["app_url", "owner_url"]
    for alias, tenant in zip(TENANTS, content["tenants"], strict=True):
        assert len(tenant["users"]) == 15
        assert [sorted(client) for client in tenant["clients"]] == [["client_id", "client_secret", "name", "scope"]]
        with use_tenant(alias):
            for login in tenant["users"]:
                user = find_user(login["username"])
                assert user is not None
                assert check_password(login["password"], user.password)
                assert user.patient_id == (portal_patient_id(alias) if login["role"] == "patient" else None)
            client = find_client("system")
            assert client is not None
            assert (client.client_id, client.allowed_scope) == (tenant["clients"][0]["client_id"], "system/*.cruds")
            assert Patient.objects.filter(fhir_id=portal_patient_id(alias)).count() == 1


def test_a_lost_file_is_made_anew_with_new_secrets(committed: dict[str, str], state_dir: Path) -> None:
    first = load(state_dir)
    (state_dir / "credentials.json").unlink()
    second = load(state_dir)
    assert {login["username"] for login in second["users"]} == {login["username"] for login in first["users"]}
    for before, after in zip(first["users"], second["users"], strict=True):
        assert before["password"] != after["password"]
    assert first["clients"][0]["client_id"] != second["clients"][0]["client_id"]
    user = find_user("physician")
    assert user is not None
    new = next(login["password"] for login in second["users"] if login["role"] == "physician")
    assert check_password(new, user.password)


def test_what_somebody_changed_stays_changed(committed: dict[str, str], state_dir: Path) -> None:
    load(state_dir)
    stored = Resource.objects.get(type="Patient", id=portal_patient_id("general"))
    changed = msgspec.json.decode((stored.content or "").encode()) | {"gender": "other"}
    put(changed)
    load(state_dir)
    assert Patient.objects.get(fhir_id=stored.id).gender == "other"


def test_a_broken_file_is_not_overwritten(state_dir: Path) -> None:
    path = state_dir / "credentials.json"
    path.write_text('{"tenants": [')
    with pytest.raises(msgspec.DecodeError):
        credentials.read(path)
    assert path.read_text() == '{"tenants": ['
