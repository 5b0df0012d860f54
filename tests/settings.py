"""The product's own settings on this test process's clones, with what would only slow a test down taken out."""

from tests.plumbing.environment import prepare

prepare()

from ehr.config.settings import *  # noqa: E402, F403 - the environment has to be there first
from ehr.config.settings import STATE_DIR, STORAGES  # noqa: E402 - as above

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# No manifest: pages render without a front-end build.
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
STATIC_ROOT = STATE_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
