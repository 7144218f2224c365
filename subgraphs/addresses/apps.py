"""The Django applications of this service; those of Django itself get keys that MongoDB knows."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.contrib.auth.apps import AuthConfig
from django.contrib.contenttypes.apps import ContentTypesConfig

from subgraphs.chassis_graphene.mongo import let_sorting_use_indexes

OBJECT_ID = "django_mongodb_backend.fields.ObjectIdAutoField"


class MongoAdminConfig(AdminConfig):
    """Django's admin pages."""

    default_auto_field = OBJECT_ID


class MongoAuthConfig(AuthConfig):
    """Who may enter the admin pages."""

    default_auto_field = OBJECT_ID


class MongoContentTypesConfig(ContentTypesConfig):
    """What permissions are about."""

    default_auto_field = OBJECT_ID


class AddressesConfig(AppConfig):
    """The register."""

    name = "subgraphs.addresses"
    label = "addresses"
    verbose_name = "Register"
    default_auto_field = OBJECT_ID

    def import_models(self) -> None:
        """Take the models from ``model.py``, where every service keeps them."""
        from subgraphs.addresses import model  # noqa: F401

        super().import_models()

    def ready(self) -> None:
        """Nothing of this service sorts a million addresses in memory."""
        let_sorting_use_indexes()
