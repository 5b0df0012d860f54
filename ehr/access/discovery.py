"""What a client system can learn before it has a token."""

from typing import Any
from urllib.parse import urlsplit

from ehr.access.client_assertion import ALGORITHMS


def smart_configuration(base_url: str) -> dict[str, Any]:
    """The body of ``/.well-known/smart-configuration`` (SMART App Launch 2.0 section 4): what works here, nothing else.

    `base_url` is the FHIR base as the client reached it (``https://ehr.example.org/fhir/R4``).
    """
    base = urlsplit(base_url)
    return {
        "token_endpoint": f"{base.scheme}://{base.netloc}/oauth/token",
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": sorted(ALGORITHMS.values()),
        "grant_types_supported": ["client_credentials"],
        "scopes_supported": ["system/*.cruds", "system/*.rs"],
        "capabilities": [
            "client-confidential-symmetric",
            "client-confidential-asymmetric",
            "permission-v1",
            "permission-v2",
        ],
    }
