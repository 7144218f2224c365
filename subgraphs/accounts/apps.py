"""The Django application of the accounts service."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Its label is short: it names the tables."""

    name = "subgraphs.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Hear of tokens that are revoked."""
        from subgraphs.accounts import revoked_tokens

        revoked_tokens.watch()
