"""Worker processes of an import. Loaded before Django is set up, so nothing here imports a model at the top."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack

import django

from ehr.audit.actors import Actor
from ehr.fhir.imports.report import Report
from ehr.fhir.imports.sources import SourceFile
from ehr.lib.tenancy import current_tenant, use_tenant

_for_life = ExitStack()


def pool(jobs: int) -> ProcessPoolExecutor:
    """Processes with their own connections that serve the tenant now in force for as long as they live."""
    context = multiprocessing.get_context("spawn")  # a forked connection would be shared
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_start, initargs=(current_tenant(),))


def work(actor: Actor, source: str, file: SourceFile) -> Report:
    """Imports one file in a worker."""
    from ehr.fhir.imports.run import import_file  # noqa: PLC0415 - needs the models, which exist once _start has run

    return import_file(actor, source, file)


def _start(tenant: str) -> None:
    django.setup()
    _for_life.enter_context(use_tenant(tenant))
