"""What matching measures beside what every worker does: verdicts, and questions over RabbitMQ."""

from prometheus_client import Counter, Histogram

VERDICTS = Counter(
    "matching_verdicts",
    "Addresses that were matched, by verdict (failed: there will be none) and by what they came in: one, or a batch.",
    ["verdict", "came_in"],
)
QUESTIONS = Histogram(
    "matching_question_seconds",
    "Questions over RabbitMQ, by kind and how they ended: answered, refused, failed.",
    ["kind", "outcome"],
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1),
)

# An alert would miss the first that failed, if it were not 0 before.
for _verdict in ("match", "review", "new", "failed"):
    for _way in ("one", "batch"):
        VERDICTS.labels(_verdict, _way)
