"""Running an import: files in their order, spread over processes, then what was parked."""

import gc
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager

from django.db import IntegrityError

from ehr.audit.actors import Actor
from ehr.fhir.imports import ledger, processes
from ehr.fhir.imports.actions import Attempt, store_unit
from ehr.fhir.imports.items import CHUNK, Unit, units
from ehr.fhir.imports.report import Report
from ehr.fhir.imports.sources import SourceFile, ready
from ehr.fhir.imports.targets import Targets
from ehr.fhir.validation import validate
from ehr.lib import json

ATTEMPTS_AT_ONE_UNIT = 5
UNITS_BETWEEN_COLLECTIONS = 10
ATTEMPTS: tuple[Attempt, ...] = ("first", "with placeholders", "last")
Progress = Callable[[int, int, Report], None]
"""Told after each file: files done, files in all, the report so far."""


def run_import(*, actor: Actor, source: str, files: Sequence[SourceFile], jobs: int, progress: Progress) -> Report:
    """Imports the files, side by side where they do not need each other, and at the end what had to wait for others."""
    report = Report()
    done = 0
    with processes.pool(jobs) as pool:
        waiting, running = list(files), dict[Future[Report], SourceFile]()
        while waiting or running:
            for file in ready(waiting, [*running.values()], jobs):
                waiting.remove(file)
                running[pool.submit(processes.work, actor, source, file)] = file
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                del running[future]
                report.merge(future.result())
                done += 1
                progress(done, len(files), report)
    _settle_parked(actor, source, report)
    progress(done, len(files), report)
    return report


def check_files(files: Sequence[SourceFile]) -> Report:
    """A dry run: reads and validates every resource, writes nothing. References to other files are not followed."""
    report = Report()
    for file in files:
        try:
            for unit in units(file):
                _check_unit(unit, report)
        except (OSError, EOFError, json.InvalidJSON) as fault:
            report.broken.append(f"{file.path.name}: {fault}")
    return report


def import_file(actor: Actor, source: str, file: SourceFile, targets: Targets | None = None) -> Report:
    """Imports one file, in the process this is called in. `targets` remembers what earlier files have found."""
    report = Report()
    find_target = targets or Targets()
    try:
        with collector_paused() as collect:
            for number, unit in enumerate(units(file), start=1):
                if ledger.is_done(source, unit.digest):
                    report.skipped_units += 1
                    for item in unit.items:
                        report.add("unchanged", item.type)
                else:
                    report.merge(_stored(actor, source, unit, find_target))
                if number % UNITS_BETWEEN_COLLECTIONS == 0:
                    collect()
    except (OSError, EOFError, json.InvalidJSON) as fault:
        report.broken.append(f"{file.path.name}: {fault}")
    return report


@contextmanager
def collector_paused() -> Iterator[Callable[[], object]]:
    """Holds off Python's collector of cycles; yields what collects.

    A unit is hundreds of thousands of objects that live as long as it does. They hold no cycles, and the collector
    would walk them over and over: a quarter of the time of an import.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield gc.collect
    finally:
        gc.collect()
        if was_enabled:
            gc.enable()


def _stored(actor: Actor, source: str, unit: Unit, targets: Targets) -> Report:
    """Stores the unit; again when another process has stored one of its resources in the meantime."""
    for _ in range(ATTEMPTS_AT_ONE_UNIT - 1):
        try:
            return store_unit(actor=actor, source=source, unit=unit, find_target=targets)
        except IntegrityError:
            continue
    return store_unit(actor=actor, source=source, unit=unit, find_target=targets)


def _check_unit(unit: Unit, report: Report) -> None:
    for item in unit.items:
        faults = validate(item.content) if item.content is not None else []
        if item.fault or faults:
            report.add("refused", item.type or "(no resource)")
            report.reasons[item.fault or f"{faults[0].expression}: {faults[0].diagnostics}"] += 1
        else:
            report.add("stored", item.type)


def _settle_parked(actor: Actor, source: str, report: Report) -> None:
    """Tries what is parked until a round stores nothing, then refuses the rest by the name of what it refers to."""
    targets = Targets()
    for attempt in ATTEMPTS:
        _try_parked(actor, source, report, targets, attempt)
        while _try_parked(actor, source, report, targets, "first"):
            pass


def _try_parked(actor: Actor, source: str, report: Report, targets: Targets, attempt: Attempt) -> int:
    stored = 0
    for number, items in enumerate(ledger.parked(source, CHUNK)):
        unit = Unit(f"parked #{number}", items)
        outcome = store_unit(actor=actor, source=source, unit=unit, find_target=targets, attempt=attempt)
        for item in items:
            report.counts["parked", item.type] -= 1
        report.merge(outcome)
        stored += len(items) - outcome.total("parked")
    report.counts = +report.counts
    return stored
