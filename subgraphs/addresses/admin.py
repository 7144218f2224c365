"""Django's admin pages over the register; they change it by the same use cases as the graph does."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from subgraphs.addresses.create_address import TEXTS, Outcome, create_address
from subgraphs.addresses.model import Address, AddressImport, AddressStatus
from subgraphs.addresses.remove_address import remove_address
from subgraphs.addresses.search_text import tokens
from subgraphs.addresses.suggest_addresses import every_word_begins
from subgraphs.addresses.update_address import update_address

_ATTRIBUTES = {in_the_graph: attribute for attribute, in_the_graph in TEXTS.items()}

admin.site.site_header = "Doorstep"
admin.site.site_title = "Doorstep"
admin.site.index_title = "The register"


class AddressForm(forms.ModelForm):
    """
    An address as a person edits it.

    Validating it does the change: only the use case knows whether it can be done, and the form is where reasons belong.
    """

    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Address
        fields = ("source", "reference", *TEXTS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "seen_version" in self.fields:
            self.fields["seen_version"].initial = self.instance.version

    @property
    def is_new(self) -> bool:
        """Whether the form adds an address."""
        return self.instance._state.adding

    def clean(self) -> dict[str, Any]:
        """Do the change, or say why not."""
        values = super().clean() or {}
        if not self.errors:
            outcome = self._outcome(values)
            for problem in outcome.problems:
                field = _ATTRIBUTES.get(problem.field or "", problem.field)
                self.add_error(field if field in self.fields else None, ValidationError(problem.message))
            if outcome.address and not outcome.problems:
                self.done = outcome.address
        return values

    def _outcome(self, values: Mapping[str, Any]) -> Outcome:
        texts = {name: values[name] for name in TEXTS if name in values}
        if self.is_new:
            return create_address(texts, source=values.get("source"), reference=values.get("reference"))
        return update_address(self.instance.pk, texts, version=values.get("seen_version") or 0)

    def _post_clean(self) -> None:
        """Show the address as the use case left it; the form itself must not write anything into it."""
        if hasattr(self, "done"):
            self.instance = self.done

    def save(self, commit: bool = True) -> Address:  # noqa: ARG002
        """What was saved already."""
        self.save_m2m = lambda: None
        return self.done


@admin.register(Address)
class AddressAdmin(admin.ModelAdmin):
    """The register."""

    form = AddressForm
    list_display = ("address", "postal_code", "city", "country", "name", "source", "status", "updated_at")
    list_filter = ("status",)
    search_fields = ("address",)
    search_help_text = "Words, or how they begin."
    list_per_page = 50
    # Counting and sorting a million addresses for every page would take longer than looking at it.
    show_full_result_count = False
    sortable_by = ("city", "postal_code", "updated_at")
    readonly_fields = ("id", "status", "merged_into", "version", "created_at", "updated_at")
    actions = ("take_out_of_use",)
    fields = (("source", "reference"), *TEXTS)

    def get_fields(self, request: HttpRequest, obj: Address | None = None) -> Any:  # noqa: ARG002
        """What the service keeps itself is shown once there is something to show."""
        if obj is None:
            return self.fields
        seen = ("seen_version",) if obj.status == AddressStatus.ACTIVE else ()
        return (*self.fields, *seen, ("status", "merged_into"), ("version", "created_at", "updated_at"))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """
        Show or take the form without Django's own transaction around it.

        That one means nothing on MongoDB and would not let the real one, of the use case, end.
        """
        return self._changeform_view(request, object_id, form_url, extra_context)

    def get_readonly_fields(self, request: HttpRequest, obj: Address | None = None) -> Any:  # noqa: ARG002
        """The id of an address is made of its source and reference, so they stay."""
        return ("source", "reference", *self.readonly_fields) if obj else self.readonly_fields

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002
        queryset: QuerySet[Address],
        search_term: str,
    ) -> tuple[QuerySet[Address], bool]:
        """By the words of the address, which are indexed."""
        return every_word_begins(queryset, tokens(search_term)), False

    def save_model(self, request: HttpRequest, obj: Address, form: Any, change: bool) -> None:
        """The form has done it, with the fact that tells it."""

    def has_change_permission(self, request: HttpRequest, obj: Address | None = None) -> bool:
        """What is merged or removed can only be looked at."""
        return super().has_change_permission(request, obj) and (obj is None or obj.status == AddressStatus.ACTIVE)

    def has_delete_permission(self, request: HttpRequest, obj: Address | None = None) -> bool:  # noqa: ARG002
        """Nothing is ever deleted; it is taken out of use."""
        return False

    @admin.action(description="Take the selected addresses out of use", permissions=["change"])
    def take_out_of_use(self, request: HttpRequest, queryset: QuerySet[Address]) -> None:
        """Remove them one by one, as the graph would."""
        for address in queryset:
            outcome = remove_address(address.pk)
            for problem in outcome.problems:
                self.message_user(request, problem.message, messages.WARNING)
            if outcome.address and not outcome.problems:
                self.log_change(request, outcome.address, "taken out of use")


@admin.register(AddressImport)
class AddressImportAdmin(admin.ModelAdmin):
    """What was brought into the register, to look at."""

    list_display = ("created_at", "file_name", "source", "status", "total", "done", "rejected", "finished_at")
    ordering = ("-created_at",)
    show_full_result_count = False
    exclude = ("unsent", "finished_chunks")

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Imports begin in the graph."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """The worker counts them."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """They say where addresses came from."""
        return False
