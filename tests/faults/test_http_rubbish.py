"""What no client should send, over plain sockets to the server that really serves: refused in FHIR's form, survived."""

import contextlib
import http.client
import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from infra.runner.ports import LOOPBACK
from tests.faults.creates import Clients
from tests.plumbing.supervised import Product

pytestmark = pytest.mark.xdist_group("faults")  # the product that the other tests of the group kill

PATIENT = b'{"resourceType":"Patient"}'
PATIENTS = b"/fhir/R4/Patient"
LONGEST_BODY = 32 * 1024 * 1024
CHUNKED = b"Transfer-Encoding: chunked\r\n"
ANSWER_SECONDS = 60.0


class Wire:
    """Sends bytes as they are, with a token that may do everything."""

    def __init__(self, port: int, authorization: bytes) -> None:
        self._port = port
        self._known = b"Host: localhost\r\nAuthorization: " + authorization + b"\r\n"

    def request(self, method: bytes, path: bytes, headers: bytes = b"", body: bytes = b"") -> bytes:
        return method + b" " + path + b" HTTP/1.1\r\n" + self._known + headers + b"\r\n" + body

    def post(self, headers: bytes, body: bytes) -> bytes:
        return self.request(b"POST", PATIENTS, b"Content-Type: application/fhir+json\r\n" + headers, body)

    def open(self) -> socket.socket:
        return socket.create_connection((LOOPBACK, self._port), timeout=ANSWER_SECONDS)

    def told(self, sent: bytes, *, gives_up: bool = False) -> tuple[int, Any]:
        """Status and body of the answer: decoded if it is JSON. `gives_up` sends no more after `sent`."""
        with self.open() as connection:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it has heard enough, and says so
                connection.sendall(sent)
            if gives_up:
                connection.shutdown(socket.SHUT_WR)
            return self.answer(connection, "HEAD" if sent.startswith(b"HEAD") else "GET")

    @staticmethod
    def answer(connection: socket.socket, method: str = "GET") -> tuple[int, Any]:
        response = http.client.HTTPResponse(connection, method=method)
        response.begin()
        body = response.read()
        is_json = "json" in response.headers.get("Content-Type", "")
        return response.status, json.loads(body) if body and is_json else body

    def outcome(self, sent: bytes, *, gives_up: bool = False) -> tuple[int, str]:
        """Status, and code of the first issue of the OperationOutcome."""
        status, body = self.told(sent, gives_up=gives_up)
        assert isinstance(body, dict), body
        assert body["resourceType"] == "OperationOutcome", body
        return status, body["issue"][0]["code"]


@pytest.fixture
def wire(product: Product, clients: Clients) -> Iterator[Wire]:
    """Afterwards the server answers as before, and the record holds as many patients as before."""
    patients = clients.ask("GET", "Patient?_count=0&_total=accurate")
    yield Wire(product.web, clients.authorization.encode())
    assert clients.ask("GET", clients.patient)[0] == 200
    assert clients.ask("GET", "Patient?_count=0&_total=accurate")[1]["total"] == patients[1]["total"]


def length(number: int) -> bytes:
    return f"Content-Length: {number}\r\n".encode()


def nested(depth: int) -> bytes:
    return (
        b'{"resourceType":"Patient","extension":' + b'[{"url":"u","extension":' * depth + b"[]" + b"}]" * depth + b"}"
    )


def chunk(body: bytes) -> bytes:
    return f"{len(body):x}\r\n".encode() + body + b"\r\n"


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (length(1000), PATIENT),
        (length(len(PATIENT) + 1), PATIENT),
        (CHUNKED, chunk(PATIENT[:-1])),
    ],
)
def test_a_body_that_is_cut_off(wire: Wire, headers: bytes, body: bytes) -> None:
    assert wire.outcome(wire.post(headers, body), gives_up=True) == (400, "structure")


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        (b"", b"", (400, "required")),
        (length(len(PATIENT) - 1), PATIENT, (400, "structure")),
        (CHUNKED, b"zz\r\n" + PATIENT, (400, "required")),
        (length(5) + b"Content-Encoding: gzip\r\n", b"\x1f\x8b\x08\x00\x00", (415, "not-supported")),
        (length(2) + b"Idempotency-Key: \xff\xfe" + b"x" * 300 + b"\r\n", b"{}", (400, "value")),
        (length(26) + b"If-None-Exist: identifier=%00\r\n", PATIENT, (400, "value")),
        (length(26) + b"If-None-Exist: identifier=%ff\r\n", PATIENT, (400, "structure")),
    ],
)
def test_a_body_that_is_not_what_its_headers_say(
    wire: Wire, headers: bytes, body: bytes, expected: tuple[int, str]
) -> None:
    assert wire.outcome(wire.post(headers, body)) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"resourceType":"Patient","x":"' + b"x" * 50 * 1024 * 1024 + b'"}', (413, "too-long")),
        (b'{"resourceType":"Patient","extension":' + b"[" * 5000 + b"]" * 5000 + b"}", (400, "structure")),
        (nested(5000), (400, "structure")),
        (b'{"resourceType":"Patient","name":[{"family":"\xff\xfe"}]}', (400, "structure")),
        (b'{"resourceType":"Patient","name":[{"family":"a\\u0000b"}]}', (422, "value")),
        (b'{"resourceType":"Patient"}\x00', (400, "structure")),
    ],
    ids=["50 MB", "5,000 arrays", "5,000 extensions", "invalid UTF-8", "NUL escaped", "NUL"],
)
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_no_resource(wire: Wire, body: bytes, expected: tuple[int, str], chunked: bool) -> None:  # noqa: FBT001 - a case
    sent = wire.post(CHUNKED, chunk(body) + b"0\r\n\r\n") if chunked else wire.post(length(len(body)), body)
    assert wire.outcome(sent) == expected


