"""The Django application of this service."""

from django.apps import AppConfig

from subgraphs.chassis_graphene.mongo import let_sorting_use_indexes


class DiscountsConfig(AppConfig):
    """Discounts."""

    name = "subgraphs.discounts"
    label = "discounts"
    verbose_name = "Discounts"
    default_auto_field = "django_mongodb_backend.fields.ObjectIdAutoField"

    def import_models(self) -> None:
        """Take the models from ``model.py``, where every service keeps them."""
        from subgraphs.discounts import model  # noqa: F401

        super().import_models()

    def ready(self) -> None:
        """Nothing of this service sorts all claims in memory."""
        let_sorting_use_indexes()
