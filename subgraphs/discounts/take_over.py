"""
What the monolith exports, taken over and compared: ``subgraphs/monolith/contracts/export.line.json`` is what a line holds.

Both may be done any number of times, also while the monolith goes on: an empty line says that this was all for now.
"""

import base64
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from typing import Any, TextIO

from bson.codec_options import CodecOptions
from pymongo import UpdateOne
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError

from subgraphs.chassis_graphene.mongo import own_database

Document = dict[str, Any]

_AT_ONCE = 500
_CURRENCY = "EUR"


def import_lines(lines: Iterable[str], out: TextIO) -> bool:
    """Write what each line says, whatever was there before; say what cannot be. Whether all of it could."""
    written: Counter[str] = Counter()
    refused = 0
    for kind, documents in _batches(lines):
        try:
            _collection(kind).bulk_write([_write(kind, document) for document in documents], ordered=False)
        except BulkWriteError as problem:
            for error in problem.details["writeErrors"]:
                refused += 1
                out.write(f"{kind} {documents[error['index']]['_id']}: not taken over, {error['errmsg'][:300]}\n")
        written[kind] += len(documents)
    out.write(f"{_counted(written)}; {refused} not taken over\n")
    return refused == 0


def compare_lines(lines: Iterable[str], out: TextIO) -> bool:
    """Say of each line where what is here differs, and whether nothing does."""
    looked_at: Counter[str] = Counter()
    different = 0
    for kind, documents in _batches(lines):
        here = {one["_id"]: one for one in _collection(kind).find({"_id": {"$in": [one["_id"] for one in documents]}})}
        for document in documents:
            looked_at[kind] += 1
            if differences := _differences(document, here.get(document["_id"])):
                different += 1
                out.write(f"{kind} {document['_id']}: {'; '.join(differences)}\n")
    out.write(f"{_counted(looked_at)}; {different} different\n")
    return different == 0


def _differences(there: Mapping[str, Any], here: Mapping[str, Any] | None) -> list[str]:
    if here is None:
        return ["is not here"]
    return [
        f"{name} is {_shown(here.get(name))}, in the monolith {_shown(value)}"
        for name, value in there.items()
        if here.get(name) != value
    ]


def _batches(lines: Iterable[str]) -> Iterator[tuple[str, list[Document]]]:
    """Documents of one kind, in the order of the lines."""
    kind, documents = "", list[Document]()
    for line in lines:
        said = json.loads(line) if line.strip() else {"kind": ""}
        if documents and (said["kind"] != kind or len(documents) == _AT_ONCE):
            yield kind, documents
            documents = []
        if kind := said["kind"]:
            documents.append(_DOCUMENTS[kind](said))
    if documents:
        yield kind, documents


def _customer(said: Mapping[str, Any]) -> Document:
    return {"_id": said["number"], "name": said["name"], "email": said["email"], "since": _day(said["since"])}


def _purchase(said: Mapping[str, Any]) -> Document:
    return {
        "_id": said["number"],
        "customerNumber": said["customerNumber"],
        "article": said["article"],
        "amountCents": said["amountCents"],
        "boughtOn": _day(said["boughtOn"]),
    }


def _claim(said: Mapping[str, Any]) -> Document:
    claimed_at, voucher = datetime.fromisoformat(said["claimedAt"]), said["voucher"]
    return {
        "_id": said["id"],
        "owner": None,
        "customer": said["customerNumber"],
        "purchaseNumber": said["purchaseNumber"],
        "article": said["article"],
        "status": said["status"],
        "refusal": said["refusal"],
        "claimedAt": claimed_at,
        "decidedAt": claimed_at,
        "voucher": voucher
        and {
            "code": voucher["code"],
            "percent": voucher["percent"],
            "amountCents": voucher["amountCents"],
            "currency": _CURRENCY,
            "issuedAt": datetime.fromisoformat(voucher["issuedAt"]),
            "validUntil": _day(voucher["validUntil"]),
            "pdf": base64.b64decode(voucher["pdf"]),
        },
    }


_DOCUMENTS: Mapping[str, Callable[[Mapping[str, Any]], Document]] = {
    "customer": _customer,
    "purchase": _purchase,
    "claim": _claim,
}
_COLLECTIONS = {"customer": "customers", "purchase": "purchases", "claim": "discount_claims"}


def _collection(kind: str) -> Collection[Document]:
    return own_database().get_collection(_COLLECTIONS[kind], CodecOptions(tz_aware=True))


def _write(kind: str, document: Document) -> UpdateOne:
    change: Document = {"$set": document}
    if kind == "claim":
        change["$setOnInsert"] = {"unsent": []}
    return UpdateOne({"_id": document["_id"]}, change, upsert=True)


def _day(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), time(), UTC)


def _counted(kinds: Mapping[str, int]) -> str:
    return ", ".join(f"{kinds.get(kind, 0)} {name.replace('_', ' ')}" for kind, name in _COLLECTIONS.items())


def _shown(value: Any) -> str:
    return str(value)[:80]
