"""The facts this worker tells."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from workers.chassis.facts import fact, repeatable_id

_WRONG = {
    "ERROR_RATE": "many errors",
    "LATENCY": "slow requests",
    "QUEUE_AGE": "facts that wait long",
    "SILENCE": "silence",
}


def alert_told(type: str, alert: Mapping[str, Any], letters_to: Sequence[str]) -> dict[str, Any]:
    """An alert was opened (`alert.opened.v1`) or cleared (`alert.cleared.v1`); whoever carries letters sends them."""
    return fact(
        type,
        source="/logs",
        subject=alert["_id"],
        audience=["notifications"],
        id=repeatable_id(type, alert["_id"]),
        data={"alert": _shown(alert), "letter": _letter(type, alert, letters_to)},
    )


def _shown(alert: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": alert["_id"],
        "status": alert["status"],
        "rule": alert["rule"],
        "service": alert["service"],
        "process": alert["process"],
        "text": alert["text"],
        "openedAt": _moment(alert["openedAt"]),
        "clearedAt": _moment(alert["clearedAt"]) if alert["clearedAt"] else None,
    }


def _letter(type: str, alert: Mapping[str, Any], letters_to: Sequence[str]) -> dict[str, Any]:
    what = f"{_WRONG[alert['rule']]} of {alert['service']}"
    since = f"It began at {_moment(alert['openedAt'])}."
    if type == "alert.opened.v1":
        subject, paragraphs = f"Alert: {what}", [f"Something is wrong with {alert['service']}: {alert['text']}.", since]
    else:
        ended = f"It ended at {_moment(alert['clearedAt'])}." if alert["clearedAt"] else "It has ended."
        subject = f"Cleared: {what}"
        paragraphs = [
            f"All is well with {alert['service']} again. What was wrong: {alert['text']}.",
            f"{since} {ended}",
        ]
    recipients = [
        {"letterId": str(uuid5(NAMESPACE_URL, f"doorstep:{alert['_id']}:{type}:{email}")), "name": None, "email": email}
        for email in letters_to
    ]
    return {"recipients": recipients, "subject": subject, "paragraphs": paragraphs}


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
