"""What any worker needs and no worker decides: settings, identity, facts, the broker, the loop, Celery, logs, metrics, MongoDB."""
