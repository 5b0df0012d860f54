"""Loads a release: checked whole before anything is stored, then chunk by chunk, so that it can be interrupted."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from ehr.audit.actors import Actor
from ehr.terminology.actions import begin_release, finish_release, store_concepts
from ehr.terminology.errors import UnreadableRelease
from ehr.terminology.releases import Release, ReleasedConcept

CHUNK = 5_000

Progress = Callable[[int, int], object]
"""Told how many concepts are done, of how many."""


@dataclass(slots=True)
class LoadReport:
    """What became of a release's concepts. `settled`: it, or the whole that it is part of, was there already."""

    name: str
    version: str
    read: int
    stored: int = 0
    changed: int = 0
    retired: int = 0
    settled: bool = False
    dry_run: bool = False

    @property
    def unchanged(self) -> int:
        """Concepts that stood there already as the release has them."""
        return self.read - self.stored - self.changed

    def line(self) -> str:
        """The report in one line."""
        title = f"{self.name} {self.version}".rstrip()
        if self.dry_run:
            return f"{title}: {self.read:,} concepts can be read; nothing was stored"
        if self.settled:
            return f"{title}: {self.read:,} concepts, loaded before"
        return (
            f"{title}: {self.read:,} concepts, {self.stored:,} new, {self.changed:,} changed, "
            f"{self.unchanged:,} unchanged, {self.retired:,} made inactive"
        )


def check_release(release: Release) -> LoadReport:
    """Reads the whole release and stores nothing. Raises UnreadableRelease for what cannot be read or stored."""
    count = sum(1 for _ in _checked(release))
    if count == 0:
        raise UnreadableRelease(release.system.name, "it holds no concept")
    return LoadReport(release.system.name, release.system.version, count, dry_run=True)


def load_release(*, actor: Actor, release: Release, progress: Progress | None = None) -> LoadReport:
    """Loads the release into the current tenant. Loading it again changes nothing; an interrupted load goes on.

    Raises UnreadableRelease before anything is stored, and LoadSuperseded when another release is begun meanwhile.
    """
    report = check_release(release)
    report.dry_run = False
    edition = begin_release(actor=actor, system=release.system, digest=release.digest)
    if edition.settled:
        report.settled = True
        return report
    done = 0
    for chunk in _chunks(release.read()):
        outcome = store_concepts(actor=actor, edition=edition, concepts=chunk)
        report.stored += outcome.stored
        report.changed += outcome.changed
        done += len(chunk)
        if progress is not None:
            progress(done, report.read)
    report.retired = finish_release(actor=actor, edition=edition)
    return report


def _checked(release: Release) -> Iterator[ReleasedConcept]:
    seen: set[str] = set()
    for concept in release.read():
        fault = _fault(concept)
        if concept.code in seen:
            fault = "occurs twice"
        if fault:
            raise UnreadableRelease(release.system.name, f"code {concept.code!r}: {fault}")
        seen.add(concept.code)
        yield concept


def _fault(concept: ReleasedConcept) -> str:
    if not concept.code or concept.code != concept.code.strip():
        return "a code has no space around it and is not empty"
    if not concept.display.strip():
        return "it has no display"
    if any("\0" in text for text in (concept.code, concept.display, *concept.synonyms, *concept.parents)):
        return "it holds a null character"
    return ""


def _chunks(concepts: Iterable[ReleasedConcept]) -> Iterator[list[ReleasedConcept]]:
    waiting = iter(concepts)
    while chunk := list(islice(waiting, CHUNK)):
        yield chunk
