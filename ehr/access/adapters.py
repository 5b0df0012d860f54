"""Where our sign-in is stricter than allauth's."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.utils.http import url_has_allowed_host_and_scheme


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth is untyped
    """No way from one tenant's sign-in to another tenant's pages."""

    def is_safe_url(self, url: str | None) -> bool:
        """True for addresses under the host that was asked; allauth would take every tenant's host."""
        request = context.request
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )
