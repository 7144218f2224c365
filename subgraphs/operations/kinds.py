"""What a queue is for, by its name: how they are called is written in ``workers/chassis/broker.py``."""

import re

from django.conf import settings


def kind_of(vhost: str, queue: str) -> str:
    """One of FACTS, TASKS, QUESTIONS, LATER, DEAD_LETTERS, LOGS, OTHER."""
    namespace = settings.NAMESPACE
    name = queue.removeprefix(f"{namespace}.")
    if name == "dead_letters":
        return "DEAD_LETTERS"
    if queue.startswith("celery_delayed") or re.search(r"\.(again|retry)\.\d+$", name):
        return "LATER"
    if vhost.startswith(f"{namespace}.tasks.") or name.startswith("tasks."):
        return "TASKS"
    if name == "search":
        return "QUESTIONS"
    if name.startswith("logs"):
        return "LOGS"
    return "FACTS" if queue != name and "." not in name else "OTHER"
