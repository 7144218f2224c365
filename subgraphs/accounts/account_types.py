"""The types of this service's part of the graph."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from uuid import UUID

import strawberry
from asgiref.sync import sync_to_async
from strawberry import ID, Info

from subgraphs.accounts import models, roles
from subgraphs.chassis.paging import cursor_at
from subgraphs.chassis.text_fields import Refusal
from subgraphs.chassis_strawberry.guards import caller_of
from subgraphs.chassis_strawberry.pages import Page, PageInfo

federation = strawberry.federation
_value = strawberry.enum_value


@strawberry.enum(description="What somebody does with Doorstep; each role gives scopes.")
class Role(Enum):
    SUBSCRIBER = _value("subscriber", description="Sees and changes their own subscriptions.")
    REVIEWER = _value("reviewer", description="Decides what the engine is not sure of.")
    OPERATOR = _value("operator", description="Cleans files, keeps the register, watches the system.")
    ADMIN = _value("admin", description="Manages users and API clients.")


@strawberry.enum(description="Why an input is refused.")
class ProblemCode(Enum):
    BLANK = _value("BLANK", description="A required field is empty.")
    TOO_LONG = _value("TOO_LONG", description="A field has more characters than allowed.")
    INVALID_CHARACTERS = _value("INVALID_CHARACTERS", description="A field holds what is no text.")
    INVALID_USERNAME = _value("INVALID_USERNAME", description="A user name holds what it must not.")
    INVALID_EMAIL = _value("INVALID_EMAIL", description="Not an e-mail address.")
    INVALID_URI = _value("INVALID_URI", description="Not an address that users can be sent back to.")
    TAKEN = _value("TAKEN", description="Somebody else has it.")
    WEAK_PASSWORD = _value("WEAK_PASSWORD", description="The password is easily guessed.")
    LAST_ADMIN = _value("LAST_ADMIN", description="Nobody could manage accounts any more.")
    NO_SECRET = _value("NO_SECRET", description="A public client has no secret.")
    ROLES_OF_PUBLIC_CLIENT = _value("ROLES_OF_PUBLIC_CLIENT", description="A public client has its users' roles.")
    UNKNOWN_USER = _value("UNKNOWN_USER", description="No user has this id.")
    UNKNOWN_API_CLIENT = _value("UNKNOWN_API_CLIENT", description="No API client has this id.")


@federation.type(shareable=True, description="Something the client can put right.")
class Problem:
    field: str | None = strawberry.field(description="Path of the field in the input; null when it is no single one.")
    code: ProblemCode = strawberry.field(description="What is wrong, for programs.")
    message: str = strawberry.field(description="What is wrong and what to do, for people.")

    @classmethod
    def from_refusals(cls, refusals: Sequence[Refusal]) -> list["Problem"]:
        return [cls(field=each.field, code=ProblemCode(each.code), message=each.message) for each in refusals]


@federation.type(keys=["id"], authenticated=True, description="A person who logs in.")
class User:
    id: ID = strawberry.field(description="Opaque and stable; the subject of their tokens.")
    username: str = strawberry.field(description="What they log in with.")
    email: str = strawberry.field(description="Their e-mail address.")
    roles: list[Role] = strawberry.field(description="What they do.")
    is_active: bool = strawberry.field(description="Whether they may log in.")
    created_at: datetime = strawberry.field(description="Since when there is this account.")

    @classmethod
    def from_model(cls, user: models.User) -> "User":
        return cls(
            id=ID(str(user.pk)),
            username=user.username,
            email=user.email,
            roles=_roles(user.roles),
            is_active=user.is_active,
            created_at=user.created_at,
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: ID) -> "User | None":
        caller = caller_of(info)
        if id != caller.subject and "accounts:read" not in caller.scopes:
            return None
        return await find_user(id)


async def find_user(id: str) -> User | None:
    """A user by their id, whoever asks."""

    def found() -> User | None:
        try:
            user = models.User.objects.prefetch_related("given_roles").filter(pk=UUID(id)).first()
        except ValueError:
            return None
        return User.from_model(user) if user else None

    return await sync_to_async(found)()


@federation.type(authenticated=True, description="A program that asks for access tokens.")
class ApiClient:
    id: ID = strawberry.field(description="Its client id, as OAuth calls it.")
    name: str = strawberry.field(description="What people call it.")
    is_public: bool = strawberry.field(description="Whether it runs at its users' and has no secret.")
    roles: list[Role] = strawberry.field(description="Its own roles; a public one has those of its users instead.")
    redirect_uris: list[str] = strawberry.field(description="Where users may be sent back to after the login.")
    created_at: datetime = strawberry.field(description="Since when there is this client.")

    @classmethod
    def from_model(cls, client: models.ApiClient) -> "ApiClient":
        return cls(
            id=ID(client.client_id),
            name=client.name,
            is_public=client.client_type == models.ApiClient.CLIENT_PUBLIC,
            roles=_roles(client.roles),
            redirect_uris=client.redirect_uris.split(),
            created_at=client.created,
        )


@strawberry.type(description="A page of users, by their names.")
class UserConnection:
    nodes: list[User] = strawberry.field(description="The users.")
    page_info: PageInfo = strawberry.field(description="Where this page lies in the list.")

    @classmethod
    def of(cls, found: Sequence[models.User], size: int, after: str | None) -> "UserConnection":
        page = Page.of(found, size, after, lambda user: cursor_at(user.username))
        return cls(nodes=[User.from_model(user) for user in page.nodes], page_info=page.info)


@strawberry.type(description="A page of API clients, by their ids.")
class ApiClientConnection:
    nodes: list[ApiClient] = strawberry.field(description="The clients.")
    page_info: PageInfo = strawberry.field(description="Where this page lies in the list.")

    @classmethod
    def of(cls, found: Sequence[models.ApiClient], size: int, after: str | None) -> "ApiClientConnection":
        page = Page.of(found, size, after, lambda client: cursor_at(client.client_id))
        return cls(nodes=[ApiClient.from_model(client) for client in page.nodes], page_info=page.info)


def _roles(given: Sequence[roles.Role]) -> list[Role]:
    return [Role(role.value) for role in given]
