"""The system client of the measured instance."""

import base64
import json
import urllib.parse
import urllib.request
from typing import Any

from infra.benches.figures import Site


def bearer(site: Site) -> str:
    """The Authorization header of the system client, from the token endpoint."""
    clients: Any = site.credentials()["clients"]
    client = next(one for one in clients if one["name"] == "system")
    pair = base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()
    form = urllib.parse.urlencode({"grant_type": "client_credentials", "scope": client["scope"]}).encode()
    request = urllib.request.Request(
        f"http://localhost:{site.port}/oauth/token", form, {"Authorization": f"Basic {pair}"}
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - as above
        return f"Bearer {json.load(answer)['access_token']}"


def call(site: Site, token: str, method: str, path: str, body: Any = None) -> Any:
    """One FHIR request; the decoded answer."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": token, "Content-Type": "application/fhir+json"}
    url = f"http://localhost:{site.port}/fhir/R4{path}"
    request = urllib.request.Request(url, data, headers, method=method)
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - as above
        return json.load(answer)
