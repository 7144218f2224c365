"""
The background half of `matching`: address.submitted → match → address.matched.

``python -m workers.matching listen | search | match | evaluate``, and the Celery tasks of ``workers.matching.tasks``.
"""
