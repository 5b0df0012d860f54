"""Client systems that call the API, and the assertions they have used up."""

from django.db import models
from django.db.models import Q
from oauth2_provider.models import AbstractApplication

from ehr.access.scopes import LIFETIME_MAX, LIFETIME_MIN
from ehr.audit.records import Record


class Client(AbstractApplication, Record):  # type: ignore[misc] # the toolkit is untyped
    """No FHIR resource; an OAuth 2 client (RFC 6749 section 2, SMART Backend Services). A registered client system.

    It proves itself by a secret, of which only the SHA-256 is kept, or by a key of its own (`jwks`, RFC 7517: public
    keys with `kid`), never by both. `allowed_scope` is the most it can be given; `token_lifetime` is in seconds.
    """

    jwks = models.JSONField(null=True, blank=True)
    allowed_scope = models.TextField()
    token_lifetime = models.PositiveIntegerField(default=900)
    registered_at = models.DateTimeField()
    registered_by = models.TextField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.TextField(null=True, blank=True)  # noqa: DJ001 - paired with ended_at

    class Meta(Record.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(token_lifetime__gte=LIFETIME_MIN, token_lifetime__lte=LIFETIME_MAX),
                name="access_client_token_lifetime",
            ),
            models.CheckConstraint(
                condition=Q(client_secret="", jwks__isnull=False)
                | Q(client_secret__regex="^[0-9a-f]{64}$", jwks__isnull=True),  # noqa: S106 - a pattern
                name="access_client_one_proof",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="access_client_end_paired",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="access_client_name_given"),
            models.UniqueConstraint("name", condition=Q(ended_at=None), name="access_client_name_once"),
        ]

    def is_usable(self, request: object) -> bool:  # noqa: ARG002 - the toolkit's signature
        """False once the client has been ended."""
        return self.ended_at is None


class UsedAssertion(models.Model):
    """No FHIR resource; the `jti` of an accepted client assertion (RFC 7523 section 3), so that it works once."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="+", db_index=False)
    jti = models.TextField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("client", "jti", name="access_used_assertion_once")]
