"""Terms: the 64-bit hashes by which exact matches are found in ``fhir_resource.tokens``.

A term stands for ``Type.parameter=value``; `value` has one of the spellings in which a client may ask for the same
thing (FHIR R4 search.html#token, #reference, #uri). What cannot be written as a parameter's value has a code of its
own: ``identifier:of-type``, ``subject:identifier``, ``url:below``, ``code:missing``.
"""

from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256

COMPARTMENT = "compartment"
EVERY_TYPE = "Resource"  # the type in the terms of compartments, which hold many types


@lru_cache(maxsize=1 << 16)
def term(type_: str, code: str, value: str) -> int:
    """The signed 64-bit hash of ``type.code=value``: the first 8 bytes, big-endian, of its UTF-8 text's SHA-256.

    In SQL: ``('x' || left(encode(sha256(convert_to('Patient.gender=male', 'UTF8')), 'hex'), 16))::bit(64)::bigint``.
    """
    return int.from_bytes(sha256(f"{type_}.{code}={value}".encode()).digest()[:8], "big", signed=True)


@lru_cache(maxsize=1 << 14)
def param_id(type_: str, code: str) -> int:
    """The positive 32-bit number of a parameter in the index tables: 31 bits of the SHA-256 of ``type.code``.

    0 is nobody's: among references it stands for all of them. The negative number is that of the parameter's `:text`.
    """
    return int.from_bytes(sha256(f"{type_}.{code}".encode()).digest()[:4], "big") >> 1 or 1


def compartment_term(patient: str) -> int:
    """The term of everything in the compartment of `patient` ("Patient/1"), whatever its type."""
    return term(EVERY_TYPE, COMPARTMENT, patient)


def present_term(type_: str, code: str) -> int:
    """The term of every resource that has a value for a parameter whose values are terms."""
    return term(type_, f"{code}:missing", "false")


def coding_values(system: str | None, code: str | None) -> Iterator[str]:
    """The spellings of a code in a system: ``system|code``, ``code``, ``system|``; without one ``|code``, ``code``."""
    if code is not None:
        yield code
        yield f"{system or ''}|{code}"
    if system:
        yield f"{system}|"


def reference_values(type_: str | None, id_: str | None, url: str | None) -> Iterator[str]:
    """The spellings of a reference: ``Type/id`` and ``id`` within this store, the URL as it stands for others."""
    if type_ is not None and id_ is not None:
        yield f"{type_}/{id_}"
        yield id_
    if url is not None:
        yield url
        canonical, bar, _ = url.partition("|")
        if bar:
            yield canonical


def ancestors(uri: str) -> Iterator[str]:
    """The URL itself and each URL above it, by path segment: "http://a/b/c", "http://a/b", "http://a"."""
    yield uri
    scheme, separator, _ = uri.partition("://")
    first = len(scheme) + len(separator)
    end = uri.rfind("/")
    while separator and end > first:
        yield uri[:end]
        end = uri.rfind("/", 0, end)
