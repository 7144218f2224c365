"""Who says whether a policy (``@policy``) holds: a function of the application, or a service that is asked over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Collection
from importlib import import_module

import aiohttp
import orjson

from gateway_graphql.execution.caller import Caller, Policies
from gateway_graphql.server.access_log import log
from gateway_graphql.server.extensions import WrongExtension
from gateway_graphql.server.http_answer import AnswerTooLarge, whole_body
from gateway_graphql.server.json_text import dumps, loads

__all__ = ["policies_of"]

TIMEOUT = aiohttp.ClientTimeout(total=5)
LARGEST = 64 * 1024


def policies_of(setting: str | None, session: Callable[[], aiohttp.ClientSession]) -> Policies | None:
    """
    What the setting ``authorization.policies`` names.

    :raises WrongExtension: there is no such function.
    """
    if setting is None:
        return None
    if setting.startswith(("http://", "https://")):
        return _Asked(setting, session)
    module, _, attribute = setting.partition(":")
    try:
        found: Policies = getattr(import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as problem:
        raise WrongExtension(
            f"authorization.policies: {setting} cannot be imported: {problem}; write package.module:name, or the URL of a service"
        ) from None
    if not callable(found):
        raise WrongExtension(
            f"authorization.policies: {setting} is a {type(found).__name__}; it must be a function of the caller and names"
        )
    return found


class _Asked:
    """
    A service that gets ``{"subject", "scopes", "claims", "policies"}`` and answers ``{"policies": […]}``: those that hold.

    Without an answer none does.
    """

    def __init__(self, url: str, session: Callable[[], aiohttp.ClientSession]) -> None:
        self._url = url
        self._session = session

    async def __call__(self, caller: Caller, names: Collection[str]) -> Collection[str]:
        question = {
            "subject": caller.subject,
            "scopes": sorted(caller.scopes),
            "claims": caller.claims,
            "policies": list(names),
        }
        try:
            async with self._session().post(
                self._url,
                data=dumps(question),
                headers={"content-type": "application/json"},
                timeout=TIMEOUT,
                allow_redirects=False,
            ) as answer:
                answer.raise_for_status()
                held = loads(await whole_body(answer, LARGEST))["policies"]
            return {one for one in held if isinstance(one, str)}
        except (
            aiohttp.ClientError,
            AnswerTooLarge,
            TimeoutError,
            OSError,
            orjson.JSONDecodeError,
            KeyError,
            TypeError,
        ) as problem:
            log.warning(
                "no policy holds, nobody answered", url=self._url, problem=str(problem) or type(problem).__name__
            )
            return ()
