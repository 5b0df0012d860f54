"""Everything that GET can ask for, as (status, JSON): one way for a request of its own and for an entry of a Bundle."""

from ehr.audit.actors import Actor
from ehr.fhir import reading
from ehr.fhir.errors import Issue, NotFound
from ehr.fhir.rest import searches


def get(actor: Actor, url: str, base: str) -> tuple[int, bytes]:
    """Answers ``Type/id``, ``Type/id/_history/n`` or ``Type?query`` of a Bundle's entry. Raises FHIRError."""
    path, _, query = url.removeprefix(base).strip("/").partition("?")
    match path.split("/"):
        case [type_, id_]:
            return 200, (reading.read(actor=actor, type_=type_, id_=id_).content or "").encode()
        case [type_, id_, "_history", version] if version.isascii() and version.isdigit() and len(version) < 10:
            stored = reading.read_version(actor=actor, type_=type_, id_=id_, version_id=int(version))
            return 200, (stored.content or "").encode()
        case [type_] if type_:
            return 200, searches.search(actor, type_, query, base, strict=False)
        case _:
            raise NotFound(Issue("not-found", f"A Bundle cannot ask for {path!r}."))
