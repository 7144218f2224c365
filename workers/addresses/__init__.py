"""
The background half of `addresses`: brings imported files into the register, and learns new addresses.

``python -m workers.addresses listen``, and the Celery tasks of ``workers.addresses.tasks``.
"""
