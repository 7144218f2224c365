"""What `make test` is asked for."""

from pathlib import Path

import pytest

from docker.local.run_tests import run_tests
from docker.local.settings import LocalSettings


async def test_a_group_that_is_not_there_is_named_beside_those_that_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run_tests(LocalSettings(tmp_path), ["gateway"]) == 2

    assert capsys.readouterr().err.startswith("no group of tests is called gateway; there are: gateway_graphql, local,")
