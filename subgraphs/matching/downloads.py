"""
What was found for a batch as CSV files, also while it is being matched.

Downloads are streamed, a thousand rows at a time. A link is signed and ends by itself: it is given to those who may ask
the graph for the batch, and whoever has it may read the files until then.
"""

import csv
import io
import json
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from subgraphs.chassis.clock import now
from subgraphs.chassis.threads import in_thread
from subgraphs.matching.batch_store import batch_store

Document = dict[str, Any]

_ROWS_AT_ONCE = 1_000
_SALT = "matching.downloads"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""what a spreadsheet may take for the beginning of a formula"""

_ADDRESS = ("name", "address", "postalCode", "city", "region", "country")
_ADDRESS_COLUMNS = ("name", "address", "postal_code", "city", "region", "country")
RESULT_COLUMNS = (
    "row",
    "query_id",
    *_ADDRESS_COLUMNS,
    "verdict",
    "score",
    "address_id",
    *(f"known_{name}" for name in _ADDRESS_COLUMNS),
    "evidence",
    "problem",
)
REJECTED_COLUMNS = ("row", "line", "reason")


def download_links(batch_id: str) -> tuple[str, str, datetime]:
    """Where the results and the rejected rows of a batch can be read, and until when."""
    folder = f"{settings.DOWNLOAD_URL.rstrip('/')}/downloads/{signing.dumps(batch_id, salt=_SALT)}"
    until = now() + timedelta(seconds=settings.DOWNLOAD_SECONDS)
    return f"{folder}/results.csv", f"{folder}/rejected_rows.csv", until


def download_urls() -> list[URLPattern]:
    """The paths of the files."""
    return [
        path("downloads/<str:token>/results.csv", _file("results", RESULT_COLUMNS, _result_lines)),
        path("downloads/<str:token>/rejected_rows.csv", _file("rejected", REJECTED_COLUMNS, _rejected_lines)),
    ]


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe makes it text."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


_Lines = Callable[[str, int], list[tuple[int, Sequence[object]]]]
"""batch id and row → the lines beyond that row, a page of them, each with the row it is of"""


def _file(name: str, columns: Sequence[str], lines: _Lines) -> Callable[..., Any]:
    @require_GET
    async def view(_: HttpRequest, token: str) -> HttpResponseBase:
        try:
            batch_id = signing.loads(token, salt=_SALT, max_age=settings.DOWNLOAD_SECONDS)
        except signing.SignatureExpired:
            return _refusal(410, "This link has ended. Ask the graph for matchBatch.download to get a new one.")
        except signing.BadSignature:
            return _refusal(403, "This is no link of ours. Ask the graph for matchBatch.download to get one.")
        batch = await in_thread(batch_store().get, batch_id)
        if batch is None:
            return _refusal(404, "The batch is not there any more.")
        response = StreamingHttpResponse(_text(batch_id, columns, lines), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = content_disposition_header(True, _file_name(batch, name))
        response["Cache-Control"] = "private, no-store"
        return response

    return view


def _refusal(status: int, message: str) -> HttpResponse:
    return HttpResponse(f"{message}\n", status=status, content_type="text/plain; charset=utf-8")


def _file_name(batch: Document, name: str) -> str:
    so_far = "" if batch["status"] == "FINISHED" or name == "rejected" else "-so-far"
    return f"{PurePath(batch['fileName']).stem or 'batch'}-{name}{so_far}.csv"


async def _text(batch_id: str, columns: Sequence[str], lines: _Lines) -> AsyncIterator[str]:
    yield _csv([columns])
    row = 0
    while page := await in_thread(lines, batch_id, row):
        row = page[-1][0]
        yield _csv(cells for _, cells in page)


def _csv(rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([harmless("" if cell is None else str(cell)) for cell in row] for row in rows)
    return text.getvalue()


def _result_lines(batch_id: str, after: int) -> list[tuple[int, Sequence[object]]]:
    found = batch_store().results_beyond(batch_id, after, _ROWS_AT_ONCE)
    known = batch_store().known_addresses([one["addressId"] for one in found if one["addressId"]])
    return [(one["row"], _result(one, known.get(one["addressId"], {}))) for one in found]


def _result(one: Document, known: Document) -> Sequence[object]:
    return (
        one["row"],
        one["queryId"],
        *(one["address"].get(field) for field in _ADDRESS),
        (one["verdict"] or "").lower(),
        one["score"],
        one["addressId"],
        *(known.get(field) for field in _ADDRESS),
        json.dumps(one["evidence"], ensure_ascii=False),
        one.get("problem"),
    )


def _rejected_lines(batch_id: str, after: int) -> list[tuple[int, Sequence[object]]]:
    found = batch_store().rejected_beyond(batch_id, after, _ROWS_AT_ONCE)
    return [(one["row"], (one["row"], one["line"], one["reason"])) for one in found]
