"""The service's part of the graph: GraphQL in, what the broker and the services say out."""

from collections.abc import Awaitable
from datetime import datetime
from enum import Enum
from typing import Annotated, TypeVar

import strawberry
from django.conf import settings
from graphql import GraphQLError
from strawberry import ID

from subgraphs.chassis.threads import in_thread
from subgraphs.chassis_strawberry.guards import scoped
from subgraphs.chassis_strawberry.schema import subgraph_schema
from subgraphs.operations import dead_letters, health, management
from subgraphs.operations.kinds import kind_of
from subgraphs.operations.looking import waiting

T = TypeVar("T")
SCOPE = "operations"
field = strawberry.federation.field


@strawberry.enum(description="What a queue is for.")
class QueueKind(Enum):
    FACTS = strawberry.enum_value("FACTS", description="Facts for a listener.")
    TASKS = strawberry.enum_value("TASKS", description="Tasks for workers of Celery.")
    QUESTIONS = strawberry.enum_value("QUESTIONS", description="Questions that are answered at once.")
    LATER = strawberry.enum_value("LATER", description="Facts and tasks that wait for their next try.")
    DEAD_LETTERS = strawberry.enum_value("DEAD_LETTERS", description="What was set aside.")
    LOGS = strawberry.enum_value("LOGS", description="Lines of logs on their way.")
    OTHER = strawberry.enum_value("OTHER", description="Anything else.")


@strawberry.type(description="A queue of the broker.")
class Queue:
    name: str = strawberry.field(description="What the broker calls it.")
    vhost: str = strawberry.field(description="The broker's virtual host that it is in.")
    kind: QueueKind = strawberry.field(description="What it is for.")
    ready: int = strawberry.field(description="How many wait to be taken.")
    unacknowledged: int = strawberry.field(description="How many are taken and not done.")
    consumers: int = strawberry.field(description="How many read it.")
    published_per_second: float = strawberry.field(description="How many came each second lately.")
    delivered_per_second: float = strawberry.field(description="How many were taken each second lately.")
    waiting_seconds: float | None = strawberry.field(
        description="How long the first has waited, at most; null when nothing waits."
    )


@strawberry.type(description="Somebody who reads a queue: a listener, or a worker of Celery.")
class Worker:
    name: str = strawberry.field(description="What it calls its connection.")
    queue: str = strawberry.field(description="The queue it reads.")
    vhost: str = strawberry.field(description="The broker's virtual host of the queue.")
    prefetch: int = strawberry.field(description="How many it takes at a time.")
    unacknowledged: int = strawberry.field(description="How many it has taken and not done.")
    since: datetime | None = strawberry.field(description="Since when it is connected.")


@strawberry.type(description="A fact or a task that was set aside, because nobody could use it.")
class DeadLetter:
    id: ID = strawberry.field(description="Names it for as long as it is there.")
    type: str = strawberry.field(description="The type of the fact, or the name of the task.")
    reason: str = strawberry.field(description="Why it was set aside.")
    set_aside_by: str = strawberry.field(description="The listener, or the queue of tasks.")
    failed_at: datetime | None = strawberry.field(description="When; null when nobody wrote it down.")
    request_id: str | None = strawberry.field(description="The request that caused it.")
    body: str = strawberry.field(description="What it says, 4,000 characters of it at most.")

    @classmethod
    def of(cls, letter: dead_letters.DeadLetter) -> "DeadLetter":
        return cls(
            id=ID(letter.id),
            type=letter.type,
            reason=letter.reason,
            set_aside_by=letter.set_aside_by,
            failed_at=letter.failed_at,
            request_id=letter.request_id,
            body=letter.body,
        )


@strawberry.type(description="Something that a service needs.")
class HealthCheck:
    name: str = strawberry.field(description="What it needs.")
    is_ok: bool = strawberry.field(description="Whether it answers.")
    finding: str = strawberry.field(description="What was found.")


@strawberry.type(description="How a service is.")
class ServiceHealth:
    service: str = strawberry.field(description="Which one.")
    is_ready: bool = strawberry.field(description="Whether it says that it is ready.")
    milliseconds: float = strawberry.field(description="How long it took to say so.")
    checks: list[HealthCheck] = strawberry.field(description="What it found of what it needs.")
    problem: str | None = strawberry.field(description="Why nothing is known of it; null when it answered.")

    @classmethod
    def of(cls, found: health.Health) -> "ServiceHealth":
        checks = [HealthCheck(name=name, is_ok=said == "ok", finding=said) for name, said in found.checks.items()]
        return cls(
            service=found.service,
            is_ready=found.is_ready,
            milliseconds=found.milliseconds,
            checks=checks,
            problem=found.problem,
        )


@strawberry.type(description="A page for those who run the system, beside the graph.")
class OperationsConsole:
    name: str = strawberry.field(description="What it is called.")
    url: str = strawberry.field(description="Where it is.")


