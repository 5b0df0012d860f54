"""Following the links of a Bundle."""

from typing import Any

from tests.plumbing.fhir_client import FHIRClient


def walked(fhir: FHIRClient, path: str) -> list[list[dict[str, Any]]]:
    """The entries of each page."""
    pages = []
    while True:
        bundle = fhir.get(path).resource
        pages.append(bundle.get("entry", []))
        links = {link["relation"]: link["url"] for link in bundle["link"]}
        if "next" not in links:
            return pages
        path = links["next"].removeprefix("http://testserver/fhir/R4").removeprefix("/")
