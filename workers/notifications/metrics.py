"""What becomes of letters, for Prometheus."""

from prometheus_client import Counter

LETTERS = Counter(
    "letters",
    "Attempts to send a letter, by how they ended: sent, failed, unknown, again; given_up: it was again too often.",
    ["outcome"],
)

# An alert would miss the first that was lost, if it were not 0 before.
for _outcome in ("sent", "failed", "unknown", "again", "given_up"):
    LETTERS.labels(_outcome)