@strawberry.enum(description="Why nothing was done with a dead letter.")
class DeadLetterProblemCode(Enum):
    NOT_FOUND = strawberry.enum_value("NOT_FOUND", description="It is not there, or no longer.")
    NOT_TAKEN = strawberry.enum_value("NOT_TAKEN", description="The broker does not take it where it was set aside.")


@strawberry.type(description="Why nothing was done with a dead letter.")
class DeadLetterProblem:
    code: DeadLetterProblemCode = strawberry.field(description="For programs.")
    message: str = strawberry.field(description="For people.")


@strawberry.type(description="What became of a dead letter.")
class DeadLetterPayload:
    dead_letter: DeadLetter | None = strawberry.field(description="As it was; null when there are problems.")
    problems: list[DeadLetterProblem] = strawberry.field(description="Why nothing was done; empty when it was.")


@strawberry.type(description="What can be asked.")
class Query:
    @field(description="Every queue, the longest first.", **scoped(SCOPE))
    async def queues(self) -> list[Queue]:
        found = await _from_broker(management.queues())
        waiting.look(found)
        return [
            Queue(
                name=one.name,
                vhost=one.vhost,
                kind=QueueKind[kind_of(one.vhost, one.name)],
                ready=one.ready,
                unacknowledged=one.unacknowledged,
                consumers=one.consumers,
                published_per_second=one.published_per_second,
                delivered_per_second=one.delivered_per_second,
                waiting_seconds=waiting.seconds(one),
            )
            for one in sorted(found, key=lambda one: (-one.depth, one.vhost, one.name))
        ]

    @field(description="Everybody who reads a queue.", **scoped(SCOPE))
    async def workers(self) -> list[Worker]:
        found = await _from_broker(management.readers())
        return [
            Worker(
                name=one.connection,
                queue=one.queue,
                vhost=one.vhost,
                prefetch=one.prefetch,
                unacknowledged=one.unacknowledged,
                since=one.since,
            )
            for one in sorted(found, key=lambda one: (one.vhost, one.queue, one.connection))
        ]

    @field(description="What was set aside, the oldest first.", **scoped(SCOPE))
    async def dead_letters(
        self,
        first: Annotated[int, strawberry.argument(description="How many, 500 at most.")] = 100,
        set_aside_by: Annotated[
            str | None, strawberry.argument(description="Only by this listener, or queue of tasks.")
        ] = None,
    ) -> list[DeadLetter]:
        if not 1 <= first <= MOST:
            raise GraphQLError(f"first must be 1 to {MOST}", extensions={"code": "BAD_USER_INPUT"})
        found = await _from_broker(in_thread(dead_letters.read))
        chosen = [one for one in found if set_aside_by in (None, one.set_aside_by)]
        return [DeadLetter.of(one) for one in chosen[:first]]

    @field(description="How every service is, asked now.", **scoped(SCOPE))
    async def service_health(self) -> list[ServiceHealth]:
        return [ServiceHealth.of(one) for one in await health.health_of_all()]

    @field(description="Pages for those who run the system, beside the graph.", **scoped(SCOPE))
    async def operations_consoles(self) -> list[OperationsConsole]:
        return [OperationsConsole(name=name, url=url) for name, url in settings.CONSOLES.items()]


Id = Annotated[ID, strawberry.argument(description="The id of the dead letter.")]


@strawberry.type(description="What can be done.")
class Mutation:
    @field(description="Send a dead letter once more to who has set it aside.", **scoped(SCOPE))
    async def retry_dead_letter(self, id: Id) -> DeadLetterPayload:
        try:
            return _done(await _from_broker(in_thread(dead_letters.retry, str(id))))
        except dead_letters.NotRetried as problem:
            return _refused(DeadLetterProblemCode.NOT_TAKEN, f"It stays where it is: {problem}.")

    @field(description="Throw a dead letter away, for good.", **scoped(SCOPE))
    async def discard_dead_letter(self, id: Id) -> DeadLetterPayload:
        return _done(await _from_broker(in_thread(dead_letters.discard, str(id))))


schema = subgraph_schema(query=Query, mutation=Mutation, debug=lambda: settings.DEBUG)

MOST = 500


def _done(letter: dead_letters.DeadLetter | None) -> DeadLetterPayload:
    if letter is None:
        return _refused(DeadLetterProblemCode.NOT_FOUND, "There is no such dead letter, or no longer.")
    return DeadLetterPayload(dead_letter=DeadLetter.of(letter), problems=[])


def _refused(code: DeadLetterProblemCode, message: str) -> DeadLetterPayload:
    return DeadLetterPayload(dead_letter=None, problems=[DeadLetterProblem(code=code, message=message)])


async def _from_broker(asking: Awaitable[T]) -> T:
    try:
        return await asking
    except management.BrokerAway as away:
        raise GraphQLError(str(away), extensions={"code": "BROKER_UNAVAILABLE"}) from None
