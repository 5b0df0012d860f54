"""Worker processes of an import. Loaded before Django is set up, so nothing here imports a model at the top."""

import functools
import gc
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing.connection import wait
from threading import Thread
from typing import TYPE_CHECKING

import django

from ehr.audit.actors import Actor
from ehr.fhir.imports.report import Report
from ehr.fhir.imports.sources import SourceFile
from ehr.lib.tenancy import current_tenant, use_tenant

if TYPE_CHECKING:
    from ehr.fhir.imports.targets import Targets

_for_life = ExitStack()


def pool(jobs: int) -> ProcessPoolExecutor:
    """Processes with their own connections that serve the tenant now in force for as long as they live."""
    context = multiprocessing.get_context("spawn")  # a forked connection would be shared
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_start, initargs=(current_tenant(),))


def work(actor: Actor, source: str, file: SourceFile) -> Report:
    """Imports one file in a worker."""
    from ehr.fhir.imports.run import import_file  # noqa: PLC0415 - needs the models, which exist once _start has run

    report = import_file(actor, source, file, _targets())
    gc.freeze()  # what is left after a file are definitions, plans and caches: to stay, and not to be walked again
    return report


@functools.cache
def _targets() -> "Targets":
    """What conditional references name, remembered as long as the process lives."""
    from ehr.fhir.imports.targets import Targets  # noqa: PLC0415 - as above

    return Targets()


def _start(tenant: str) -> None:
    Thread(target=_end_with_parent, daemon=True).start()
    django.setup()
    _for_life.enter_context(use_tenant(tenant))


def _end_with_parent() -> None:
    """A worker whose import was killed would go on for a while, and then wait for more work for ever."""
    parent = multiprocessing.parent_process()
    assert parent is not None  # noqa: S101 - this is a worker
    wait([parent.sentinel])
    os._exit(os.EX_UNAVAILABLE)
