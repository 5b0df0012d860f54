"""Many clients that create at the same time, over real connections, and remember exactly what they were told."""

import http.client
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier, Condition
from typing import Any, Literal
from urllib.parse import urlencode

from infra.runner.ports import LOOPBACK
from tests.plumbing.supervised import Product

ANSWER_SECONDS = 60.0
SYSTEM = "urn:example:faults"
KINDS: tuple[Literal["key", "condition", "once"], ...] = ("key", "key", "condition", "once")


@dataclass(eq=False)
class Create:
    """One resource that a client wants in the record, and what it knows of it."""

    name: str
    kind: Literal["key", "condition", "once"]
    subject: str
    id: str | None = None
    statuses: list[int | None] = field(default_factory=list)  # None: the connection ended without an answer

    @property
    def acknowledged(self) -> bool:
        return self.id is not None

    @property
    def may_repeat(self) -> bool:
        """Whether the client has a way to ask again without fear of a second copy."""
        return self.kind != "once"

    @property
    def headers(self) -> dict[str, str]:
        match self.kind:
            case "key":
                return {"Idempotency-Key": self.name}
            case "condition":
                return {"If-None-Exist": f"identifier={SYSTEM}|{self.name}"}
            case "once":
                return {}

    @property
    def body(self) -> bytes:
        resource: dict[str, Any] = {
            "resourceType": "Observation",
            "identifier": [{"system": SYSTEM, "value": self.name}],
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "2339-0", "display": "Glucose"}]},
            "subject": {"reference": self.subject},
            "effectiveDateTime": "2026-03-14T09:00:00Z",
            "valueQuantity": {"value": 92.5, "unit": "mg/dL", "system": "http://unitsofmeasure.org", "code": "mg/dL"},
        }
        return json.dumps(resource).encode()


class Clients:
    """Programs with one token that each have a connection of their own."""

    def __init__(self, product: Product) -> None:
        self._port = product.web
        client_id, secret = product.add_client("faults")
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        status, answer = self._ask("POST", "/oauth/token", urlencode(form).encode(), kind)
        assert status == 200, answer
        self.authorization = f"Bearer {answer['access_token']}"
        self._headers = {
            "Authorization": self.authorization,
            "Content-Type": "application/fhir+json",
            "Accept": "application/fhir+json",
        }
        status, answer = self.ask("POST", "Patient", b'{"resourceType":"Patient","name":[{"family":"Reed"}]}')
        assert status == 201, answer
        self.patient = f"Patient/{answer['id']}"
        self._answered = Condition()
        self._count = 0

    def ask(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> tuple[int, Any]:
        """Status and decoded body. Raises OSError or HTTPException when the connection ends before the answer has."""
        return self._ask(method, f"/fhir/R4/{path}", body, {**self._headers, **(headers or {})})

    def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, Any]:
        connection = http.client.HTTPConnection(LOOPBACK, self._port, timeout=ANSWER_SECONDS)
        try:
            connection.request(method, path, body, {"Host": f"localhost:{self._port}", **headers})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def wanted(self, batch: str, count: int) -> list[Create]:
        """Resources of all kinds of clients, named apart."""
        return [Create(f"{batch}-{number:03}", KINDS[number % len(KINDS)], self.patient) for number in range(count)]

    def start(self, creates: Sequence[Create], executor: ThreadPoolExecutor) -> None:
        """Sends all of them at the same moment, each once; comes back at once."""
        self._count = 0
        together = Barrier(len(creates))
        for create in creates:
            executor.submit(self._send_together, create, together)

    def wait_for_answers(self, count: int) -> None:
        """Comes back when that many requests have ended, one way or the other."""
        with self._answered:
            assert self._answered.wait_for(lambda: self._count >= count, 2 * ANSWER_SECONDS), "no answers"

    def _send_together(self, create: Create, together: Barrier) -> None:
        together.wait()
        try:
            self.send(create)
        finally:
            with self._answered:
                self._count += 1
                self._answered.notify_all()

    def send(self, create: Create) -> None:
        """Sends it once and notes what came back."""
        try:
            status, answer = self.ask("POST", "Observation", create.body, create.headers)
        except (OSError, http.client.HTTPException):
            create.statuses.append(None)
            return
        create.statuses.append(status)
        if status in (200, 201):
            create.id = answer["id"]
