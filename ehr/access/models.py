"""People who sign in, what they may do, and whose records they may see."""

from django.contrib.auth.models import AbstractUser
from django.db import models

from ehr.lib import ids


class User(AbstractUser):
    """A person who signs in."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
