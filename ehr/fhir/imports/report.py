"""What an import came to."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

OUTCOMES = ("stored", "updated", "unchanged", "parked", "refused")


@dataclass(slots=True)
class Report:
    """Counts by (outcome, resource type), why things were refused, and which files could not be read to their end."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    skipped_units: int = 0

    def add(self, outcome: str, type_: str, count: int = 1) -> None:
        """Counts resources of one type that came to `outcome`."""
        self.counts[outcome, type_] += count

    def merge(self, other: "Report") -> None:
        """Adds what another process has done."""
        self.counts.update(other.counts)
        self.reasons.update(other.reasons)
        self.broken.extend(other.broken)
        self.skipped_units += other.skipped_units

    def total(self, outcome: str) -> int:
        """Resources of all types that came to `outcome`."""
        return sum(count for (name, _), count in self.counts.items() if name == outcome)

    @property
    def complete(self) -> bool:
        """True when everything read is in the store."""
        return not self.broken and not self.total("refused") and not self.total("parked")

    def as_json(self, seconds: float) -> dict[str, Any]:
        """The report for programs."""
        types: dict[str, dict[str, int]] = {}
        for (outcome, type_), count in sorted(self.counts.items()):
            types.setdefault(type_, {})[outcome] = count
        totals = {outcome: self.total(outcome) for outcome in OUTCOMES}
        return {
            **totals,
            "read": sum(totals.values()),
            "seconds": round(seconds, 3),
            "types": types,
            "reasons": dict(self.reasons.most_common()),
            "broken_files": self.broken,
            "skipped_units": self.skipped_units,
        }

    def lines(self, seconds: float) -> list[str]:
        """The report for people."""
        content = self.as_json(seconds)
        found = [f"{content['read']:,} resources read in {seconds:.1f} s ({content['read'] / seconds:,.0f}/s)"]
        found += [f"  {outcome:<10}{content[outcome]:>12,}" for outcome in OUTCOMES if content[outcome]]
        if self.skipped_units:
            found.append(f"  {self.skipped_units:,} bundles or chunks were done before and skipped")
        found += [f"  refused {count:,} times: {reason}" for reason, count in self.reasons.most_common(20)]
        found += [f"  not read to its end: {place}" for place in self.broken]
        return found
