"""Everything that composition can say (``errors.txt``, ``hints.txt``) is said of some case, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

CASES = Path(__file__).parent

NEVER = {
    "DOWNSTREAM_SERVICE_ERROR": "said by a gateway while it serves",
    "INVALID_FEDERATION_SUPERGRAPH": "said of a supergraph that is read, see test_read",
    "UNSUPPORTED_LINKED_FEATURE": "said of a supergraph that is read, see test_read",
    "MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED": "no path is held: each place is visited once for each set of possibilities",
    "UNSUPPORTED_FEATURE": "defined by the specification's composer, and used by nobody",
    "INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_REPEATABLE": "defined by the specification's composer, and used by nobody",
    "INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_LOCATIONS": "defined by the specification's composer, and used by nobody",
}
"""codes of the specification that no composition here says, and why"""


def said_in(name: str) -> set[str]:
    return {
        code for file in CASES.glob(f"*/{name}") for code in re.findall(r"\((\w+)\)$", file.read_text(), re.MULTILINE)
    }


def listed(name: str) -> set[str]:
    return set((CASES / name).read_text().split())


def test_each_error_has_a_case() -> None:
    assert said_in("diagnostics.txt") == listed("errors.txt")


def test_each_hint_has_a_case() -> None:
    assert said_in("hints.txt") == listed("hints.txt")


def test_what_is_never_said_is_said_by_no_case() -> None:
    assert not NEVER.keys() & (said_in("diagnostics.txt") | said_in("hints.txt"))
