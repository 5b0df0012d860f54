"""`manage import_fhir`: order, references, restarts, refusals, through the command as an operator runs it."""

import bz2
import gzip
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ehr.audit.models import AuditEvent
from ehr.fhir.models import ImportedResource, ImportRemainder, Resource, Version
from ehr.lib import json

pytestmark = pytest.mark.usefixtures("committed")

ROOT = Path(__file__).resolve().parents[3]
URL = "urn:uuid:6f0c2a36-7b6b-4b9a-9d0e-0a5d3f5d7c1"
Content = dict[str, Any]


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """An empty folder; the tests' own settings lie beside it."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def command(environment: dict[str, str], *arguments: object) -> subprocess.Popen[str]:
    argv = [sys.executable, str(ROOT / "manage.py"), "import_fhir", "--json", *map(str, arguments)]
    return subprocess.Popen(
        argv,
        env=environment,
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def run(environment: dict[str, str], *arguments: object) -> tuple[int, Content]:
    process = command(environment, *arguments)
    output, errors = process.communicate()
    assert output, errors
    return process.returncode, json.decode(output.encode())


def patient(id_: str, **elements: Any) -> Content:
    return {"resourceType": "Patient", "id": id_, **elements}


def observation(id_: str, subject: str, **elements: Any) -> Content:
    return {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "code": {"text": "x"},
        "subject": {"reference": subject},
        **elements,
    }


def ndjson(path: Path, *resources: Content) -> Path:
    path.write_bytes(b"".join(json.encode(resource) + b"\n" for resource in resources))
    return path


def bundle(path: Path, *entries: Content) -> Path:
    path.write_bytes(json.encode({"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}))
    return path


def stored(type_: str, id_: str) -> Content:
    content = Resource.objects.get(type=type_, id=id_).content
    assert content is not None
    return json.decode(content.encode())


def counts(report: Content) -> dict[str, int]:
    return {name: report[name] for name in ("stored", "updated", "unchanged", "parked", "refused") if report[name]}


def test_files_of_every_packing_are_read_with_their_ids(committed: dict[str, str], inbox: Path) -> None:
    ndjson(inbox / "Patient.ndjson", patient("a"), patient("b"))
    (inbox / "one.json").write_bytes(json.encode(patient("c")))
    (inbox / "d.json.gz").write_bytes(gzip.compress(json.encode(patient("d"))))
    (inbox / "deeper").mkdir()
    (inbox / "deeper" / "e.ndjson.bz2").write_bytes(bz2.compress(json.encode(patient("e"))))
    (inbox / "notes.txt").write_text("not FHIR")
    code, report = run(committed, inbox)
    assert (code, counts(report)) == (0, {"stored": 5})
    assert sorted(Resource.objects.values_list("id", flat=True)) == ["a", "b", "c", "d", "e"]


def test_a_second_run_changes_nothing(committed: dict[str, str], inbox: Path) -> None:
    file = ndjson(inbox / "p.ndjson", patient("a"), observation("o", "Patient/a"))
    run(committed, file)
    moved = ndjson(inbox / "q.ndjson", observation("o", "Patient/a"), patient("a"), patient("b"))
    again, other = run(committed, file), run(committed, moved)
    assert [(code, counts(report)) for code, report in (again, other)] == [
        (0, {"unchanged": 2}),
        (0, {"stored": 1, "unchanged": 2}),
    ]
    assert (Resource.objects.count(), Version.objects.count()) == (3, 0)


def test_what_has_changed_at_its_source_gets_a_version(committed: dict[str, str], inbox: Path) -> None:
    run(committed, ndjson(inbox / "p.ndjson", patient("a")))
    code, report = run(committed, ndjson(inbox / "p.ndjson", patient("a", active=True)))
    assert (code, counts(report)) == (0, {"updated": 1})
    assert (stored("Patient", "a")["active"], Resource.objects.get().version_id) == (True, 2)


def test_another_sources_id_is_not_taken(committed: dict[str, str], inbox: Path) -> None:
    run(committed, ndjson(inbox / "p.ndjson", patient("a", gender="male")), "--source", "north")
    file = ndjson(inbox / "q.ndjson", patient("a", gender="female"), observation("o", "Patient/a"))
    code, report = run(committed, file, "--source", "south")
    assert (code, counts(report)) == (0, {"stored": 2})
    new = ImportedResource.objects.get(source="south", type="Patient").resource
    assert (stored("Patient", "a")["gender"], new.id != "a") == ("male", True)
    assert stored("Observation", "o")["subject"]["reference"] == f"Patient/{new.id}"


def test_files_in_the_wrong_order_find_each_other(committed: dict[str, str], inbox: Path) -> None:
    ndjson(inbox / "1.ndjson", observation("o", "Patient/a", hasMember=[{"reference": "Observation/m"}]))
    ndjson(inbox / "2.ndjson", observation("m", "Patient/b"))
    ndjson(
        inbox / "3.ndjson", {"resourceType": "Basic", "id": "x", "code": {"text": "first"}}, patient("a"), patient("b")
    )
    code, report = run(committed, inbox)
    assert (code, counts(report)) == (0, {"stored": 5})


def test_references_of_a_bundle_are_resolved(committed: dict[str, str], inbox: Path) -> None:
    organization = {"resourceType": "Organization", "id": "org", "identifier": [{"system": "urn:x", "value": "1"}]}
    ndjson(inbox / "o.ndjson", organization)
    bundle(
        inbox / "b.json",
        {
            "fullUrl": f"{URL}2",
            "resource": observation("o", f"{URL}1", performer=[{"reference": "Organization?identifier=urn:x|1"}]),
        },
        {"fullUrl": f"{URL}1", "resource": patient("p")},
    )
    code, report = run(committed, inbox)
    found = stored("Observation", "o")
    assert (code, counts(report)) == (0, {"stored": 3})
    assert (found["subject"]["reference"], found["performer"][0]["reference"]) == ("Patient/p", "Organization/org")


def test_a_bundle_creates_only_if_none_exists(committed: dict[str, str], inbox: Path) -> None:
    organization = {"resourceType": "Organization", "identifier": [{"system": "urn:x", "value": "1"}]}
    request = {"method": "POST", "url": "Organization", "ifNoneExist": "identifier=urn:x|1"}
    run(committed, ndjson(inbox / "o.ndjson", {**organization, "id": "there"}), "--source", "north")
    file = bundle(
        inbox / "b.json", {"fullUrl": f"{URL}1", "resource": {**organization, "id": "other"}, "request": request}
    )
    code, report = run(committed, file, "--source", "south")
    assert (code, counts(report)) == (0, {"unchanged": 1})
    assert Resource.objects.get().id == "there"


def test_what_is_known_by_identifier_only_gets_a_placeholder(committed: dict[str, str], inbox: Path) -> None:
    file = bundle(inbox / "b.json", {
        "fullUrl": f"{URL}1",
        "resource": {"resourceType": "Patient", "id": "p", "managingOrganization": {"reference": "Organization?identifier=urn:x|7"}},
    })  # fmt: skip
    code, report = run(committed, file)
    made = Resource.objects.get(type="Organization")
    assert (code, report["types"]["Organization"]) == (0, {"stored": 1})
    assert stored("Organization", made.id)["identifier"] == [{"system": "urn:x", "value": "7"}]
    assert stored("Patient", "p")["managingOrganization"]["reference"] == f"Organization/{made.id}"


def test_what_cannot_be_stored_is_kept_with_its_reason(committed: dict[str, str], inbox: Path) -> None:
    (inbox / "bad.ndjson").write_bytes(
        json.encode(patient("good")) + b"\n" + json.encode(patient("bad", birthDate="1957-02-30")) + b"\n{not json\n"
        + json.encode(observation("lost", "Patient/nobody")) + b"\n" + json.encode({"resourceType": "Patent", "id": "x"}) + b"\n"
        + json.encode(patient("twin", active=True)) + b"\n" + json.encode(patient("twin", active=False)) + b"\n"
    )  # fmt: skip
    code, report = run(committed, inbox)
    assert (code, counts(report)) == (1, {"stored": 2, "refused": 5})
    kept = ImportRemainder.objects.filter(status="refused").order_by("place").values_list("place", "reasons")
    assert [(place, reasons[0][:60]) for place, reasons in kept] == [
        ("bad.ndjson line 2", "Patient.birthDate: '1957-02-30' is not a day or time that ex"),
        ("bad.ndjson line 3", "not a JSON object: JSON is malformed: object keys must be st"),
        ("bad.ndjson line 4", "Patient/nobody is not known here"),
        ("bad.ndjson line 5", "resourceType: 'Patent' is not a resource type of FHIR R4."),
        ("bad.ndjson line 7", "two different resources of this file have one id"),
    ]
    assert json.decode(ImportRemainder.objects.get(place="bad.ndjson line 2").content.encode()) == patient(
        "bad", birthDate="1957-02-30"
    )


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b'{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient"', b"\xff\xfe", b"[1]"],
)
def test_a_file_that_cannot_be_read_is_named_and_the_rest_stored(
    committed: dict[str, str], inbox: Path, content: bytes
) -> None:
    (inbox / "broken.json").write_bytes(content)
    (inbox / "cut.ndjson.gz").write_bytes(gzip.compress(json.encode(patient("z")) * 50)[:-20])
    ndjson(inbox / "good.ndjson", patient("a"))
    code, report = run(committed, inbox)
    assert (code, counts(report), sorted(place.partition(":")[0] for place in report["broken_files"])) == (
        1, {"stored": 1}, ["broken.json", "cut.ndjson.gz"],
    )  # fmt: skip


def test_a_dry_run_stores_nothing(committed: dict[str, str], inbox: Path) -> None:
    file = ndjson(inbox / "p.ndjson", patient("a"), patient("b", gender="?"))
    code, report = run(committed, file, "--dry-run")
    assert (code, counts(report), Resource.objects.count()) == (1, {"stored": 1, "refused": 1}, 0)


def test_an_import_is_audited_for_each_patient(committed: dict[str, str], inbox: Path) -> None:
    run(committed, ndjson(inbox / "p.ndjson", patient("a"), observation("o", "Patient/a"), patient("b")))
    rows = AuditEvent.objects.filter(action="fhir.import.store", patient_id__isnull=False).order_by("patient_id")
    assert list(rows.values_list("patient_id", "entities")) == [
        ("a", ["Patient/a/_history/1", "Observation/o/_history/1"]),
        ("b", ["Patient/b/_history/1"]),
    ]


def test_an_import_that_was_killed_is_completed_by_the_next(committed: dict[str, str], inbox: Path) -> None:
    for number in range(6):
        ndjson(inbox / f"{number}.ndjson", *(patient(f"p{number}-{n}") for n in range(3000)))
    process = command(committed, inbox)
    while not Resource.objects.exists():
        assert process.poll() is None
        time.sleep(0.02)  # nothing announces the first commit of another process
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert Resource.objects.count() % 1000 == 0
    code, report = run(committed, inbox)
    assert (code, report["stored"] + report["unchanged"], Resource.objects.count(), Version.objects.count()) == (
        0,
        18_000,
        18_000,
        0,
    )


def test_paths_that_hold_nothing_are_an_error(committed: dict[str, str], inbox: Path) -> None:
    for path in (inbox, inbox / "absent"):
        process = command(committed, path)
        _, errors = process.communicate()
        assert (process.returncode, str(path) in errors) == (1, True)
