"""Use case: a person wants a letter sent again."""

from dataclasses import dataclass, field

from subgraphs.chassis_graphene.mongo import in_one_transaction
from subgraphs.notifications.facts import letter_requested
from subgraphs.notifications.model import Notification, Outbox, Status
from subgraphs.notifications.problems import Problem, ProblemCode

RESENDABLE = (Status.SENT.value, Status.FAILED.value, Status.UNKNOWN.value)


@dataclass(frozen=True)
class Outcome:
    """What became of a wish."""

    notification: Notification | None = None
    problems: list[Problem] = field(default_factory=list)


def resend_notification(id: str) -> Outcome:
    """
    Let the worker send the letter once more, under the same Message-ID.

    Asking twice before it is sent is asking once: the second finds it on its way.
    """

    def intend_again() -> bool:
        waiting = {"status": Status.INTENDED.value, "problem": None, "sent_at": None}
        if not Notification.objects.filter(pk=id, status__in=RESENDABLE).update(**waiting):
            return False
        Outbox(unsent=[letter_requested(id)]).save(force_insert=True)
        return True

    intended = in_one_transaction(intend_again)
    notification = Notification.objects.filter(pk=id).first()
    if notification is None:
        return Outcome(problems=[Problem(ProblemCode.NOT_FOUND, f"There is no letter {id[:100]!r}.", "id")])
    if not intended:
        message = f"The letter is {notification.status}; it can be sent again once its first way has ended."
        return Outcome(notification, [Problem(ProblemCode.NOT_SENT_YET, message, "id")])
    return Outcome(notification)
