"""The tables of this service; and, where a system under development asks for it, accounts to try it with."""

from collections.abc import Mapping
from typing import Any

from django.core.management import call_command
from django.db import transaction
from oauth2_provider.models import clear_expired

from subgraphs.accounts.models import ApiClient, User
from subgraphs.accounts.revoked_tokens import forget_ended
from subgraphs.accounts.roles import Role
from subgraphs.chassis.env import Env


def prepare() -> None:
    """Run the migrations and forget tokens that have ended; harmless to repeat."""
    call_command("migrate", interactive=False, verbosity=0)
    clear_expired()
    forget_ended()
    if wanted := Env("ACCOUNTS").json("DEVELOPMENT", "{}"):
        make_development_accounts(wanted)


@transaction.atomic
def make_development_accounts(wanted: Mapping[str, Any]) -> None:
    """
    A user and an API client for each role, and a public client for a single-page application.

    :param wanted: ``passwords`` and ``secrets`` by role, and ``redirect_uris`` of the single-page application
    """
    for role in Role:
        _user(role, wanted["passwords"][role.value])
        _client(
            f"development-{role.value}",
            client_type=ApiClient.CLIENT_CONFIDENTIAL,
            authorization_grant_type=ApiClient.GRANT_CLIENT_CREDENTIALS,
            client_secret=wanted["secrets"][role.value],
            own_roles=[role.value],
        )
    _client(
        "development-spa",
        client_type=ApiClient.CLIENT_PUBLIC,
        authorization_grant_type=ApiClient.GRANT_AUTHORIZATION_CODE,
        client_secret="",
        redirect_uris=" ".join(wanted["redirect_uris"]),
        allowed_origins=" ".join(wanted["origins"]),
        skip_authorization=True,
    )


def _user(role: Role, password: str) -> None:
    user = User.objects.filter(username=role.value).first()
    if user is None:
        User.objects.create_user(role.value, f"{role.value}@example.org", password, [role])
    elif not user.check_password(password):
        user.set_password(password)
        user.save()


def _client(client_id: str, **values: Any) -> None:
    client = ApiClient.objects.filter(client_id=client_id).first() or ApiClient(client_id=client_id)
    for name, value in values.items():
        setattr(client, name, value)
    client.name, client.algorithm = client_id, ApiClient.RS256_ALGORITHM
    client.save()
