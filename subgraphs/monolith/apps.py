"""The Django application of this service."""

from django.apps import AppConfig


class MonolithConfig(AppConfig):
    """Discounts."""

    name = "subgraphs.monolith"
    label = "monolith"
    verbose_name = "Discounts"
    default_auto_field = "django.db.models.BigAutoField"

    def import_models(self) -> None:
        """Take the models from ``model.py``, where every service keeps them."""
        from subgraphs.monolith import model  # noqa: F401

        super().import_models()

    def ready(self) -> None:
        """What changes calls back the pages that show it."""
        from subgraphs.monolith.kept import call_back_what_changes

        call_back_what_changes()
