"""
The Celery app of one service: RabbitMQ as broker, no result backend, nothing lost when a worker dies.

Tasks are private to their service: each carries a token the service signed itself, checked before the task runs.
"""

import logging
import ssl
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal

import celery
import structlog
from celery import signals
from celery.exceptions import Reject, Retry
from kombu import Exchange, Queue

from workers.chassis import broker, logs, metrics, tracing
from workers.chassis.broker import Names
from workers.chassis.env import Env
from workers.chassis.identity import TOKEN_HEADER, Identity, UnknownService, public_keys, verify

REQUEST_ID_HEADER = "request-id"
_USE = "TASKS"
"""of the broker"""
DUE_HEADER = "due"
"""seconds since 1970 at which a task may begin"""
_TOKEN_SECONDS = 7 * 24 * 60 * 60
"""a task may wait as long as its worker is away; the token says who sent it, not how late it is"""

log = structlog.get_logger("tasks")


class SignedTask(celery.Task):
    """A task that is signed when it is sent and checked before it runs."""

    abstract = True

    def apply_async(self, *args: Any, **kwargs: Any) -> Any:
        """Send the task with its token and the request id it belongs to."""
        service = self.app.main
        headers = dict(kwargs.pop("headers", None) or {})
        headers[TOKEN_HEADER] = Identity.from_environment(service).sign(
            service, lifetime=_TOKEN_SECONDS, subject=self.name
        )
        if request_id := logs.current_request_id():
            headers[REQUEST_ID_HEADER] = request_id
        headers[DUE_HEADER] = round(time.time() + float(kwargs.get("countdown") or 0), 3)
        with self._span("publish", "producer"):
            if traceparent := tracing.traceparent():
                headers[tracing.TRACEPARENT] = traceparent
            return super().apply_async(*args, headers=headers, **kwargs)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run it, when this service has sent it."""
        if self.request.called_directly or self.request.is_eager:
            return super().__call__(*args, **kwargs)
        headers: Mapping[str, Any] = self.request.headers or {}
        with (
            structlog.contextvars.bound_contextvars(
                task=self.name, task_id=self.request.id, request_id=headers.get(REQUEST_ID_HEADER)
            ),
            self._span("process", "consumer", headers.get(tracing.TRACEPARENT)),
        ):
            started, outcome = time.perf_counter(), "failed"
            waited: dict[str, float] = {}
            try:
                self._check_sender(headers.get(TOKEN_HEADER))
                if isinstance(due := headers.get(DUE_HEADER), int | float):
                    late = max(0.0, time.time() - due)
                    metrics.TASKS_WAITED.labels(self.name).observe(late)
                    waited = {"waited_ms": round(late * 1000, 1)}
                result = super().__call__(*args, **kwargs)
                outcome = "done"
            except Retry:
                outcome = "again"
                raise
            except Reject:
                outcome = "refused"
                raise
            finally:
                seconds = time.perf_counter() - started
                metrics.TASKS.labels(self.name, outcome).observe(seconds)
            log.info("task done", ms=round(seconds * 1000, 1), **waited)
            return result

    def _span(
        self, operation: str, kind: Literal["producer", "consumer"], parent: object = None
    ) -> AbstractContextManager[None]:
        return tracing.span(
            f"{operation} {self.name}",
            kind,
            parent,
            messaging__system="rabbitmq",
            messaging__operation__type="send" if kind == "producer" else "process",
            messaging__operation__name=operation,
            messaging__destination__name=self.name,
        )

    def _check_sender(self, token: object) -> None:
        service = self.app.main
        try:
            claims = verify(token, audience=service, issuer=service, public_keys=public_keys(service))
            if claims.get("sub") != self.name:
                raise UnknownService("the service token was signed for another task")
        except UnknownService as unknown:
            log.error("task refused", reason=str(unknown))
            # Rejected messages go to the dead letters with everything they carry.
            raise Reject(str(unknown), requeue=False) from unknown


def make_app(service: str, queues: Sequence[str], **settings: Any) -> celery.Celery:
    """
    The app of a service.

    :param queues: names of its queues; ``"matching"`` is ``{ns}.tasks.matching``. The first is the default.
    :param settings: further Celery settings, such as ``task_routes``
    """
    names = Names.of(service)
    exchange = Exchange(f"{names.namespace}.tasks", type="topic", durable=True)
    app = celery.Celery(service, task_cls=SignedTask, set_as_current=False)
    app.conf.update(
        broker_url=broker.url(service, _USE),
        broker_use_ssl=_tls(service),
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={"confirm_publish": True},
        broker_heartbeat=60,
        task_queues=[
            Queue(name, exchange, routing_key=name, queue_arguments=names.queue_arguments())
            for name in (task_queue(service, name) for name in queues)
        ],
        task_default_queue=task_queue(service, queues[0]),
        task_default_exchange=exchange.name,
        task_default_exchange_type="topic",
        # The whole name also as routing key: what waits for a later try goes through an exchange that all namespaces
        # of a broker share.
        task_default_routing_key=task_queue(service, queues[0]),
        task_default_queue_type="quorum",
        worker_detect_quorum_queues=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_acks_on_failure_or_timeout=True,
        task_ignore_result=True,
        result_backend=None,
        task_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=1,
        # Idempotent tasks: one that was running when the broker was lost may end, its repetition changes nothing.
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_enable_remote_control=False,
        # For Flower, where there is one: what becomes of each task, told on the exchange celeryev.
        worker_send_task_events=Env(service).flag("TASK_EVENTS"),
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        **settings,
    )
    signals.setup_logging.connect(lambda **_: _configure_logs(service), weak=False)
    signals.worker_init.connect(lambda **_: _declare(app, service), weak=False)
    signals.worker_init.connect(lambda **_: metrics.begin_at_zero(tasks=_own_tasks(app)), weak=False)
    # A child has threads of its own, those that send spans too, and ends without Python's own ending.
    signals.worker_process_init.connect(lambda **_: tracing.configure(f"{service}_worker"), weak=False)
    signals.worker_process_shutdown.connect(lambda **_: tracing.finish(), weak=False)
    # When it is ready its first children are there: none of them has the socket.
    signals.worker_ready.connect(lambda **_: metrics.serve(service), weak=False)
    return app


def _own_tasks(app: celery.Celery) -> list[str]:
    return [name for name in app.tasks if not name.startswith("celery.")]


def _tls(service: str) -> dict[str, Any] | None:
    if not broker.url(service, _USE).startswith("amqps"):
        return None
    # Without this key the name in the certificate would not be looked at; with it, it must be that of the URL.
    same_host = {"server_hostname": None}
    return {"cert_reqs": ssl.CERT_REQUIRED, "ca_certs": broker.ca_file(service), **same_host}


def _declare(app: celery.Celery, service: str) -> None:
    """All queues of the app, also those that this worker does not read: Celery binds them for later tries."""
    with app.connection_for_write() as connection:
        connection.ensure_connection(max_retries=None, interval_start=0.2, interval_max=5)
        with broker.connect(service, _USE) as own:
            broker.declare_dead_letters(own.channel(), Names.of(service))
        for queue in app.amqp.queues.values():
            queue(connection.default_channel).declare()


def _configure_logs(service: str) -> None:
    logs.configure(service)
    # Each task has its own line; these would say it twice more.
    for name in ("celery.worker.strategy", "celery.app.trace"):
        logging.getLogger(name).setLevel(logging.WARNING)


def task_queue(service: str, name: str) -> str:
    """The full name of a task queue."""
    return f"{Names.of(service).namespace}.tasks.{name}"
