"""
The background half of `suggestions`: thanks each reader, once, through plain RabbitMQ or through Celery.

``python -m workers.suggestions listen``
"""
