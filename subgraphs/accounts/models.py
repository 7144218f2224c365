"""Users and API clients, in a relational database."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from oauth2_provider.models import AbstractApplication

from subgraphs.accounts.roles import Role

_ROLES = [(role.value, role.value) for role in Role]


class UserManager(BaseUserManager["User"]):
    """Makes users; ``create_superuser`` is what Django's command of that name calls for the first admin."""

    def create_user(self, username: str, email: str, password: str | None, roles: Iterable[Role] = ()) -> "User":
        """A user with these roles; without a password nobody can log in as them."""
        user = self.model(username=self.model.normalize_username(username), email=self.normalize_email(email))
        user.set_password(password)
        user.save(using=self._db)
        GivenRole.objects.bulk_create(GivenRole(user=user, role=role.value) for role in set(roles))
        return user

    def create_superuser(self, username: str, email: str, password: str | None) -> "User":
        """A user with the role admin."""
        return self.create_user(username, email, password, [Role.ADMIN])


class User(AbstractBaseUser):
    """A person who logs in."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    username = models.CharField(max_length=150, unique=True, validators=[UnicodeUsernameValidator()])
    email = models.EmailField(unique=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ("email",)

    class Meta:
        ordering = ("username",)

    @property
    def roles(self) -> list[Role]:
        """In the order of the table of roles."""
        given = {each.role for each in self.given_roles.all()}
        return [role for role in Role if role.value in given]


class GivenRole(models.Model):
    """A row for each role of a user, so that two changes at once are two changes."""

    user = models.ForeignKey(User, models.CASCADE, related_name="given_roles")
    role = models.CharField(max_length=20, choices=_ROLES)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "role"], name="role_given_once")]  # noqa: RUF012


class ApiClient(AbstractApplication):
    """
    A program that asks for access tokens.

    One that runs at its user's (the single-page application) is public, has no secret, and gets what its user may do;
    one that runs on a server has a secret, asks in its own name, and gets what its own roles allow.
    """

    own_roles: Any = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ("name", "client_id")

    @property
    def roles(self) -> list[Role]:
        """In the order of the table of roles."""
        return [role for role in Role if role.value in self.own_roles]


class RevokedToken(models.Model):
    """An access token that was called back before its end."""

    hash = models.CharField(max_length=64, primary_key=True)
    """SHA-256 of the token, hexadecimal"""
    ends_at = models.DateTimeField(db_index=True)
    """from then on it is good for nothing anyway"""
