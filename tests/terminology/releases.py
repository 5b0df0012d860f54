"""Made-up releases for tests."""

from ehr.terminology.releases import Release, ReleasedConcept, SystemIdentity

URL = "http://example.org/colours"
COLOURS = SystemIdentity(url=URL, name="Colours", publisher="Nobody", copyright="Free")


def release(*concepts: ReleasedConcept, digest: str = "1", part: bool = False) -> Release:
    """A release of the colours; the digest tells it from others."""
    system = COLOURS.in_part(digest) if part else COLOURS.released(digest)
    return Release(system, digest, lambda: iter(concepts))


RED = ReleasedConcept("R", "Red", selectable=False)
PINK = ReleasedConcept("R.1", "Pink", ("Rosé",), ("R",))
SALMON = ReleasedConcept("R.11", "Salmon", (), ("R.1",))
BLUE = ReleasedConcept("B", "Blue")
