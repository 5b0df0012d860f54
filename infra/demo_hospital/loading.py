"""Brings the demo into the tenants' databases, through the product's own actions. Doing it again changes nothing."""

import os
import secrets
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from django.conf import settings
from django.db import connections

from ehr.access.actions import create_user, end_client, load_roles, register_client, set_password
from ehr.access.permissions import operator
from ehr.access.selectors import find_client, find_user
from ehr.audit.actors import Actor
from ehr.config.tenants import Tenant, read_tenants
from ehr.fhir.bundles import Entry, read_entries, run_transaction
from ehr.fhir.models import Resource as StoredResource
from ehr.fhir.models import Version
from ehr.lib import clock
from ehr.lib.tenancy import use_tenant
from ehr.terminology.starter import load_starter_codes
from infra.demo_hospital import credentials, general, valley
from infra.demo_hospital.builders import Resource
from infra.demo_hospital.chart import chart_resources
from infra.demo_hospital.credentials import ClientSecret, Login, TenantCredentials
from infra.demo_hospital.facility import HOSPITAL, Facility, facility_resources
from infra.demo_hospital.logins import CLIENTS, LOGINS
from infra.demo_hospital.site import Site
from infra.demo_hospital.stories import Story

Say = Callable[[str], Any]

HASHING_THREADS = 2


@dataclass(frozen=True, slots=True)
class Content:
    """What the demo brings to one tenant."""

    facility: Facility
    stories: tuple[Story, ...]
    portal_patient: Story


CONTENT = {
    "general": Content(general.FACILITY, general.STORIES, general.PORTAL_PATIENT),
    "valley": Content(valley.FACILITY, valley.STORIES, valley.PORTAL_PATIENT),
}


def load_demo(say: Say) -> None:
    """Loads every tenant and writes the file of logins (``credentials.json`` in the state folder)."""
    path = settings.STATE_DIR / "credentials.json"
    handed_out = credentials.read(path)
    actor = operator("load_demo")
    with ThreadPoolExecutor(HASHING_THREADS) as pool:
        started = [
            (tenant, _start(pool, actor, tenant, handed_out.get(tenant.host) or nothing_handed_out(tenant)))
            for tenant in settings.TENANTS
        ]
        for tenant, _ in started:
            with use_tenant(tenant.alias):
                load_starter_codes(actor=actor)
                say(f"{tenant.alias}: {tenant.name}: {load_charts(actor, tenant.alias)} resources new")
        given = [logins.finished() for _, logins in started]
    first = read_tenants()[0]
    credentials.write(
        path,
        given,
        base_url=f"http://{first.host}:{os.environ.get('PORT', '8000')}",
        database={"owner_url": first.owner_url, "app_url": first.app_url},
    )
    say(f"logins and clients: {path}")


def nothing_handed_out(tenant: Tenant) -> TenantCredentials:
    """The credentials of a tenant that was never loaded."""
    return TenantCredentials(tenant.name, tenant.host, [], [])


@dataclass(frozen=True, slots=True)
class Logins:
    """A tenant's clients, and its users as far as their passwords are hashed."""

    tenant: Tenant
    users: list[Future[Login]]
    clients: list[ClientSecret]

    def finished(self) -> TenantCredentials:
        """All of them, waiting for those that are not done."""
        users = [user.result() for user in self.users]
        return TenantCredentials(self.tenant.name, self.tenant.host, users, self.clients)


def _start(pool: Executor, actor: Actor, tenant: Tenant, before: TenantCredentials) -> Logins:
    """Roles and clients at once; users in the pool, since hashing their passwords is most of the whole work."""
    patient_id = portal_patient_id(tenant.alias)
    with use_tenant(tenant.alias):
        load_roles(actor=actor)
        clients = [_client(actor, name, scope, before) for name, scope in CLIENTS.items()]
    users = [
        pool.submit(_login_in, tenant.alias, actor, role, name, before, patient_id if role == "patient" else None)
        for role, name in LOGINS[tenant.alias].items()
    ]
    return Logins(tenant, users, clients)


def portal_patient_id(tenant: str) -> str:
    """The patient whom the tenant's patient user is."""
    return Site(tenant, clock.now()).id("Patient", CONTENT[tenant].portal_patient.key)


def load_charts(actor: Actor, tenant: str) -> int:
    """Brings the facility and its charts into the current tenant; returns how many resources were new."""
    content, site = CONTENT[tenant], Site(tenant, first_loaded(tenant))
    created = load_resources(actor, facility_resources(site, content.facility))
    charts = (chart_resources(site, content.facility, story) for story in content.stories)
    return created + sum(load_resources(actor, chart) for chart in charts)


def first_loaded(tenant: str) -> datetime:
    """The moment around which this tenant's charts lie: when its hospital was first stored, else now."""
    now = clock.now()
    hospital = {"type": "Organization", "id": Site(tenant, now).id("Organization", HOSPITAL)}
    stored = StoredResource.objects.filter(**hospital).first()
    if stored is None:
        return now
    first = Version.objects.filter(resource_id=stored.key, version_id=1).first()
    return first.last_updated if first else stored.last_updated


def load_resources(actor: Actor, resources: list[Resource]) -> int:
    """Stores those that the tenant has never had, in one transaction; what somebody changed or deleted stays so."""
    known = set(StoredResource.objects.filter(id__in=[item["id"] for item in resources]).values_list("type", "id"))
    new = [item for item in resources if (item["resourceType"], item["id"]) not in known]
    if new:
        run_transaction(actor=actor, entries=read_entries({"entry": [_put(item) for item in new]}), patch=_no_patch)
    return len(new)


def _put(item: Resource) -> dict[str, Any]:
    return {"resource": item, "request": {"method": "PUT", "url": f"{item['resourceType']}/{item['id']}"}}


def _no_patch(entry: Entry) -> NoReturn:
    raise AssertionError(f"{entry.path}: the demo only puts")


def _login_in(
    tenant: str, actor: Actor, role: str, name: str, before: TenantCredentials, patient_id: str | None
) -> Login:
    """`_login` on a thread of its own, with a database connection of its own."""
    with use_tenant(tenant):
        try:
            return _login(actor, role, name, before, patient_id)
        finally:
            connections[tenant].close()


def _login(actor: Actor, role: str, name: str, before: TenantCredentials, patient_id: str | None) -> Login:
    user, password = find_user(role), before.password_of(role)
    if user is None or password is None:
        password = secrets.token_urlsafe(12)
        if user is None:
            create_user(
                actor=actor, username=role, display_name=name, password=password, roles=(role,), patient_id=patient_id
            )
        else:
            set_password(actor=actor, user_id=str(user.id), password=password)
    return Login(role, role, password)


def _client(actor: Actor, name: str, scope: str, before: TenantCredentials) -> ClientSecret:
    client = find_client(name)
    if client is not None:
        secret = before.secret_of(client.client_id)
        if secret is not None:
            return ClientSecret(name, client.client_id, secret, scope)
        end_client(actor=actor, client_id=client.client_id, reason="Its secret was lost with the file of logins")
    registered = register_client(actor=actor, name=name, scope=scope)
    if registered.secret is None:
        raise RuntimeError(f"the client {name} was registered without a secret")
    return ClientSecret(name, registered.client.client_id, registered.secret, scope)
