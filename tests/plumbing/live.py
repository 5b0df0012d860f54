"""The product served over HTTP to a browser or another process, on committed clones."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread


class LiveSite:
    """Where the product is served. Each tenant has its own host name on the same port."""

    def __init__(self, port: int) -> None:
        self.port = port

    def url(self, path: str = "/", *, host: str = "localhost") -> str:
        return f"http://{host}:{self.port}{path}"


@contextmanager
def serving() -> Iterator[LiveSite]:
    """Serves pages and static files from threads of this process; raises what kept the server from starting."""
    thread = LiveServerThread("127.0.0.1", StaticFilesHandler)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    if thread.error:
        raise thread.error
    try:
        yield LiveSite(thread.port)
    finally:
        thread.terminate()
