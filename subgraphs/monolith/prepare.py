"""``python -m subgraphs.monolith prepare``: the tables, and what there is to try out where that is wanted."""

from django.conf import settings
from django.core.management import call_command

from subgraphs.monolith.seed import seed


def prepare() -> None:
    """Make the database ready; harmless to repeat."""
    call_command("migrate", interactive=False, verbosity=0)
    if settings.DEMO_DATA:
        seed()
