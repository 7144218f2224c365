"""The service's part of the graph: GraphQL in, use cases out."""

from collections.abc import Callable
from typing import Annotated, Any

import strawberry
from asgiref.sync import sync_to_async
from django.conf import settings
from strawberry import ID, Info

from subgraphs.accounts import models, roles
from subgraphs.accounts.account_types import (
    ApiClient,
    ApiClientConnection,
    Problem,
    Role,
    User,
    UserConnection,
    find_user,
)
from subgraphs.accounts.manage_api_clients import create_api_client, delete_api_client, rotate_api_client_secret
from subgraphs.accounts.manage_users import create_user, disable_user, enable_user, give_role, take_role
from subgraphs.chassis.paging import page_size, position_at
from subgraphs.chassis_strawberry.guards import caller_of, known, scoped
from subgraphs.chassis_strawberry.pages import After, First
from subgraphs.chassis_strawberry.schema import subgraph_schema

field, mutation = strawberry.federation.field, strawberry.federation.mutation

READ, WRITE = "accounts:read", "accounts:write"

UserId = Annotated[ID, strawberry.argument(description="The user's id.")]
ApiClientId = Annotated[ID, strawberry.argument(description="The client's id.")]
GivenRole = Annotated[Role, strawberry.argument(description="The role.")]


@strawberry.input(description="Somebody who shall be able to log in.")
class CreateUserInput:
    username: str = strawberry.field(description="What they log in with; letters, digits and @ . + - _ only.")
    email: str = strawberry.field(description="Their e-mail address.")
    password: str = strawberry.field(description="12 characters at least, and hard to guess.")
    roles: list[Role] = strawberry.field(default_factory=list, description="What they do.")


@strawberry.input(description="A program that shall get access tokens.")
class CreateApiClientInput:
    name: str = strawberry.field(description="What people call it; 100 characters at most.")
    roles: list[Role] = strawberry.field(
        default_factory=list, description="What it does in its own name (client credentials)."
    )
    redirect_uris: list[str] = strawberry.field(
        default_factory=list, description="Where users are sent back to: makes it a public client (code with PKCE)."
    )
    allowed_origins: list[str] = strawberry.field(
        default_factory=list, description="Of which pages may ask for tokens from a browser."
    )


@strawberry.type(description="What became of something done with a user.")
class UserPayload:
    user: User | None = strawberry.field(description="The user; null when there are problems.")
    problems: list[Problem] = strawberry.field(description="Why it was refused; empty when it was not.")


@strawberry.type(description="What became of something done with an API client.")
class ApiClientPayload:
    api_client: ApiClient | None = strawberry.field(description="The client; null when there are problems.")
    secret: str | None = strawberry.field(description="Its new secret. Keep it: it is shown this once.")
    problems: list[Problem] = strawberry.field(description="Why it was refused; empty when it was not.")


@strawberry.type(description="What can be asked.")
class Query:
    @field(description="Who is asking; null for an API client, which is no user.", **known())
    async def me(self, info: Info) -> User | None:
        return await find_user(caller_of(info).subject or "")

    @field(description="The users, by their names.", **scoped(READ))
    async def users(self, first: First = 20, after: After = None) -> UserConnection:
        size = page_size(first)
        beyond = position_at(after, str)[0] if after is not None else ""

        def found() -> UserConnection:
            users = models.User.objects.prefetch_related("given_roles").filter(username__gt=beyond)
            return UserConnection.of(list(users[: size + 1]), size, after)

        return await sync_to_async(found)()

    @field(description="The API clients, by their ids.", **scoped(READ))
    async def api_clients(self, first: First = 20, after: After = None) -> ApiClientConnection:
        size = page_size(first)
        beyond = position_at(after, str)[0] if after is not None else ""

        def found() -> ApiClientConnection:
            clients = models.ApiClient.objects.order_by("client_id").filter(client_id__gt=beyond)
            return ApiClientConnection.of(list(clients[: size + 1]), size, after)

        return await sync_to_async(found)()


@strawberry.type(description="What can be done.")
class Mutation:
    @mutation(description="Make a user who can log in at once.", **scoped(WRITE))
    async def create_user(
        self, input: Annotated[CreateUserInput, strawberry.argument(description="Who.")]
    ) -> UserPayload:
        return await _user(create_user, input.username, input.email, input.password, _roles(input.roles))

    @mutation(description="Let a user in no more; their tokens are revoked.", **scoped(WRITE))
    async def disable_user(self, id: UserId) -> UserPayload:
        return await _user(disable_user, id)

    @mutation(description="Let a disabled user in again.", **scoped(WRITE))
    async def enable_user(self, id: UserId) -> UserPayload:
        return await _user(enable_user, id)

    @mutation(description="Give a user a role.", **scoped(WRITE))
    async def give_role(self, id: UserId, role: GivenRole) -> UserPayload:
        return await _user(give_role, id, roles.Role(role.value))

    @mutation(description="Take a role from a user; their access tokens are revoked.", **scoped(WRITE))
    async def take_role(self, id: UserId, role: GivenRole) -> UserPayload:
        return await _user(take_role, id, roles.Role(role.value))

    @mutation(description="Make an API client.", **scoped(WRITE))
    async def create_api_client(
        self, input: Annotated[CreateApiClientInput, strawberry.argument(description="Which.")]
    ) -> ApiClientPayload:
        return await _client(
            create_api_client, input.name, _roles(input.roles), input.redirect_uris, input.allowed_origins
        )

    @mutation(
        description="Give a client another secret; the old one is no longer good, nor are tokens got by it.",
        **scoped(WRITE),
    )
    async def rotate_api_client_secret(self, id: ApiClientId) -> ApiClientPayload:
        return await _client(rotate_api_client_secret, id)

    @mutation(description="Delete a client; its tokens are revoked.", **scoped(WRITE))
    async def delete_api_client(self, id: ApiClientId) -> ApiClientPayload:
        return await _client(delete_api_client, id)


schema = subgraph_schema(query=Query, mutation=Mutation, types=[User], debug=lambda: settings.DEBUG)


async def _user(use_case: Callable[..., Any], *arguments: Any) -> UserPayload:
    def outcome() -> UserPayload:
        found = use_case(*arguments)
        if isinstance(found, list):
            return UserPayload(user=None, problems=Problem.from_refusals(found))
        return UserPayload(user=User.from_model(found), problems=[])

    return await sync_to_async(outcome)()


async def _client(use_case: Callable[..., Any], *arguments: Any) -> ApiClientPayload:
    def outcome() -> ApiClientPayload:
        found = use_case(*arguments)
        if isinstance(found, list):
            return ApiClientPayload(api_client=None, secret=None, problems=Problem.from_refusals(found))
        client, secret = (found, None) if isinstance(found, models.ApiClient) else (found.client, found.secret)
        return ApiClientPayload(api_client=ApiClient.from_model(client), secret=secret, problems=[])

    return await sync_to_async(outcome)()


def _roles(given: list[Role]) -> list[roles.Role]:
    return [roles.Role(role.value) for role in given]
