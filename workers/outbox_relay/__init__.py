"""
Any outbox → RabbitMQ: publishes the facts that documents carry in ``unsent``, then takes them out.

``python -m workers.outbox_relay``; one thread per service database, woken by a MongoDB change stream.
"""
