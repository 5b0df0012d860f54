"""Brings every tenant's database to the current schema and gives the application's role its rights."""

import os
from typing import Any
from urllib.parse import unquote, urlsplit

from django.apps import apps
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connections
from django.db.models import Model

from ehr.audit.records import AppendOnly, Record
from ehr.config.tenants import TenantFile, read_tenants
from ehr.lib.tenancy import use_tenant


class Command(BaseCommand):
    help = "Migrates every tenant as the owner of its database; lists the state of each."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        if os.environ.get("EHR_DATABASE_ROLE") != "owner":
            raise CommandError("migrations run as the owner: set EHR_DATABASE_ROLE=owner")
        for tenant in read_tenants():
            with use_tenant(tenant.alias):
                call_command("migrate", database=tenant.alias, interactive=False, verbosity=0)
                grant(tenant)
            self.stdout.write(f"{tenant.alias}: {tenant.name}: up to date")


def grant(tenant: TenantFile) -> None:
    """Gives the application's role its rights: it reads and writes rows, and cannot touch what is append-only."""
    role = connections[tenant.alias].ops.quote_name(unquote(urlsplit(tenant.app_url).username or ""))
    with connections[tenant.alias].cursor() as cursor:
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}")
        cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}")
        database = connections[tenant.alias].ops.quote_name(connections[tenant.alias].settings_dict["NAME"])
        # Loaders sort what comes in beside the tables.
        cursor.execute(f"GRANT TEMPORARY ON DATABASE {database} TO {role}")
        for model in apps.get_models():
            if revoked := _never(model):
                cursor.execute(f'REVOKE {revoked} ON "{model._meta.db_table}" FROM {role}')  # noqa: SLF001 - Django's public meta API


def _never(model: type[Model]) -> str | None:
    if issubclass(model, AppendOnly):
        return "UPDATE, DELETE"
    if issubclass(model, Record) and not model.derived:
        return "DELETE"
    return None
