"""Everything that happens in the background: Celery tasks and pika listeners."""
