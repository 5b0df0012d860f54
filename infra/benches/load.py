"""A closed-loop load generator: N connections, each sending its next request when the last one is answered.

It speaks HTTP/1.1 over plain sockets with as little Python as possible, since it shares the processors with what it
measures.
"""

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

Request = Callable[[int], bytes]
"""Gives request number n, whole: head and body."""


class BadAnswer(RuntimeError):
    """The server answered with something else than what the bench is about."""


@dataclass(slots=True)
class Result:
    """What a run came to."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Answers a second over all connections."""
        return len(self.latencies) / self.seconds

    def percentile_ms(self, percent: float) -> float:
        """Latency in milliseconds that `percent` of the answers did not exceed."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] * 1000


def run(
    port: int, request: Request, *, connections: int = 8, seconds: float = 8.0, warm_up: float = 2.0, expect: int = 200
) -> Result:
    """Sends requests for `warm_up` seconds unmeasured, then for `seconds` measured.

    Raises BadAnswer on another status.
    """
    result, faults, numbers = Result(), [], _Counter()
    start = time.perf_counter() + warm_up
    end = start + seconds

    def work() -> None:
        try:
            _drive(port, request, numbers, start, end, expect, result.latencies)
        except (OSError, BadAnswer) as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    result.seconds = seconds
    return result


class _Counter:
    def __init__(self) -> None:
        self._lock, self._next = threading.Lock(), 0

    def take(self) -> int:
        with self._lock:
            self._next += 1
            return self._next


def _drive(
    port: int, request: Request, numbers: _Counter, start: float, end: float, expect: int, latencies: list[float]
) -> None:
    wanted = f"HTTP/1.1 {expect} ".encode()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while (sent := time.perf_counter()) < end:
            connection.sendall(request(numbers.take()))
            answer = _answer(connection)
            if not answer.startswith(wanted):
                raise BadAnswer(answer[:600].decode(errors="replace"))
            done = time.perf_counter()
            if sent >= start:
                latencies.append(done - sent)


def _answer(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    while b"\r\n\r\n" not in data:
        data += _more(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    length = _content_length(head)
    missing = length - len(body)
    while missing > 0:
        chunk = _more(connection)
        missing -= len(chunk)
        data += chunk
    return data


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        if line[:15].lower() == b"content-length:":
            return int(line[15:])
    return 0


def _more(connection: socket.socket) -> bytes:
    chunk = connection.recv(262_144)
    if not chunk:
        raise BadAnswer("the server closed the connection")
    return chunk


def get(path: str, **headers: str) -> bytes:
    """A GET request."""
    return _head("GET", path, headers) + b"\r\n"


def post(path: str, body: bytes, **headers: str) -> bytes:
    """A POST request of FHIR JSON."""
    head = _head("POST", path, {"Content-Type": "application/fhir+json", "Content-Length": str(len(body)), **headers})
    return head + b"\r\n" + body


def _head(verb: str, path: str, headers: dict[str, str]) -> bytes:
    lines = [f"{verb} {path} HTTP/1.1", "Host: localhost", *(f"{name}: {value}" for name, value in headers.items())]
    return "".join(f"{line}\r\n" for line in lines).encode()
