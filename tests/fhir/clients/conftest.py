from dataclasses import dataclass

import pytest

from ehr.access.actions import register_client
from ehr.access.permissions import operator
from tests.plumbing.live import LiveSite

SCOPE = "system/*.cruds"


@dataclass(frozen=True)
class Registration:
    """What somebody who writes a program against this server is told, and nothing else."""

    base: str
    token_url: str
    client_id: str
    secret: str


@pytest.fixture
def registration(live_site: LiveSite) -> Registration:
    """A client system registered at the first tenant of the served product."""
    made = register_client(actor=operator("tests"), name="third party", scope=SCOPE)
    assert made.secret is not None
    return Registration(live_site.url("/fhir/R4"), live_site.url("/oauth/token"), made.client.client_id, made.secret)
