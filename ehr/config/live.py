"""The live process: tells open pages that a topic changed (server-sent events). No database, no data, only names.

A stream ends when it can no longer be trusted (Redis is away, the token's time is over); the page then falls back to
polling until a new one opens. HTML Living Standard 9.2 (server-sent events); ASGI 3.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

import redis.asyncio as redis
from redis.exceptions import RedisError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ehr.config.settings")

from django.conf import settings

from ehr.lib.topics import TOKEN_SECONDS, InvalidToken, read_token

HEARTBEAT = 15.0  # seconds of silence after which a comment keeps proxies from closing the stream

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Hub:
    """One Redis subscription per topic for all streams of this process."""

    def __init__(self, url: str) -> None:
        self._pubsub = redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=None).pubsub()
        self._streams: dict[str, set[asyncio.Queue[bool]]] = {}
        self._reader: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()

    async def open(self, channel: str) -> asyncio.Queue[bool]:
        """A queue of at most one True (it changed) or False (no longer live). Raises RedisError."""
        queue: asyncio.Queue[bool] = asyncio.Queue(maxsize=1)
        async with self._lock:
            if channel not in self._streams:
                await self._pubsub.subscribe(channel)
            self._streams.setdefault(channel, set()).add(queue)
            if self._reader is None or self._reader.done():
                self._reader = asyncio.create_task(self._read())
        return queue

    async def close(self, channel: str, queue: asyncio.Queue[bool]) -> None:
        """Forgets the stream, and with the last one of a topic its subscription."""
        async with self._lock:
            streams = self._streams.get(channel, set())
            streams.discard(queue)
            if channel in self._streams and not streams:
                del self._streams[channel]
                with suppress(RedisError):  # with the connection the subscription is gone as well
                    await self._pubsub.unsubscribe(channel)

    async def _read(self) -> None:
        try:
            async for message in self._pubsub.listen():
                if message["type"] == "message":
                    self._tell(self._streams.get(message["channel"].decode(), ()), changed=True)
        except RedisError:
            for streams in self._streams.values():
                self._tell(streams, changed=False)
            self._streams.clear()
            await self._pubsub.aclose()  # type: ignore[no-untyped-call] # redis-py leaves it untyped

    def _tell(self, streams: Iterable[asyncio.Queue[bool]], *, changed: bool) -> None:
        for queue in streams:
            if queue.full() and not changed:
                queue.get_nowait()
            if not queue.full():
                queue.put_nowait(changed)


hub = Hub(settings.REDIS_URL)


async def application(scope: Message, receive: Receive, send: Send) -> None:
    """`/healthz`, and `/live/<topic>?token=…`."""
    if scope["type"] != "http":
        return
    if scope["path"] == "/healthz":
        await _answer(send, 200, b"ok")
    elif scope["path"].startswith("/live/"):
        await _stream(scope, receive, send)
    else:
        await _answer(send, 404, b"Not found.")


async def _stream(scope: Message, receive: Receive, send: Send) -> None:
    token = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
    try:
        channel = read_token(token, scope["path"].removeprefix("/live/")).channel
        queue = await hub.open(channel)
    except InvalidToken:
        await _answer(send, 403, b"This token does not open this topic.")
        return
    except RedisError:
        await _answer(send, 503, b"Changes cannot be told now.")
        return
    told = asyncio.create_task(_tell_changes(queue, send))
    gone = asyncio.create_task(_until_gone(receive))
    try:
        await asyncio.wait({told, gone}, timeout=TOKEN_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    finally:
        ended = not gone.done()
        for task in (told, gone):
            task.cancel()
        await asyncio.gather(told, gone, return_exceptions=True)
        await hub.close(channel, queue)
    if ended:
        await send({"type": "http.response.body", "body": b"event: end\ndata:\n\n", "more_body": False})


async def _tell_changes(queue: asyncio.Queue[bool], send: Send) -> None:
    headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    body = b": open\n\n"
    while body:
        await send({"type": "http.response.body", "body": body, "more_body": True})
        try:
            body = b"event: changed\ndata:\n\n" if await asyncio.wait_for(queue.get(), HEARTBEAT) else b""
        except TimeoutError:
            body = b": still open\n\n"


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _answer(send: Send, status: int, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": body})
