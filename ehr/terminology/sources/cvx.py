"""CVX, the vaccines of the CDC: the XML or the pipe-separated text of its page "Current HL7 code set"."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from ehr.terminology.errors import UnreadableRelease
from ehr.terminology.releases import Release, ReleasedConcept
from ehr.terminology.sources.files import delimited, digest_of
from ehr.terminology.systems import CVX

# Text: code, short description, full name, notes, status, non-vaccine, last updated.
TEXT_FIELDS = 7
STATUSES = {"Active": True, "Inactive": False, "Never Active": False, "Non-US": True, "Pending": False}
XML_STATUSES = {"Valid": True, "Invalid": False}
NEVER_GIVEN = ("never active", "pending")


def cvx_release(path: Path, version: str) -> Release:
    """The release in this file; which of its two forms it has is told by how it begins. Raises UnreadableRelease."""
    digest = digest_of(path)
    with path.open("rb") as file:
        is_xml = file.read(64).lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<")
    return Release(CVX.released(version), digest, partial(_from_xml if is_xml else _from_text, path))


def _from_text(path: Path) -> Iterator[ReleasedConcept]:
    for number, row in enumerate(delimited(path, "|", TEXT_FIELDS), 1):
        code, short, full, _, status, *_ = (field.strip() for field in row)
        if status not in STATUSES:
            raise UnreadableRelease(f"{path.name}, line {number}", f"{status!r} is no status of CVX")
        yield _vaccine(code, short, full, active=STATUSES[status])


def _from_xml(path: Path) -> Iterator[ReleasedConcept]:
    try:
        # Expat, which reads it, refuses entities that expand without bound; external ones are not read.
        root = ET.parse(path).getroot()  # noqa: S314 - see above; the file is named by who runs the deployment
    except ET.ParseError as fault:
        raise UnreadableRelease(path.name, f"it is not whole XML: {fault}") from fault
    if root.tag != "codeset" or root.findtext("type") != "VACCINATION_CVX_CODE":
        raise UnreadableRelease(path.name, "it is not the CVX code set")
    for element in root.iterfind("code"):
        code, status = _text(element, "value"), _text(element, "code-status/status")
        if status not in XML_STATUSES:
            raise UnreadableRelease(path.name, f"code {code}: {status!r} is no status of CVX")
        active = XML_STATUSES[status] and _text(element, "concept-type") not in NEVER_GIVEN
        yield _vaccine(code, _text(element, "label"), _text(element, "description"), active=active)


def _text(element: ET.Element, path: str) -> str:
    return " ".join((element.findtext(path) or "").split())


def _vaccine(code: str, short: str, full: str, *, active: bool) -> ReleasedConcept:
    return ReleasedConcept(code, short, (full,) if full and full != short else (), active=active)
