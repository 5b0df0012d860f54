#!/usr/bin/env python
"""Runs a management command for one tenant: EHR_TENANT, else the first.

`./run manage …` sets the environment it needs.
"""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ehr.config.settings")
    from django.core.management import execute_from_command_line

    from ehr.config.tenants import read_tenants
    from ehr.lib.tenancy import use_tenant

    with use_tenant(os.environ.get("EHR_TENANT") or read_tenants()[0].alias):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
