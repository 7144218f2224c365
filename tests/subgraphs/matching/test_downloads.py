"""The results of a batch as files: while it runs, by a link that ends, and harmless in a spreadsheet."""

import csv
import io
from urllib.parse import urlsplit

import pytest
from django.test import AsyncClient, override_settings

from tests.subgraphs.matching.questions import TYPED, batch, result

DOWNLOAD = "query ($id: ID!) { matchBatch(id: $id) { download { resultsUrl rejectedRowsUrl expiresAt } } }"


async def links(ask, id: str = "b-1") -> dict:
    return (await ask(DOWNLOAD, id=id)).data["matchBatch"]["download"]


async def read(url: str):
    return await AsyncClient().get(urlsplit(url).path)


async def lines(url: str) -> list[dict[str, str]]:
    response = await read(url)
    assert response.status_code == 200
    text = b"".join([part async for part in response.streaming_content]).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


async def test_results_can_be_read_while_the_batch_runs(ask, db) -> None:
    db["match_batches"].insert_one(batch("b-1"))
    db["known_addresses"].insert_one({"_id": "a-1", **TYPED, "address": "12 rue des Lilas", "keys": ["x"]})
    db["match_results"].insert_many(
        [
            result("b-1", 7, verdict="NEW", addressId=None, score=0.1),
            result("b-1", 2),
            result("b-1", 3, verdict=None, score=None, addressId=None, evidence=[], problem="ValueError: x"),
            result("b-2", 1),
        ]
    )
    url = (await links(ask))["resultsUrl"]

    found = await lines(url)

    assert [(one["row"], one["query_id"], one["verdict"], one["address_id"]) for one in found] == [
        ("2", "q-2", "match", "a-1"),
        ("3", "q-3", "", ""),
        ("7", "q-7", "new", ""),
    ]
    assert (found[0]["address"], found[0]["known_address"], found[0]["score"]) == ("12 rue", "12 rue des Lilas", "0.99")
    assert '"field": "street"' in found[0]["evidence"]
    assert found[1]["problem"] == "ValueError: x"
    assert "customers-results-so-far.csv" in (await read(url))["Content-Disposition"]

    db["match_results"].insert_one(result("b-1", 1))
    db["match_batches"].update_one({"_id": "b-1"}, {"$set": {"status": "FINISHED"}})
    assert [one["row"] for one in await lines(url)] == ["1", "2", "3", "7"]
    assert "customers-results.csv" in (await read(url))["Content-Disposition"]


async def test_a_file_of_many_results_is_read_page_by_page(ask, db, commands) -> None:
    db["match_batches"].insert_one(batch("b-1"))
    db["match_results"].insert_many(result("b-1", row) for row in range(1, 20_001))
    url = (await links(ask))["resultsUrl"]
    response = await read(url)

    parts = [part async for part in response.streaming_content]

    # The header, and twenty pages of a thousand rows: none of them holds much of the file.
    assert len(parts) == 21
    assert max(map(len, parts)) < sum(map(len, parts)) / 15
    assert sum(part.count(b"\r\n") for part in parts) == 20_001
    assert parts[-1].splitlines()[-1].startswith(b"20000,q-20000,")


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
async def test_no_cell_is_a_formula(ask, db, sign: str) -> None:
    db["match_batches"].insert_one(batch("b-1"))
    typed = {**TYPED, "name": f"{sign}1+1", "city": f"a{sign}b"}
    db["match_results"].insert_one(result("b-1", 1, queryId=f"{sign}2", address=typed))
    db["rejected_rows"].insert_one({"_id": "b-1:2", "batchId": "b-1", "row": 2, "line": 3, "reason": f"{sign}3"})
    said = await links(ask)

    (found,) = await lines(said["resultsUrl"])
    (rejected,) = await lines(said["rejectedRowsUrl"])

    assert (found["query_id"], found["name"], found["city"]) == (f"'{sign}2", f"'{sign}1+1", f"a{sign}b")
    assert rejected == {"row": "2", "line": "3", "reason": f"'{sign}3"}


async def test_only_a_signed_link_that_has_not_ended_is_answered(ask, db) -> None:
    db["match_batches"].insert_one(batch("b-1"))
    url = (await links(ask))["resultsUrl"]
    forged = url.replace("/downloads/", "/downloads/x")

    assert (await read(url)).status_code == 200
    assert (await read(forged)).status_code == 403
    assert (await AsyncClient().post(urlsplit(url).path)).status_code == 405
    with override_settings(DOWNLOAD_SECONDS=-1):
        assert (await read(url)).status_code == 410
    db["match_batches"].delete_many({})
    assert (await read(url)).status_code == 404
