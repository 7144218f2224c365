"""Customers and purchases for trying out: one for each rule."""

from datetime import timedelta

from django.utils import timezone

from subgraphs.monolith.model import Customer, Purchase

CUSTOMERS = (
    ("C-1001", "Ada Lovelace", "ada@example.org", 1200),
    ("C-1002", "Grace Hopper", "grace@example.org", 90),
    ("C-1003", "Zoë Müller", "zoe@example.org", 800),
)
"""number, name, e-mail address, a customer for so many days"""

PURCHASES = (
    ("P-2001", "C-1001", "MUG-BLUE", 24_90, 3),
    ("P-2002", "C-1001", "ARMCHAIR", 890_00, 10),
    ("P-2003", "C-1001", "POSTCARD", 2_50, 1),
    ("P-2004", "C-1002", "LAMP", 120_00, 5),
    ("P-2005", "C-1002", "RUG", 75_00, 45),
    ("P-2006", "C-1003", "SHELF", 99_00, 30),
)
"""number, customer, article, cents, so many days ago"""


def seed() -> None:
    """Add those that are missing; what is there stays as it is."""
    today = timezone.now().date()
    for number, name, email, days in CUSTOMERS:
        values = {"name": name, "email": email, "since": today - timedelta(days=days)}
        Customer.objects.get_or_create(number=number, defaults=values)
    for number, customer, article, cents, days in PURCHASES:
        values = {
            "customer_id": customer,
            "article": article,
            "amount_cents": cents,
            "bought_on": today - timedelta(days=days),
        }
        Purchase.objects.get_or_create(number=number, defaults=values)
