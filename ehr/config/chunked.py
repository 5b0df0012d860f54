"""Bodies sent in chunks, without a length: Django reads as many bytes as Content-Length says, and without one none."""

from collections.abc import Callable
from io import BytesIO

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse

GetResponse = Callable[[WSGIRequest], HttpResponse]


class ChunkedBodyMiddleware:
    """Gives a body that came in chunks (RFC 9112 section 7.1) its length, so that whoever reads it finds it.

    No more is read than the largest body that anybody here takes, and one byte, by which it is refused.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: WSGIRequest) -> HttpResponse:
        if "HTTP_TRANSFER_ENCODING" not in request.environ:
            return self.get_response(request)
        body = request.environ["wsgi.input"].read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        known = {"CONTENT_LENGTH": str(len(body)), "wsgi.input": BytesIO(body)}
        return self.get_response(WSGIRequest(request.environ | known))
