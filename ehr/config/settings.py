"""Settings. What differs between deployments is in the environment; `./run` sets it for demo, tests and benches."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from ehr.config import tenants

BASE_DIR = Path(__file__).resolve().parents[2]
STATE_DIR = Path(os.environ["EHR_STATE_DIR"]).resolve()

DEBUG = False
SECRET_KEY = Path(os.environ["EHR_SECRET_KEY_FILE"]).read_text().strip()
SEAL_KEY_FILE = Path(os.environ["EHR_SEAL_KEY_FILE"])
_METRICS_TOKEN = os.environ.get("EHR_METRICS_TOKEN_FILE")
METRICS_TOKEN_FILE = Path(_METRICS_TOKEN) if _METRICS_TOKEN else None  # without it nobody reads /metrics
SECURE_COOKIES = os.environ.get("EHR_TLS", "0") == "1"

_TENANT_FILES = tenants.read_tenants()
TENANTS = [tenants.Tenant(t.alias, t.name, t.host, (t.host, *t.aliases)) for t in _TENANT_FILES]
DATABASES = tenants.databases(_TENANT_FILES, as_owner=os.environ.get("EHR_DATABASE_ROLE") == "owner")
DATABASE_ROUTERS = ["ehr.lib.tenancy.TenantRouter"]
ALLOWED_HOSTS = [host for tenant in TENANTS for host in tenant.hosts]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "axes",
    "oauth2_provider",
    "drf_spectacular",
    "django_htmx",
    "csp",
    "waffle",
    "ehr.config",
    "ehr.ui",
    "ehr.audit",
    "ehr.access",
    "ehr.terminology",
    "ehr.fhir",
    "ehr.administration",
    "ehr.record",
    # after ours, whose templates of the same names go first
    "allauth",
    "allauth.account",
]

MIDDLEWARE = [
    "ehr.config.chunked.ChunkedBodyMiddleware",
    "ehr.config.metrics.requests.MeasureMiddleware",
    "ehr.config.middleware.TenantMiddleware",
    "ehr.config.middleware.CorrelationMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "ehr.config.middleware.MachineMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
    "waffle.middleware.WaffleMiddleware",
]
# Paths served to programs, not browsers: no session, cookie, CSRF token or page policy is theirs.
MACHINE_PATHS = ("/fhir/", "/oauth/", "/healthz", "/readyz", "/metrics")

ROOT_URLCONF = "ehr.config.urls"
WSGI_APPLICATION = "ehr.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "access.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "ehr.access.backends.PasswordBackend"]
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
    {
        "NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "display_name")},
    },
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
SITE_ID = None

ACCOUNT_ADAPTER = "ehr.access.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = False  # axes locks out, from the database that all workers share

AXES_FAILURE_LIMIT = 5
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "ehr.access.backends.lockout_name"
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
AXES_SENSITIVE_PARAMETERS = ["username", "login", "ip_address", "next"]
AXES_DISABLE_ACCESS_LOG = True  # the audit trail holds every sign-in
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

OAUTH2_PROVIDER_APPLICATION_MODEL = "access.Client"
OAUTH2_PROVIDER = {
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_REFRESH_TOKEN": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_SCHEME": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_MATCHING": True,
    "COMPLIANT_BCP_RFC9700_PKCE_REQUIRED": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
}

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "ehr.access.endpoints.descriptions.EndpointSchema",
    "URL_FORMAT_OVERRIDE": None,  # a media type is asked for by Accept alone
}
SPECTACULAR_SETTINGS = {
    "TITLE": "EHR",
    "DESCRIPTION": "What FHIR has no words for. Records are read and written at /fhir/R4.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "SERVERS": [{"url": "/", "description": "The health system whose host name is asked"}],
    "TAGS": [
        {"name": "access", "description": "Who asks, and what they may do"},
        {"name": "administration", "description": "Finding patients"},
        {"name": "terminology", "description": "Finding codes"},
        {"name": "imports", "description": "What `import_fhir` stored and refused"},
        {"name": "description", "description": "This document"},
    ],
    "OAUTH2_SCOPES": {
        "system/Patient.s": "Search patients",
        "system/CodeSystem.s": "Search code systems",
        "system/*.r": "Read everything",
    },
}

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ehr.ui.context.page",
            ],
        },
    }
]

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "build" / "static"
STATICFILES_DIRS = [BASE_DIR / "build" / "front"]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": STATE_DIR / "documents"},
    },
    "documents": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": STATE_DIR / "documents"},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = SECURE_COOKIES
SECURE_SSL_REDIRECT = SECURE_COOKIES
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_COOKIES else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_COOKIES
SECURE_HSTS_PRELOAD = SECURE_COOKIES
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 55 * 1024 * 1024

_SELF = "'self'"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": [_SELF],
        "style-src": [_SELF],
        "img-src": [_SELF, "data:"],
        "font-src": [_SELF],
        "connect-src": [_SELF],
        "form-action": [_SELF],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "manifest-src": [_SELF],
    }
}

REDIS_URL = os.environ["REDIS_URL"]
CELERY_BROKER_URL = REDIS_URL

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "ehr.config.logs.DiscreetFormatter", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"django.db.backends": {"level": "WARNING"}, "axes": {"level": "WARNING"}},
}
