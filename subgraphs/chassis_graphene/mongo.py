"""Django models on MongoDB: sorting that uses indexes, transactions that come through."""

import re
import time
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from typing import Any, TypeVar

import pymongo
from django.db import DatabaseError, connection
from django.db.models import Lookup
from django_mongodb_backend import transaction
from django_mongodb_backend.fields import ArrayField
from django_mongodb_backend.query import MongoQuery
from django_mongodb_backend.query_utils import process_lhs
from pymongo.database import Database
from pymongo.errors import PyMongoError

Result = TypeVar("Result")

_ATTEMPTS = 8
_FIRST_PAUSE = 0.01


def own_database() -> Database[dict[str, Any]]:
    """The database of this service, by pymongo, for what models cannot say."""
    return connection.database


def ping() -> None:
    """Raise what is wrong when MongoDB does not answer within two seconds."""
    with pymongo.timeout(2):
        own_database().client.admin.command("ping")


def let_sorting_use_indexes() -> None:
    """
    Leave out the pipeline stage that copies each field onto itself before a ``$sort``.

    The backend writes ``{"$addFields": {"city": "$city"}}`` there. It changes nothing, but MongoDB no longer knows that
    an index has the order already, reads the whole collection and sorts it in memory.
    """
    original = MongoQuery.get_pipeline
    if getattr(original, "leaves_copies_out", False):
        return

    def get_pipeline(self: MongoQuery) -> list[dict[str, Any]]:
        return [stage for stage in original(self) if not _copies_only(stage)]

    get_pipeline.leaves_copies_out = True  # type: ignore[attr-defined]
    MongoQuery.get_pipeline = get_pipeline


@ArrayField.register_lookup
class SomeBegins(Lookup):
    """``words__some_begins="ru"``: some item of the list begins with this text; an index on the list serves it."""

    lookup_name = "some_begins"
    prepare_rhs = False

    def as_mql(self, compiler: Any, connection: Any, as_expr: bool = False) -> dict[str, Any]:  # noqa: ARG002
        """The condition as MongoDB writes it."""
        return {process_lhs(self, compiler, connection): {"$regex": f"^{re.escape(self.rhs)}"}}


def in_one_transaction(work: Callable[[], Result]) -> Result:
    """
    Do several writes so that all of them land or none does.

    Two transactions that touch the same document do not wait for one another on MongoDB: the second is told to start
    again, and does, after a pause that grows. So ``work`` may be called more than once.
    """
    for attempt in range(_ATTEMPTS):
        try:
            with transaction.atomic():
                result = work()
        except (DatabaseError, PyMongoError) as problem:
            if _has_label(problem, "UnknownTransactionCommitResult") and _committed_after_all():
                return result
            if attempt == _ATTEMPTS - 1 or not _has_label(problem, "TransientTransactionError"):
                raise
        else:
            return result
        finally:
            _end_session()
        time.sleep(_FIRST_PAUSE * 2**attempt)
    raise AssertionError("the last attempt returns or raises")


def _committed_after_all() -> bool:
    """Ask again for a commit whose answer was lost: MongoDB does it once, however often it is asked."""
    for attempt in range(_ATTEMPTS):
        try:
            connection.session.commit_transaction()
        except PyMongoError as problem:
            if not _has_label(problem, "UnknownTransactionCommitResult"):
                return False
            time.sleep(_FIRST_PAUSE * 2**attempt)
        else:
            return True
    return False


def _end_session() -> None:
    """Leave no session behind: with one that is over, the backend would write outside of any transaction."""
    if connection.session is not None:
        with suppress(PyMongoError):
            connection.session.end_session()
        connection.session = None
        connection.run_on_commit = []


def choices(values: type[StrEnum]) -> list[tuple[str, str]]:
    """The values of an enum as Django's fields and filters take them."""
    return [(value.value, value.value.replace("_", " ").capitalize()) for value in values]


def _copies_only(stage: dict[str, Any]) -> bool:
    fields = stage.get("$addFields") or {}
    return bool(fields) and all(value == f"${name}" for name, value in fields.items())


def _has_label(problem: BaseException, label: str) -> bool:
    cause: BaseException | None = problem
    while cause is not None:
        if isinstance(cause, PyMongoError) and cause.has_error_label(label):
            return True
        cause = cause.__cause__
    return False
