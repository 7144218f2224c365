"""
Live results: one process that holds sockets, and the federated subgraph that owns `type Subscription`.

Open ``live_results/schema.py`` for what can be watched, ``live_results/updates.py`` for how nothing is lost or
repeated on the way, and ``asgi.py`` for how a socket gets there.
"""
