"""What these workers measure: lines that are kept and refused, and what is wrong with services."""

from prometheus_client import Counter, Gauge

ENTRIES = Counter("log_entries_kept", "Log lines that were kept.", ["service", "level"])
REFUSED = Counter("log_batches_refused", "Batches of log lines that nobody signed, or that make no sense.")
SHIPPED = Counter("log_batches_shipped", "Batches of log lines that were fetched from Redis and told on RabbitMQ.")
ALERTS = Gauge("alerts_open", "What is wrong with a service now.", ["rule", "service"])
CALLS = Counter("alert_webhook_calls", "Calls of the webhook, by whether it took them.", ["outcome"])
