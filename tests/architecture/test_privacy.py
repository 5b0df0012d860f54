"""A patient's data stay where they belong: a journey with marked data, then a search for the mark everywhere else."""

import copy
import json
import logging
import logging.config
from collections.abc import Iterator

import pytest
import redis
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import DataError
from django.test import Client

from ehr.access.actions import place_restriction
from ehr.access.permissions import operator
from ehr.audit import events
from ehr.config.metrics.figures import exposition
from ehr.fhir.events import ResourceWritten
from ehr.lib.tenancy import connection
from tests.plumbing.cast import Cast
from tests.plumbing.fhir_client import FHIRClient, registered

MARK = "zqx"
PATIENT = {
    "resourceType": "Patient",
    "id": "marked",
    "identifier": [{"system": "https://example.org/mrn", "value": "ZQX-4711"}],
    "name": [{"family": "Zqxmann", "given": ["Zqxine"]}],
    "telecom": [{"system": "phone", "value": "+1 555 0199 zqx"}],
    "birthDate": "1951-07-23",
}


def observation(identifier: str, subject: str) -> dict[str, object]:
    return {
        "resourceType": "Observation",
        "id": identifier,
        "status": "final",
        "code": {"text": "Zqx level"},
        "subject": {"reference": subject},
        "valueString": "zqx-positive",
    }


def _by_fhir(fhir: FHIRClient) -> list[int]:
    """Writes, reads, searches and faults of a client that may."""
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {"resource": observation("o2", "Patient/zqx"), "request": {"method": "PUT", "url": "Observation/o2"}}
        ],
    }
    asked = [
        fhir.put("Patient/marked", PATIENT),
        fhir.put("Observation/o1", observation("o1", "Patient/marked")),
        fhir.get("Patient/marked"),
        fhir.get("Patient?name=zqxmann&birthdate=1951-07-23"),
        fhir.get("Patient?identifier=ZQX-4711&unknown=zqx", prefer="handling=strict"),
        fhir.get("Observation?subject:Patient.name=zqxmann"),
        fhir.post("Patient", PATIENT, if_none_exist="identifier=ZQX-4711"),
        fhir.put("Patient/marked", {**PATIENT, "birthDate": "zqx"}),
        fhir.put("Patient/marked", {**PATIENT, "zqxelement": 1}),
        fhir.put("Patient/marked", b'{"resourceType": "Patient", "name": [{"family": "zqx'),
        fhir.put("Patient/marked", PATIENT, if_match='W/"7"'),
        fhir.put("Observation/o3", observation("o3", "Patient/zqx")),
        fhir.patch("Patient/marked", [{"op": "test", "path": "/name/0/family", "value": "zqx"}]),
        fhir.post("", bundle),
        fhir.delete("Patient/marked"),
    ]
    return [answer.status for answer in asked]


def _refused(client: FHIRClient) -> Iterator[str]:
    """What a client without the scope gets to read."""
    for answer in (
        client.get("Patient/marked"),
        client.get("Patient?name=zqxmann"),
        client.put("Patient/marked", PATIENT),
        client.put("Patient/marked", PATIENT, if_match='W/"7"'),
        client.delete("Patient/marked"),
        client.get("Patient/marked/_history/1"),
    ):
        assert answer.status in (401, 403), answer.body
        yield answer.body.decode()


def _by_pages(cast: Cast) -> list[int]:
    """Search, charts and an emergency of people who may and who may not; a sign-in that fails."""
    place_restriction(actor=operator("tests"), patient_id="marked", kind="vip", reason="Asked for it")
    physician, outsider = cast.physician.browser(), cast.outsider.browser()
    stranger = Client(headers={"host": "testserver"})
    asked = [
        physician.get("/patients/", {"q": "zqxmann"}),
        physician.get("/api/v1/patients", {"q": "zqxmann"}),
        physician.get("/api/v1/patients", {"q": "zqxmann", "zqx": "zqx"}),
        physician.get("/patients/marked/"),
        physician.post("/patients/marked/emergency", {"reason": "Found unconscious"}),
        physician.get("/patients/marked/"),
        outsider.get("/patients/", {"q": "zqxmann"}),
        outsider.get("/api/v1/patients", {"q": "zqxmann"}),
        outsider.get("/patients/marked/"),
        stranger.get("/patients/", {"q": "zqxmann"}),
        stranger.post("/accounts/login/", {"login": "adler", "password": "zqx-wrong"}),
    ]
    return [answer.status_code for answer in asked]


