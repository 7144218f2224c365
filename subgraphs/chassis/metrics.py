"""What every subgraph measures of itself: operations by their root field, requests by their status."""

from collections.abc import Sequence

from graphql import DocumentNode, FieldNode, GraphQLError, get_operation_ast
from prometheus_client import Counter, Histogram

from subgraphs.chassis.paging import WrongPage

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

OPERATIONS = Histogram(
    "subgraph_operation_seconds",
    "GraphQL operations, from their text to their result, by kind, root field (several: more than one) and how they "
    "ended. Refused: the caller can do something about its errors; failed: we can.",
    ["kind", "field", "outcome"],
    buckets=SECONDS,
)
REQUESTS = Counter("subgraph_http_requests", "Requests over HTTP that were answered, by status.", ["status"])


def operation_answered(
    document: DocumentNode | None, name: str | None, errors: Sequence[GraphQLError] | None, seconds: float
) -> None:
    """
    An operation is over.

    :param document: what was asked; ``None``: it could not even be read
    """
    outcome = _outcome(errors or ())
    kind, field = _asked(document, name, outcome)
    OPERATIONS.labels(kind, field, outcome).observe(seconds)


def _asked(document: DocumentNode | None, name: str | None, outcome: str) -> tuple[str, str]:
    operation = get_operation_ast(document, name) if document else None
    if operation is None:
        return "unknown", "unknown"
    kind = operation.operation.value
    selected = operation.selection_set.selections
    first = selected[0]
    if len(selected) > 1 or not isinstance(first, FieldNode):
        return kind, "several"
    # What is refused may name a field that the schema does not have: callers would make up our labels.
    return kind, "unknown" if outcome == "refused" else first.name.value


def _outcome(errors: Sequence[GraphQLError]) -> str:
    if not errors:
        return "ok"
    return "failed" if any(_is_ours(error) for error in errors) else "refused"


def _is_ours(error: GraphQLError) -> bool:
    cause = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause is not None and not isinstance(cause, WrongPage)
