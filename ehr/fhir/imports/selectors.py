"""Reading what imports came to, from their own tables. What was refused is a patient's data: each read is audited."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min, QuerySet
from django.db.models.fields.json import KeyTextTransform

from ehr.audit import trail
from ehr.audit.actors import Actor
from ehr.fhir.models import ImportedResource, ImportedUnit, ImportRemainder

LISTED = "fhir.import.list"
READ = "fhir.import.read"
READ_REMAINDERS = "fhir.import.read_remainders"
READ_REMAINDER = "fhir.import.read_remainder"
LEFT = ("parked", "refused")
MOST_REASONS = 50


class ImportNotFound(LookupError):
    """No import of this source has finished anything, or it left nothing of that number."""


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What all imports of one source came to. `began_at` and `last_at` are when its first and last part was done."""

    source: str
    began_at: datetime
    last_at: datetime
    stored: int
    parked: int
    refused: int

    @property
    def read(self) -> int:
        """Different resources that were read."""
        return self.stored + self.parked + self.refused


@dataclass(frozen=True, slots=True)
class TypeTally:
    """The same by type of resource. "" is what was no resource."""

    type: str
    stored: int
    parked: int
    refused: int


@dataclass(frozen=True, slots=True)
class ReasonTally:
    """How many resources were parked or refused for this reason first."""

    status: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class ImportReport(ImportSummary):
    """The same with its types, and the reasons that were given most, at most MOST_REASONS."""

    types: tuple[TypeTally, ...]
    reasons: tuple[ReasonTally, ...]


def list_imports(*, actor: Actor, after: str, limit: int) -> list[ImportSummary]:
    """The sources after this one, by name. The caller has demanded ``fhir.read-imports``."""
    summaries = _summaries(ImportedUnit.objects.filter(source__gt=after), limit)
    trail.write_read(trail.Row(LISTED, actor, detail={"found": len(summaries)}))
    return summaries


def read_import(*, actor: Actor, source: str) -> ImportReport:
    """What the imports of one source came to, by type and by reason; audited. Raises ImportNotFound."""
    summaries = _summaries(ImportedUnit.objects.filter(source=source), 1)
    if not summaries:
        raise ImportNotFound
    stored = _counted(ImportedResource.objects.filter(source=source), "type")
    left = _counted(_left(source), "type", "status")
    names = sorted({*stored, *(type_ for type_, _ in left)})
    types = tuple(TypeTally(name, stored[name], left[name, "parked"], left[name, "refused"]) for name in names)
    first = _left(source).annotate(reason=KeyTextTransform("0", "reasons"))
    reasons = first.values_list("status", "reason").annotate(count=Count("pk")).order_by("-count", "status", "reason")
    trail.write_read(trail.Row(READ, actor, detail={"source": source}))
    told = tuple(ReasonTally(*row) for row in reasons[:MOST_REASONS])
    (it,) = summaries
    return ImportReport(it.source, it.began_at, it.last_at, it.stored, it.parked, it.refused, types, told)


def list_remainders(
    *, actor: Actor, source: str, statuses: Sequence[str], after: int, limit: int
) -> list[ImportRemainder]:
    """What a source left, in the order it came, without its content; audited. Raises ImportNotFound."""
    if not ImportedUnit.objects.filter(source=source).exists():
        raise ImportNotFound
    rows = _left(source).filter(status__in=statuses, pk__gt=after).defer("content").order_by("pk")
    found = list(rows[:limit])
    detail = {"source": source, "found": len(found)}
    entities = tuple(f"ImportRemainder/{row.pk}" for row in found)
    trail.write_read(trail.Row(READ_REMAINDERS, actor, entities=entities, detail=detail))
    return found


def read_remainder(*, actor: Actor, source: str, number: int) -> ImportRemainder:
    """One thing that a source left, with its content as it was read; audited. Raises ImportNotFound."""
    row = _left(source).filter(pk=number).first()
    if row is None:
        raise ImportNotFound
    entities = (f"ImportRemainder/{row.pk}",)
    trail.write_read(trail.Row(READ_REMAINDER, actor, entities=entities, detail={"source": source}))
    return row


def _left(source: str) -> QuerySet[ImportRemainder]:
    return ImportRemainder.objects.filter(source=source, status__in=LEFT)


def _summaries(units: QuerySet[ImportedUnit], limit: int) -> list[ImportSummary]:
    times = units.values_list("source").annotate(Min("done_at"), Max("done_at")).order_by("source")[:limit]
    rows = list(times)
    sources = [source for source, *_ in rows]
    stored = _counted(ImportedResource.objects.filter(source__in=sources), "source")
    left = _counted(ImportRemainder.objects.filter(source__in=sources, status__in=LEFT), "source", "status")
    return [
        ImportSummary(
            source, began_at, last_at, stored[source], parked=left[source, "parked"], refused=left[source, "refused"]
        )
        for source, began_at, last_at in rows
    ]


def _counted(rows: QuerySet[Any], *columns: str) -> Counter[Any]:
    """How many rows there are for each value of the column, or for each tuple of values of several."""
    counted = rows.values_list(*columns).annotate(Count("pk")).order_by()
    return Counter({tuple(key) if len(key) > 1 else key[0]: count for *key, count in counted})
