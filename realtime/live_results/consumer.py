"""The socket of the gateway: strawberry speaks graphql-transport-ws, Channels carries it."""

from typing import Any

from django.conf import settings
from strawberry.channels import GraphQLWSConsumer
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from realtime.live_results.schema import schema


class LiveResults(GraphQLWSConsumer):  # type: ignore[type-arg]
    """One socket that carries any number of live subscriptions."""

    # Watchers are woken by topic (see `wake_ups`); a channel for each socket would only cost a Redis subscription.
    channel_layer_alias = "no layer of its own"


def live_results_application() -> Any:
    """The ASGI application that makes a consumer for each socket."""
    return LiveResults.as_asgi(
        schema=schema,
        subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
        max_subscriptions_per_connection=settings.SUBSCRIPTIONS_PER_SOCKET,
    )
