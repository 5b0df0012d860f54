"""access.client.register and .end, access.token.revoke."""

import hashlib
from collections.abc import Callable
from datetime import datetime

import pytest

from ehr.access.actions import RegisteredClient, end_client, register_client, revoke_tokens
from ehr.access.errors import AccessRuleBroken, ClientNameTaken
from ehr.access.events import ClientEnded
from ehr.access.models import Client
from ehr.access.selectors import find_client
from ehr.audit.errors import Refused
from tests.access.assertions import EC_KEY, key_set
from tests.access.conftest import OPERATOR, OUTSIDER, MakeClient, MakeUser, acting, trail

Heard = Callable[[type], list]
NOBODY = "01900000-0000-7000-8000-000000000000"


def test_a_client_is_registered_and_its_secret_told_once(make_client: MakeClient, frozen_clock: datetime) -> None:
    registered = make_client("system/*.rs")
    stored = Client.objects.get()
    assert registered.secret is not None
    assert len(registered.secret) == 43
    assert stored.client_secret == hashlib.sha256(registered.secret.encode()).hexdigest()
    assert (stored.name, stored.allowed_scope, stored.token_lifetime, stored.jwks) == (
        "Feeder",
        "system/*.rs",
        900,
        None,
    )
    assert (stored.registered_at, stored.registered_by, stored.ended_at) == (frozen_clock, OPERATOR.id, None)
    detail = {"client": stored.client_id, "scope": "system/*.rs", "proof": "client_secret"}
    assert trail("access.client.register") == [("success", OPERATOR.id, None, detail)]
    assert find_client("Feeder") == stored
    assert registered.secret not in repr(registered)


def test_a_client_with_keys_has_no_secret(make_client: MakeClient) -> None:
    registered = make_client(jwks=key_set())
    assert (registered.secret, Client.objects.get().client_secret, Client.objects.get().jwks) == (None, "", key_set())


def test_registering_is_refused_to_others(make_user: MakeUser) -> None:
    details = {"name": "Feeder", "scope": "system/*.rs"}
    with pytest.raises(Refused):
        register_client(actor=acting(make_user("adler", "physician")), **details)
    assert Client.objects.count() == 0
    administrator = acting(make_user("root", "administrator"))
    assert isinstance(register_client(actor=administrator, **details), RegisteredClient)
    assert [row[0] for row in trail("access.client.register")] == ["refused", "success"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"scope": "system/Nonsense"}, "'system/Nonsense' is not a scope of this server"),
        ({"scope": "patient/*.rs"}, "'patient/*.rs' is not a scope of this server"),
        ({"scope": " "}, "A client has a scope."),
        ({"name": " "}, "A client has a name."),
        ({"token_lifetime": 299}, "A token lives 300 to 3600 seconds."),
        ({"token_lifetime": 3601}, "A token lives 300 to 3600 seconds."),
        ({"jwks": {"keys": [EC_KEY.export_private(as_dict=True)]}}, "Only public keys are registered."),
    ],
)
def test_a_registration_breaks_no_rule(make_client: MakeClient, changes: dict, message: str) -> None:
    with pytest.raises(AccessRuleBroken) as broken:
        make_client(**changes)
    assert str(broken.value) == message
    assert Client.objects.count() == 0


def test_a_name_is_free_again_once_its_client_has_ended(make_client: MakeClient, heard: Heard) -> None:
    first = make_client()
    with pytest.raises(ClientNameTaken):
        make_client()
    client_id = first.client.client_id
    with pytest.raises(Refused):
        end_client(actor=OUTSIDER, client_id=client_id, reason="curious")
    for _ in range(2):
        end_client(actor=OPERATOR, client_id=client_id, reason="contract over")
    assert heard(ClientEnded) == [ClientEnded(client_id=client_id)]
    assert find_client("Feeder") is None
    assert make_client().client == find_client("Feeder")
    assert [row[0] for row in trail("access.client.end")] == ["refused", "success", "success"]


def test_revoking_is_refused_to_others(make_client: MakeClient) -> None:
    client_id = make_client().client.client_id
    with pytest.raises(Refused):
        revoke_tokens(actor=OUTSIDER, client_id=client_id, reason="curious")
    assert revoke_tokens(actor=OPERATOR, client_id=client_id, reason="leaked") == 0
    assert [row[0] for row in trail("access.token.revoke")] == ["refused", "success"]


@pytest.mark.parametrize("act", [end_client, revoke_tokens])
def test_no_client_is_ended_that_does_not_exist(db: None, act: Callable) -> None:
    with pytest.raises(AccessRuleBroken, match=r"There is no such client\."):
        act(actor=OPERATOR, client_id=NOBODY, reason="leaked")
