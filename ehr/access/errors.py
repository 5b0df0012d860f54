"""What can be wrong with a request about access, in words that a surface can show."""


class PatientNotFound(LookupError):
    """There is no such patient for this actor: absent and forbidden look alike."""


class BreakGlassRequired(Exception):
    """The record is restricted; this actor may open it by breaking the glass, with a reason."""

    def __init__(self, patient_id: str) -> None:
        super().__init__("the record is restricted")
        self.patient_id = patient_id


class AccessRuleBroken(ValueError):
    """A rule about people, roles or relationships forbids this. The text is fit to be shown."""


class UsernameTaken(AccessRuleBroken):
    """Another user has this user name already."""


class ClientNameTaken(AccessRuleBroken):
    """Another client that has not ended has this name already."""


class Unauthenticated(Exception):
    """No bearer token, or not one that counts. `error` and `description` are those of RFC 6750 section 3.1."""

    error: str | None = None
    description = "A bearer token is needed."

    def challenge(self, realm: str = "FHIR") -> str:
        """The value of WWW-Authenticate that goes with the 401 (RFC 6750 section 3)."""
        if self.error is None:
            return f'Bearer realm="{realm}"'
        return f'Bearer realm="{realm}", error="{self.error}", error_description="{self.description}"'


class NoToken(Unauthenticated):
    """The request carries no bearer token at all."""


class MalformedToken(Unauthenticated):
    """The Authorization header is not ``Bearer`` and a token in the b64token form of RFC 6750 section 2.1."""

    error = "invalid_token"
    description = "The Authorization header is not a bearer token."


class UnknownToken(Unauthenticated):
    """The token was never issued here, was revoked, or its client has ended."""

    error = "invalid_token"
    description = "The access token is unknown or was revoked."


class ExpiredToken(Unauthenticated):
    """The token's time is over."""

    error = "invalid_token"
    description = "The access token has expired."