@pytest.mark.parametrize(
    ("method", "path", "headers", "expected"),
    [
        (b"OPTIONS", PATIENTS, b"", (405, "not-supported")),
        (b"TRACE", PATIENTS, b"", (405, "not-supported")),
        (b"PROPFIND", PATIENTS, b"", (405, "not-supported")),
        (b"GET", b"/fhir/R4/..%2f..%2fetc/passwd", b"", (404, "not-supported")),
        (b"GET", b"/fhir/R4/../../etc/passwd", b"", (404, "not-supported")),
        (b"GET", PATIENTS + b"/..%2f..%2fetc", b"", (404, "not-supported")),
        (b"GET", PATIENTS + b"/%2e%2e/Observation", b"", (404, "not-supported")),
        (b"GET", PATIENTS + b"/a%00b", b"", (400, "value")),
        (b"GET", PATIENTS + b"/%ff%fe", b"", (400, "value")),
        (b"GET", PATIENTS + b"/" + b"a" * 8000, b"", (400, "value")),
        (b"GET", PATIENTS + b"?name=%ff%fe", b"", (400, "structure")),
        (b"GET", PATIENTS + b"?name=%00", b"", (400, "value")),
        (b"GET", PATIENTS + b"?_format=json" + b"&name=a" * 3000, b"", (400, "too-costly")),
        (b"GET", PATIENTS + b"?_format=json" + b"&" * 20_000, b"", (400, "too-costly")),
        (b"GET", PATIENTS, b"Authorization: Bearer another\r\n", (401, "login")),
        (b"PUT", PATIENTS + b"/x", b'If-Match: W/"1"\r\nIf-Match: W/"2"\r\n' + length(35), (400, "value")),
    ],
)
def test_a_request_that_makes_no_sense(
    wire: Wire, method: bytes, path: bytes, headers: bytes, expected: tuple[int, str]
) -> None:
    body = b'{"resourceType":"Patient","id":"x"}' if method == b"PUT" else b""
    assert wire.outcome(wire.request(method, path, headers, body)) == expected


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET " + PATIENTS + b" HTTP/1.1\r\n\r\n", 404),  # of no host, so of no health system
        (b"GET " + PATIENTS + b" HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 404),
        (b"GET " + PATIENTS + b"\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),  # TLS
        (b"POST " + PATIENTS + b" HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST " + PATIENTS + b" HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (b"GET " + PATIENTS + b"/a\x00b HTTP/1.1\r\n\r\n", 400),
        (b"GET " + PATIENTS + b" HTTP/1.1\r\nX: a\x00b\r\n\r\n", 400),
        (b"GET " + PATIENTS + b" HTTP/1.1\r\nX: " + b"x" * 1_000_000 + b"\r\n\r\n", 431),
        (b"GET " + PATIENTS + b" HTTP/1.1\r\n" + b"X: 1\r\n" * 1000 + b"\r\n", 431),
    ],
)
def test_what_is_hardly_http(wire: Wire, sent: bytes, status: int) -> None:
    assert wire.told(sent)[0] == status


def test_a_large_header_is_passed_over(wire: Wire) -> None:
    assert wire.told(wire.request(b"GET", PATIENTS, b"X-Unused: " + b"x" * 100_000 + b"\r\n"))[0] == 200
    assert (
        wire.outcome(wire.request(b"GET", PATIENTS + b"/none", b"X-Request-ID: " + b"x" * 100_000 + b"\r\n"))[0] == 404
    )


def test_head_is_a_get_without_its_body(wire: Wire) -> None:
    assert wire.told(wire.request(b"HEAD", PATIENTS)) == (200, b"")
    assert wire.told(wire.request(b"HEAD", PATIENTS + b"/none")) == (404, b"")


def test_a_body_in_chunks_is_read(wire: Wire) -> None:
    id_ = b'{"resourceType":"Patient","id":"in-chunks"}'
    parts = b"".join(chunk(id_[at : at + 7]) for at in range(0, len(id_), 7))
    headers = b"Content-Type: application/fhir+json\r\n" + CHUNKED
    status, stored = wire.told(wire.request(b"PUT", PATIENTS + b"/in-chunks", headers, parts + b"0\r\n\r\n"))
    assert (status, stored["id"]) == (201, "in-chunks")
    assert wire.told(wire.request(b"DELETE", PATIENTS + b"/in-chunks")) == (204, b"")


def test_pipelined_requests_are_answered_in_their_order(wire: Wire) -> None:
    with wire.open() as connection:
        connection.sendall(b"".join(wire.request(b"GET", PATIENTS + f"/none-{n}".encode()) for n in range(20)))
        stream = connection.makefile("rb")
        told = [_read_one(stream) for _ in range(20)]
    assert told == [f"Patient/none-{n} is not known here." for n in range(20)]


def _read_one(stream: Any) -> str:
    assert stream.readline() == b"HTTP/1.1 404 Not Found\r\n"
    headers = http.client.parse_headers(stream)
    body = json.loads(stream.read(int(headers["Content-Length"])))
    return str(body["issue"][0]["diagnostics"])


def test_300_clients_that_never_end_their_headers_keep_nobody_waiting(wire: Wire, product: Product) -> None:
    waiting = [wire.open() for _ in range(300)]
    for connection in waiting:
        connection.sendall(b"GET " + PATIENTS + b" HTTP/1.1\r\nHost: localhost\r\nX-Slow")
    try:
        assert product.is_ready()
        assert wire.told(wire.request(b"GET", PATIENTS + b"/none"))[0] == 404
    finally:
        for connection in waiting:
            connection.close()
