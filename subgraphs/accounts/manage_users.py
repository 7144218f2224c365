"""Use cases: an admin creates users, disables them, gives and takes their roles."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from oauth2_provider.models import get_access_token_model, get_grant_model, get_refresh_token_model

from subgraphs.accounts.models import GivenRole, User
from subgraphs.accounts.revoked_tokens import revoke
from subgraphs.accounts.roles import Role
from subgraphs.chassis.text_fields import Refusal, refusal_of

_is_username = UnicodeUsernameValidator()
_NAME_LENGTH, _EMAIL_LENGTH, _PASSWORD_LENGTH = 150, 254, 200


@transaction.atomic
def create_user(username: str, email: str, password: str, roles: Iterable[Role]) -> User | list[Refusal]:
    """Make a user who can log in at once."""
    if refusals := list(_refusals(username, email, password)):
        return refusals
    try:
        with transaction.atomic():
            return User.objects.create_user(username, email, password, roles)
    except IntegrityError:
        # Somebody else took the name or the address since we looked.
        return list(_refusals(username, email, password))


@transaction.atomic
def disable_user(user_id: str) -> User | list[Refusal]:
    """Let a user in no more, and end all their tokens; repeating it changes nothing."""
    _lock_admins()
    user = _find(user_id)
    if user is None:
        return [_unknown()]
    if _is_last_admin(user):
        return [_last_admin()]
    user.is_active = False
    user.save(update_fields=["is_active"])
    for tokens in (get_refresh_token_model(), get_grant_model(), get_access_token_model()):
        tokens.objects.filter(user=user).delete()
    return user


@transaction.atomic
def enable_user(user_id: str) -> User | list[Refusal]:
    """Let a disabled user in again."""
    user = _find(user_id)
    if user is None:
        return [_unknown()]
    user.is_active = True
    user.save(update_fields=["is_active"])
    return user


@transaction.atomic
def give_role(user_id: str, role: Role) -> User | list[Refusal]:
    """Give a user a role; repeating it changes nothing."""
    user = _find(user_id)
    if user is None:
        return [_unknown()]
    GivenRole.objects.get_or_create(user=user, role=role.value)
    return User.objects.get(pk=user.pk)


@transaction.atomic
def take_role(user_id: str, role: Role) -> User | list[Refusal]:
    """Take a role from a user; their access tokens are called back, and what is refreshed allows less."""
    if role is Role.ADMIN:
        _lock_admins()
    user = _find(user_id)
    if user is None:
        return [_unknown()]
    if role is Role.ADMIN and _is_last_admin(user):
        return [_last_admin()]
    if GivenRole.objects.filter(user=user, role=role.value).delete()[0]:
        revoke(get_access_token_model().objects.filter(user=user))
    return User.objects.get(pk=user.pk)


def _refusals(username: str, email: str, password: str) -> Iterator[Refusal]:
    if refusal := refusal_of(username or None, "username", limit=_NAME_LENGTH, required=True):
        yield refusal
    else:
        try:
            _is_username(username)
        except ValidationError:
            message = "A user name holds letters, digits and @ . + - _ only. Choose another one."
            yield Refusal("username", "INVALID_USERNAME", message)
        if User.objects.filter(username=User.normalize_username(username)).exists():
            yield Refusal("username", "TAKEN", "Somebody has this user name. Choose another one.")
    if refusal := refusal_of(email or None, "email", limit=_EMAIL_LENGTH, required=True):
        yield refusal
    else:
        try:
            validate_email(email)
        except ValidationError:
            yield Refusal("email", "INVALID_EMAIL", "This is no e-mail address; one looks like ada@example.org.")
        if User.objects.filter(email__iexact=email).exists():
            yield Refusal("email", "TAKEN", "Somebody has this e-mail address. Use another one.")
    if refusal := refusal_of(password or None, "password", limit=_PASSWORD_LENGTH, required=True):
        yield refusal
    else:
        try:
            validate_password(password, User(username=username, email=email))
        except ValidationError as weak:
            yield Refusal("password", "WEAK_PASSWORD", " ".join(weak.messages))


def _find(user_id: str) -> User | None:
    try:
        return User.objects.select_for_update().filter(pk=UUID(user_id)).first()
    except ValueError:
        return None


def _lock_admins() -> None:
    """
    Let two admins who disable each other, or take each other's role, come one after the other.

    Before anybody's own row is locked, and in one order for all: otherwise each would wait for the other.
    """
    list(GivenRole.objects.select_for_update().filter(role=Role.ADMIN.value).order_by("pk"))


def _is_last_admin(user: User) -> bool:
    admins = GivenRole.objects.filter(role=Role.ADMIN.value, user__is_active=True)
    return [admin.user_id for admin in admins] == [user.pk]


def _unknown() -> Refusal:
    return Refusal("id", "UNKNOWN_USER", "No user has this id.")


def _last_admin() -> Refusal:
    message = "Nobody could manage accounts any more: this is the last active admin. Give somebody else the role first."
    return Refusal("id", "LAST_ADMIN", message)
