"""What somebody types to claim a discount."""

from django import forms
from django.core.validators import RegexValidator

from subgraphs.chassis.text_fields import tidy
from subgraphs.monolith.claim_discount import TypedClaim
from subgraphs.monolith.model import NUMBER_LENGTH

_NUMBER = RegexValidator(r"^[A-Za-z0-9-]+\Z", "Use letters, digits and hyphens, as on the receipt.")


class ClaimForm(forms.Form):
    """Whose purchase, which one, and of what."""

    required_css_class = "required"
    customer = forms.CharField(
        label="Your e-mail address or customer number",
        max_length=320,
        widget=forms.TextInput(attrs={"autocomplete": "email"}),
    )
    purchase_number = forms.CharField(
        label="Purchase number", max_length=NUMBER_LENGTH, validators=[_NUMBER], help_text="On your receipt: P-2417."
    )
    article = forms.CharField(
        label="Article", max_length=NUMBER_LENGTH, validators=[_NUMBER], help_text="On your receipt: MUG-BLUE."
    )

    def typed(self) -> TypedClaim:
        """What was typed, tidied."""
        data = self.cleaned_data
        customer = tidy(data["customer"]) or ""
        return TypedClaim(customer, data["purchase_number"].upper(), data["article"].upper())
