"""Use cases: an admin makes API clients, gives them a new secret, deletes them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from oauth2_provider.generators import generate_client_secret
from oauth2_provider.models import get_access_token_model

from subgraphs.accounts.models import ApiClient
from subgraphs.accounts.roles import Role
from subgraphs.chassis.text_fields import Refusal, refusal_of, tidy

_NAME_LENGTH = 100


@dataclass(frozen=True)
class WithSecret:
    """An API client and its secret, which is known at this moment alone: what is kept is a hash."""

    client: ApiClient
    secret: str | None
    """``None``: a public client has none"""


@transaction.atomic
def create_api_client(
    name: str, roles: Iterable[Role], redirect_uris: Sequence[str], allowed_origins: Sequence[str]
) -> WithSecret | list[Refusal]:
    """
    Make a client: one with a secret that asks in its own name, or, with ``redirect_uris``, a public one for users.

    Which it is follows from where it may send its users; a public one has no roles, since anybody can pretend to be it.
    """
    kept = tidy(name)
    if refusal := refusal_of(kept, "name", limit=_NAME_LENGTH, required=True):
        return [refusal]
    own_roles = sorted({role.value for role in roles})
    if redirect_uris and own_roles:
        message = "A client that users are sent back to acts for them, with their roles. Leave roles out."
        return [Refusal("roles", "ROLES_OF_PUBLIC_CLIENT", message)]
    if not redirect_uris and not own_roles:
        message = "Give the client roles, or redirectUris when it acts for users who log in."
        return [Refusal("roles", "BLANK", message)]
    secret = None if redirect_uris else generate_client_secret()
    client = ApiClient(
        name=kept,
        own_roles=own_roles,
        algorithm=ApiClient.RS256_ALGORITHM,
        client_secret=secret or "",
        redirect_uris=" ".join(redirect_uris),
        allowed_origins=" ".join(allowed_origins),
        **_kind(public=bool(redirect_uris)),
    )
    try:
        client.full_clean(exclude=["client_secret"])
    except ValidationError as wrong:
        return [Refusal("redirectUris", "INVALID_URI", " ".join(wrong.messages))]
    client.save()
    return WithSecret(client, secret)


@transaction.atomic
def rotate_api_client_secret(client_id: str) -> WithSecret | list[Refusal]:
    """Give a client another secret; the old one is no longer good."""
    client = _find(client_id)
    if client is None:
        return [_unknown()]
    if client.client_type == ApiClient.CLIENT_PUBLIC:
        return [Refusal("id", "NO_SECRET", "A public client has no secret.")]
    secret = generate_client_secret()
    client.client_secret = secret
    client.save()
    # Whoever knows the old secret may have tokens by it.
    get_access_token_model().objects.filter(application=client).delete()
    return WithSecret(client, secret)


@transaction.atomic
def delete_api_client(client_id: str) -> ApiClient | list[Refusal]:
    """Let a client get no more tokens, and end what it could refresh."""
    client = _find(client_id)
    if client is None:
        return [_unknown()]
    client.delete()
    return client


def _find(client_id: str) -> ApiClient | None:
    if "\0" in client_id:  # no id holds it, and PostgreSQL will not even look for it
        return None
    return ApiClient.objects.select_for_update().filter(client_id=client_id).first()


def _kind(*, public: bool) -> dict[str, Any]:
    if public:
        return {
            "client_type": ApiClient.CLIENT_PUBLIC,
            "authorization_grant_type": ApiClient.GRANT_AUTHORIZATION_CODE,
        }
    return {
        "client_type": ApiClient.CLIENT_CONFIDENTIAL,
        "authorization_grant_type": ApiClient.GRANT_CLIENT_CREDENTIALS,
    }


def _unknown() -> Refusal:
    return Refusal("id", "UNKNOWN_API_CLIENT", "No API client has this id.")
