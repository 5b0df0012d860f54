"""Imports FHIR files: NDJSON, Bundles and single resources, plain, gz or bz2."""

import sys
import time
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.core.management.base import CommandParser
from django.db import InterfaceError, OperationalError

from ehr.access.permissions import operator
from ehr.fhir.imports import ledger
from ehr.fhir.imports.report import Report
from ehr.fhir.imports.run import check_files, run_import
from ehr.fhir.imports.sources import NothingToImport, SourceFile, find
from ehr.lib import json

BAR = 30
EXIT_INCOMPLETE = 1
GO_ON = "What is stored is whole; run the same command again to go on."


class Command(BaseCommand):
    help = "Imports FHIR files; safe to repeat and to interrupt. Keeps what it refuses, and exits 1 then."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files and folders")
        parser.add_argument(
            "--source", default="import", help="name of where the data comes from: ids are remembered by it"
        )
        parser.add_argument("--jobs", type=int, default=2, help="processes that read and store (default 2)")
        parser.add_argument("--dry-run", action="store_true", help="read and validate, store nothing")
        parser.add_argument("--json", action="store_true", help="print the report as JSON")
        parser.add_argument(
            "--list-refused", action="store_true", help="list what was refused from this source, and why"
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        if options["list_refused"]:
            self._list_refused(options["source"])
            return
        try:
            files = find(options["paths"])
        except NothingToImport as fault:
            raise CommandError(str(fault)) from fault
        if not files:
            raise CommandError("name at least one file or folder")
        start = time.perf_counter()
        source, jobs = options["source"], options["jobs"]
        report = check_files(files) if options["dry_run"] else self._import(files, source, jobs)
        self._tell(report, time.perf_counter() - start, as_json=options["json"])
        if not report.complete:
            sys.exit(EXIT_INCOMPLETE)

    def _import(self, files: list[SourceFile], source: str, jobs: int) -> Report:
        try:
            return run_import(
                actor=operator("import_fhir"), source=source, files=files, jobs=jobs, progress=self._progress
            )
        except BrokenProcessPool as fault:
            raise CommandError(f"A worker process ended early. {GO_ON}") from fault
        except (OperationalError, InterfaceError) as fault:
            raise CommandError(f"The database went away. {GO_ON}") from fault

    def _tell(self, report: Report, seconds: float, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.encode(report.as_json(seconds)).decode())
        else:
            for line in report.lines(seconds):
                self.stdout.write(line)

    def _progress(self, done: int, total: int, report: Report) -> None:
        if not self.stderr.isatty():
            return
        filled = BAR * done // total
        bar = "#" * filled + "." * (BAR - filled)
        self.stderr.write(
            f"\r[{bar}] {done}/{total} files, {report.total('stored'):,} stored", ending="" if done < total else "\n"
        )

    def _list_refused(self, source: str) -> None:
        for place, type_, reasons in ledger.refused(source):
            self.stdout.write(f"{place}: {type_ or 'no resource'}: {'; '.join(reasons)}")
