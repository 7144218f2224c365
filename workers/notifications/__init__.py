"""
The background half of `notifications`: letters to subscribers, one and never two.

``python -m workers.notifications listen``, and the Celery tasks of ``workers.notifications.tasks``.
"""
