"""
How a fact is written beside its state.

A fact is a CloudEvents 1.0 envelope. It is saved in the ``unsent`` list of the document whose change it tells
(``contracts/outbox.v1.json``); the relay publishes it and takes it out again.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

from subgraphs.chassis import tracing
from subgraphs.chassis.logs import current_request_id


def fact(
    type: str,
    *,
    source: str,
    subject: str,
    audience: Sequence[str],
    data: Mapping[str, Any],
    id: str | None = None,
    request_id: str | None = None,
) -> dict[str, Any]:
    """
    One fact, ready for the outbox.

    :param source: the service that tells it, such as ``/subscribers``
    :param audience: the services it is meant for; nobody else may act on it
    :param id: given where the same fact could be told twice (:func:`repeatable_id`), otherwise random
    :param request_id: the request it belongs to; by default the one being answered now
    """
    envelope = {
        "specversion": "1.0",
        "id": id or str(uuid4()),
        "type": type,
        "source": source,
        "subject": subject,
        "time": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "audience": list(audience),
        "data": dict(data),
    }
    if request_id := request_id or current_request_id():
        envelope["requestid"] = request_id
    if traceparent := tracing.traceparent():
        envelope[tracing.TRACEPARENT] = traceparent
    return envelope


def repeatable_id(type: str, subject: str, attempt: object = 1) -> str:
    """The same id for the same fact, however often it is told."""
    return str(uuid5(NAMESPACE_URL, f"doorstep:{type}:{subject}:{attempt}"))
