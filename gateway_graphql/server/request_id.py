"""One id follows a request through gateway, subgraph, fact, task and update."""

from __future__ import annotations

import re
import uuid

__all__ = ["REQUEST_ID", "request_id_from"]

REQUEST_ID = "x-request-id"
ACCEPTABLE = re.compile(r"[A-Za-z0-9._:-]{1,128}")


def request_id_from(given: str | None) -> str:
    """The caller's id if it is harmless in logs and headers, else a new one."""
    if given is not None and ACCEPTABLE.fullmatch(given):
        return given
    return uuid.uuid4().hex
