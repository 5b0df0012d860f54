"""Signing in and out, and the token endpoint."""

from allauth.account.views import login, logout
from django.urls import URLPattern, path

from ehr.access.views import TokenView

urlpatterns: list[URLPattern] = [
    path("accounts/login/", login, name="account_login"),
    path("accounts/logout/", logout, name="account_logout"),
    path("oauth/token", TokenView.as_view(), name="oauth_token"),
]