def _rows(query: str) -> str:
    with connection().cursor() as cursor:
        cursor.execute(query)
        return "\n".join(str(row) for row in cursor.fetchall())


def _redis() -> str:
    with redis.Redis.from_url(settings.REDIS_URL) as store:
        values: list[object] = []
        for key in store.scan_iter():
            kind = store.type(key)
            values.append(key)
            if kind == b"list":
                values += store.lrange(key, 0, -1)
            elif kind == b"hash":
                values += store.hgetall(key).values()
            elif kind == b"string":
                values.append(store.get(key))
        return repr(values)


def marked(text: str) -> list[str]:
    """The mark with its surroundings, wherever it stands in the text."""
    lower = text.lower()
    places = [number for number in range(len(lower)) if lower.startswith(MARK, number)]
    return [text[max(0, place - 60) : place + 40] for place in places]


def test_search_finds_the_mark() -> None:
    assert marked("Not found: ZQX-4711") == ["Not found: ZQX-4711"]
    assert marked("Not found: Patient/1") == []


def test_a_journey_leaves_no_mark(
    committed: dict[str, str],
    fhir: FHIRClient,
    cast: Cast,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.INFO)
    listener = events.Consumer(name="tests.listener", event=ResourceWritten, queue="default", function=lambda _: None)
    monkeypatch.setitem(events._by_event, ResourceWritten, [listener])
    assert _by_fhir(fhir) == [201, 201, 200, 200, 400, 200, 200, 422, 422, 400, 412, 422, 422, 422, 409]
    assert _by_pages(cast) == [200, 200, 400, 403, 302, 200, 403, 403, 403, 302, 200]
    answers = "\n".join(
        text
        for client in (FHIRClient(None), registered("narrow", scope="system/Location.r"))
        for text in _refused(client)
    )
    sessions = "\n".join(json.dumps(session.get_decoded()) for session in Session.objects.all())
    left = {
        "logs": "\n".join([caplog.text, *(repr(record.args) for record in caplog.records)]),
        "outbox": _rows("SELECT * FROM audit_outbox"),
        "audit trail": _rows("SELECT * FROM audit_event"),
        "sessions": sessions,
        "Redis": _redis(),
        "answers to those who may not": answers,
        "metrics": exposition().decode(),
    }
    assert {where: marked(text) for where, text in left.items() if marked(text)} == {}
    assert "marked" in left["outbox"], "the journey left ids, so it was seen"
    assert "Patient/marked" in left["audit trail"]


def test_logs_tell_a_fault_without_its_text(db: None) -> None:
    """A database's complaint quotes the values; the log keeps the class and the place only."""
    with pytest.raises(DataError) as caught, connection().cursor() as cursor:
        cursor.execute("SELECT 'zqxmann'::int")
    assert marked(str(caught.value)) != []
    fault = (caught.type, caught.value, caught.tb)
    line = "Internal Server Error: %s"
    record = logging.LogRecord("django.request", logging.ERROR, __file__, 1, line, ("/patients/1/",), fault)
    record.exc_text = "what another handler made of zqxmann"
    configured = logging.config.DictConfigurator(copy.deepcopy(settings.LOGGING))
    line = configured.configure_formatter(configured.config["formatters"]["line"]).format(record)
    assert marked(line) == []
    assert "Internal Server Error: /patients/1/" in line
    assert "DataError" in line
    assert "test_privacy.py" in line


def test_pages_of_patients_are_kept_by_nobody(db: None, fhir: FHIRClient, cast: Cast) -> None:
    """No cache keeps them, no other site hears of their address."""
    fhir.put("Patient/marked", PATIENT)
    for path in ("/patients/?q=zqx", "/patients/marked/", "/api/v1/patients?q=zqx"):
        answer = cast.physician.browser().get(path)
        assert (answer.status_code, answer["Cache-Control"], answer["Referrer-Policy"]) == (
            200,
            "private, no-store",
            "same-origin",
        )
