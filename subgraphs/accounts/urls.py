"""Where the service answers: ``/graphql``, ``/login/``, the endpoints of OAuth below ``/o/``, ``/live``, ``/ready``."""

from django.db import connection
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider import views

from subgraphs.accounts.login_limits import Login
from subgraphs.accounts.revoked_tokens import revoked_tokens
from subgraphs.accounts.schema import schema
from subgraphs.chassis.health import health_urls
from subgraphs.chassis_strawberry.view import SubgraphView

oauth = [
    path(
        ".well-known/openid-configuration", views.ConnectDiscoveryInfoView.as_view(), name="oidc-connect-discovery-info"
    ),
    path(
        ".well-known/oauth-authorization-server", views.OAuthServerMetadataView.as_view(), name="oauth-server-metadata"
    ),
    path(".well-known/jwks.json", views.JwksInfoView.as_view(), name="jwks-info"),
    path("authorize/", views.AuthorizationView.as_view(), name="authorize"),
    path("token/", views.TokenView.as_view(), name="token"),
    path("revoke_token/", views.RevokeTokenView.as_view(), name="revoke-token"),
    path("revoked_tokens/", revoked_tokens, name="revoked-tokens"),
    path("introspect/", views.IntrospectTokenView.as_view(), name="introspect"),
    path("userinfo/", views.UserInfoView.as_view(), name="user-info"),
]


def _ask_database() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM accounts_user LIMIT 1")
    finally:
        connection.close()


urlpatterns = [
    # The gateway's token is what keeps others away; there is no cookie that could be abused.
    path("graphql", csrf_exempt(SubgraphView.as_view(schema=schema))),
    path("login/", Login.as_view(), name="login"),
    path("o/", include((oauth, "oauth2_provider"))),
    *health_urls({"database": _ask_database}),
]
