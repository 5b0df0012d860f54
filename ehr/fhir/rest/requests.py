"""What an HTTP request says, in FHIR's terms."""

import re
from typing import Any

from django.http import HttpRequest

from ehr.fhir.errors import BadRequest, Issue, NotAcceptable, PayloadTooLarge, UnsupportedMedia
from ehr.lib import json

MAX_BODY = 32 * 1024 * 1024
JSON_TYPES = ("application/fhir+json", "application/json", "text/json")
PATCH_TYPE = "application/json-patch+json"
MERGE_PATCH_TYPE = "application/merge-patch+json"
_ACCEPTED = (*JSON_TYPES, "application/*", "*/*", PATCH_TYPE)
_FORMATS = ("json", "application/json", "application/fhir+json", "application/fhir json", "text/json")
_ETAG = re.compile(r'(?:W/)?"([^"]{1,64})"|([0-9]{1,9})')  # fhirpy sends the bare versionId
_NO_CONDITION = ("_format", "_pretty", "_summary", "_elements")  # about the answer, not about what is searched for


def check_accept(request: HttpRequest) -> None:
    """Raises NotAcceptable when the client wants something else than JSON."""
    wanted = request.GET.get("_format") if "_format" in request.META.get("QUERY_STRING", "") else None
    if wanted is not None:
        if wanted.lower() not in _FORMATS:
            raise NotAcceptable(
                Issue("not-supported", f"_format={wanted!r}: this server writes application/fhir+json.")
            )
        return
    accept = request.META.get("HTTP_ACCEPT")
    if accept and not any(part.split(";", 1)[0].strip().lower() in _ACCEPTED for part in accept.split(",")):
        raise NotAcceptable(Issue("not-supported", "This server writes application/fhir+json."))


def body_bytes(request: HttpRequest, *media_types: str) -> bytes:
    """The body, its size and declared type checked. Raises PayloadTooLarge, UnsupportedMedia, BadRequest when cut."""
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    if length > MAX_BODY:
        raise PayloadTooLarge(Issue("too-long", f"The body is larger than {MAX_BODY // 1024 // 1024} MiB."))
    declared = (request.content_type or "").lower()
    if declared and declared not in media_types:
        raise UnsupportedMedia(Issue("not-supported", f"{declared} is not read here; send {media_types[0]}."))
    encoding = request.META.get("HTTP_CONTENT_ENCODING", "identity").lower()
    if encoding != "identity":
        raise UnsupportedMedia(Issue("not-supported", f"Content-Encoding {encoding!r} is not read here."))
    if len(request.body) < length:
        raise BadRequest(Issue("structure", f"The body ends after {len(request.body)} of {length} bytes."))
    return request.body


def body_resource(request: HttpRequest) -> dict[str, Any]:
    """The resource in the body, decoded but not validated. Raises BadRequest with the place of a JSON fault."""
    data = body_bytes(request, *JSON_TYPES)
    if not data.strip():
        raise BadRequest(Issue("required", "The request needs a resource in its body."))
    return decoded(data)


def decoded(data: bytes) -> dict[str, Any]:
    """JSON object from untrusted bytes. Raises BadRequest."""
    try:
        return json.decode(data)
    except json.InvalidJSON as fault:
        raise BadRequest(Issue("structure", f"The body is not a JSON object in UTF-8: {fault}")) from fault


def decoded_value(data: bytes) -> Any:
    """Any JSON value from untrusted bytes. Raises BadRequest."""
    try:
        return json.decode_value(data)
    except json.InvalidJSON as fault:
        raise BadRequest(Issue("structure", f"The body is not JSON in UTF-8: {fault}")) from fault


def if_match(request: HttpRequest) -> str | None:
    """The version in If-Match, None without the header. Raises BadRequest when it is no ETag."""
    return _version(request.META.get("HTTP_IF_MATCH"), "If-Match")


def if_none_match(request: HttpRequest) -> str | None:
    """The version in If-None-Match, None without the header."""
    return _version(request.META.get("HTTP_IF_NONE_MATCH"), "If-None-Match")


def _version(header: str | None, name: str) -> str | None:
    if not header:
        return None
    match = _ETAG.fullmatch(header.strip())
    if match is None:
        raise BadRequest(Issue("value", f'{name}: {header!r} is not an ETag such as W/"3".'))
    return match[1] or match[2]


def condition_of_create(request: HttpRequest) -> str | None:
    """The search that must find nothing: If-None-Exist, or search parameters in the URL, where fhirpy puts them."""
    header = request.META.get("HTTP_IF_NONE_EXIST")
    if header is not None:
        return str(header).rpartition("?")[2]
    query: str = request.META.get("QUERY_STRING", "")
    return "&".join(part for part in query.split("&") if part.partition("=")[0] not in ("", *_NO_CONDITION)) or None


def preference(request: HttpRequest, name: str) -> str | None:
    """The value of one Prefer parameter (RFC 7240), for example `return` or `handling`."""
    for part in str(request.META.get("HTTP_PREFER", "")).replace(",", ";").split(";"):
        key, _, value = part.strip().partition("=")
        if key.lower() == name:
            return value.strip().strip('"').lower()
    return None


def base_url(request: HttpRequest) -> str:
    """ "https://host/fhir/R4", as this client reached it."""
    return f"{request.scheme}://{request.META['HTTP_HOST']}/fhir/R4"
