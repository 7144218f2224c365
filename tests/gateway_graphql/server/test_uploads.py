"""The GraphQL multipart request spec."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest

Http = aiohttp.ClientSession
ONE = "mutation ($file: Upload!) { upload(file: $file) }"
SEVERAL = "mutation ($files: [Upload!]!) { uploads(files: $files) }"


async def send(http: Http, url: str, operations: Any, where: Any, *files: tuple[str, bytes]) -> tuple[int, Any]:
    """Send in the order of the spec: operations, map, files; None leaves a part away."""
    form = aiohttp.FormData(default_to_multipart=True)
    for name, value in (("operations", operations), ("map", where)):
        if value is not None:
            form.add_field(name, value if isinstance(value, str) else json.dumps(value))
    for name, content in files:
        form.add_field(name, content, filename=f"{name}.csv", content_type="text/csv")
    async with http.post(f"{url}/graphql", data=form) as answer:
        return answer.status, await answer.json()


@pytest.mark.parametrize("size", [0, 10, 1024 * 1024 + 1, 3_000_000])
async def test_a_file_arrives_whole(http: Http, url: str, size: int) -> None:
    operations = {"query": ONE, "variables": {"file": None}}

    status, body = await send(
        http, url, operations, {"0": ["variables.file"]}, ("0", b"\r\n--x" * (size // 5) + b"x" * (size % 5))
    )

    assert (status, body) == (200, {"data": {"upload": f"0.csv text/csv {size}"}})


async def test_a_file_one_byte_over_the_limit_is_413_and_says_the_limit(http: Http, url: str) -> None:
    operations = {"query": ONE, "variables": {"file": None}}

    status, body = await send(http, url, operations, {"0": ["variables.file"]}, ("0", b"x" * 3_000_001))

    assert status == 413
    assert "'0.csv' is larger than 3000000 bytes" in body["errors"][0]["message"]
    assert body["errors"][0]["extensions"]["setting"] == "limits.upload_file_bytes"


async def test_files_of_a_list(http: Http, url: str) -> None:
    operations = {"query": SEVERAL, "variables": {"files": [None, None]}}

    _, body = await send(
        http, url, operations, {"a": ["variables.files.0"], "b": ["variables.files.1"]}, ("a", b"1"), ("b", b"22")
    )

    assert body["data"]["uploads"] == ["a.csv text/csv 1", "b.csv text/csv 2"]


async def test_too_many_files_are_413(http: Http, url: str) -> None:
    operations = {"query": SEVERAL, "variables": {"files": [None] * 3}}
    where = {str(number): [f"variables.files.{number}"] for number in range(3)}

    status, body = await send(http, url, operations, where, ("0", b""), ("1", b""), ("2", b""))

    assert (status, body["errors"][0]["extensions"]["setting"]) == (413, "limits.upload_files")


async def test_too_large_operations_are_413(http: Http, url: str) -> None:
    status, body = await send(http, url, "x" * 2001, {"0": ["variables.file"]}, ("0", b"x"))

    assert (status, body["errors"][0]["extensions"]["setting"]) == (413, "limits.json_bytes")


FINE = {"query": ONE, "variables": {"file": None}}


@pytest.mark.parametrize(
    ("operations", "where", "files", "says"),
    [
        (None, {"0": ["variables.file"]}, [("0", b"x")], "`operations` is missing"),
        (FINE, None, [("0", b"x")], "`map` is missing"),
        ("{", {"0": ["variables.file"]}, [("0", b"x")], "`operations` is not JSON"),
        (FINE, "[", [("0", b"x")], "`map` is not JSON"),
        (FINE, [], [("0", b"x")], "`map` must be an object"),
        (FINE, {"0": "variables.file"}, [("0", b"x")], "`map` must be an object"),
        (FINE, {"0": ["variables.file"]}, [], "'0' is in `map`, but was not sent"),
        (FINE, {"0": ["variables.file"]}, [("1", b"x")], "'1' is not in `map`"),
        (FINE, {"0": ["variables.other"]}, [("0", b"x")], "'variables.other', but there is no null"),
        (FINE, {"0": ["file"]}, [("0", b"x")], "no null at that place"),
        ({"query": ONE, "variables": {"file": 1}}, {"0": ["variables.file"]}, [("0", b"x")], "no null at that place"),
        (FINE, {"0": ["variables.file"]}, [("0", b"x"), ("0", b"y")], "comes twice"),
    ],
)
async def test_what_does_not_fit_is_400_and_says_why(
    http: Http, url: str, operations: Any, where: Any, files: list[tuple[str, bytes]], says: str
) -> None:
    status, body = await send(http, url, operations, where, *files)

    assert status == 400
    assert says in body["errors"][0]["message"]


@pytest.mark.parametrize(
    ("content_type", "body", "says"),
    [
        ("multipart/form-data", b"x", "no boundary"),
        ("multipart/form-data; boundary=b", b"nonsense", "not multipart"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{',
            "ends in",
        ),
    ],
)
async def test_a_broken_body_is_400(http: Http, url: str, content_type: str, body: bytes, says: str) -> None:
    async with http.post(f"{url}/graphql", data=body, headers={"Content-Type": content_type}) as answer:
        assert answer.status == 400
        assert says in (await answer.json())["errors"][0]["message"]
