"""People who sign in."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower

from torg.caching.changes import invalidate
from torg.lib.ids import uuid7


class User(AbstractUser):
    """A person: a shopper, an author or one of the merchant's staff."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField("e-mail address")

    class Meta(AbstractUser.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique",
                violation_error_message="Somebody with this e-mail address is already known.",
            ),
        ]

    def invalidate_cache(self) -> None:
        """Have all that is cached about this person built anew."""
        invalidate(f"user:{self.pk}")


def invalidate_user_cache(user: User) -> None:
    """Have all that is cached about ``user`` built anew."""
    user.invalidate_cache()
