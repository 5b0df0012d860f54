"""What the commands that load a publisher's release have in common."""

from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.core.management.base import CommandParser

from ehr.access.permissions import operator
from ehr.terminology.errors import LoadSuperseded, UnreadableRelease
from ehr.terminology.loading import LoadReport, check_release, load_release
from ehr.terminology.releases import Release


class ReleaseCommand(BaseCommand):
    """Loads one release into the tenant in force, with a dry run, progress and a report."""

    action_name = ""  # the command's own name, for the audit trail

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="read and check all of it, store nothing")

    def release(self, options: dict[str, Any]) -> Release:
        """The release that the options name. Raises UnreadableRelease."""
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        try:
            report = self._load(self.release(options), dry_run=options["dry_run"])
        except UnreadableRelease as fault:
            raise CommandError(f"Nothing was stored. {fault}") from fault
        except LoadSuperseded as fault:
            raise CommandError(f"Stopped: {fault}") from fault
        self.stdout.write(report.line())

    def _load(self, release: Release, *, dry_run: bool) -> LoadReport:
        if dry_run:
            return check_release(release)
        return load_release(actor=operator(self.action_name), release=release, progress=self._progress)

    def _progress(self, done: int, total: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{done:,} of {total:,} concepts", ending="" if done < total else "\n")


class FileReleaseCommand(ReleaseCommand):
    """Loads a release from one file whose version is told by who loads it."""

    path_help = ""
    version_is_required = True

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("path", type=Path, help=self.path_help)
        parser.add_argument(
            "--release", required=self.version_is_required, default="", help="the version of the release, as published"
        )
