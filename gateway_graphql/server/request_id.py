"""One id follows a request through gateway, subgraph, fact, task and update."""

from __future__ import annotations

import re
from random import getrandbits

__all__ = ["REQUEST_ID", "request_id_from"]

REQUEST_ID = "x-request-id"
ACCEPTABLE = re.compile(r"[A-Za-z0-9._:-]{1,128}")


def request_id_from(given: str | None) -> str:
    """The caller's id if it is harmless in logs and headers, else a new one."""
    if given is not None and ACCEPTABLE.fullmatch(given):
        return given
    return f"{getrandbits(128):032x}"  # unique, not secret
