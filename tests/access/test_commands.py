"""./run manage add_user and add_client; what a client system can find out."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from ehr.access.discovery import smart_configuration
from ehr.access.models import Client, User
from ehr.access.selectors import find_client, find_user
from ehr.lib import json
from tests.access.assertions import EC_KEY, key_set
from tests.access.conftest import acting, trail


def run(*arguments: str) -> dict[str, str]:
    """What the command printed: name and value on each line."""
    out = StringIO()
    call_command(*arguments, stdout=out)
    return dict(line.split(" ", 1) for line in out.getvalue().splitlines())


def test_add_user_makes_somebody_who_can_sign_in(roles: None) -> None:
    printed = run("add_user", "Lang", "--name", "C. Lang, MD", "--role", "physician", "--role", "coder")
    user = find_user("lang")
    assert user is not None
    assert (printed["username"], user.check_password(printed["password"])) == ("lang", True)
    assert [acting(user).may(right) for right in ("MedicationRequest.c", "ChargeItem.c")] == [True, True]
    assert [row[:2] for row in trail("access.user.create")] == [("success", "command/add_user")]


def test_add_user_says_what_is_wrong_and_adds_nobody(roles: None) -> None:
    with pytest.raises(CommandError, match=r"There is no role wizard\."):
        run("add_user", "lang", "--name", "C. Lang, MD", "--role", "wizard")
    assert User.objects.count() == 0


def test_add_client_tells_the_secret(db: None) -> None:
    printed = run("add_client", "Feeder", "--scope", "system/*.rs", "--token-lifetime", "300")
    client = find_client("Feeder")
    assert client is not None
    assert (printed["client_id"], client.token_lifetime, client.allowed_scope) == (client.client_id, 300, "system/*.rs")
    assert len(printed["client_secret"]) == 43


def test_add_client_takes_a_file_of_keys(db: None, tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    keys.write_bytes(json.encode(key_set()))
    assert list(run("add_client", "Signer", "--scope", "system/*.rs", "--jwks", str(keys))) == ["client_id"]
    assert Client.objects.get().jwks == key_set()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "truncated"),
        (b"[]", "Expected `object`"),
        (json.encode({"keys": [EC_KEY.export_private(as_dict=True)]}), r"Only public keys are registered\."),
        (None, "No such file"),
    ],
)
def test_add_client_says_what_is_wrong_with_the_keys(
    db: None, tmp_path: Path, content: bytes | None, message: str
) -> None:
    keys = tmp_path / "keys.json"
    if content is not None:
        keys.write_bytes(content)
    with pytest.raises(CommandError, match=message):
        run("add_client", "Signer", "--scope", "system/*.rs", "--jwks", str(keys))
    assert Client.objects.count() == 0


def test_discovery_names_what_is_there() -> None:
    assert smart_configuration("https://ehr.example.org:8443/fhir/R4") == {
        "token_endpoint": "https://ehr.example.org:8443/oauth/token",
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES384", "RS384"],
        "grant_types_supported": ["client_credentials"],
        "scopes_supported": ["system/*.cruds", "system/*.rs"],
        "capabilities": [
            "client-confidential-symmetric",
            "client-confidential-asymmetric",
            "permission-v1",
            "permission-v2",
        ],
    }
