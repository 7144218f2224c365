"""Run a plan: every request starts as soon as what it waits for is there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from itertools import takewhile
from typing import Any

from gateway_graphql.execution.caller import ANONYMOUS, Caller
from gateway_graphql.execution.contexts import with_contexts
from gateway_graphql.execution.error_masking import ErrorMasking
from gateway_graphql.execution.errors import GatewayError, SubgraphError, SubgraphSpokeNonsense
from gateway_graphql.execution.merge import copied, merge
from gateway_graphql.execution.representations import Collected, collect, objects_at, paths_at
from gateway_graphql.execution.result_errors import ResultErrors
from gateway_graphql.execution.shape import client_path
from gateway_graphql.execution.shaping import Shaping
from gateway_graphql.execution.subgraph_client import SubgraphClient, SubgraphRequest
from gateway_graphql.planning.conditions import ALWAYS, holds
from gateway_graphql.planning.plan import EntityCall, Fetch, Plan

__all__ = ["PlanRun"]

log = logging.getLogger(__name__)

_sent_mutations: set[asyncio.Task[Mapping[str, Any]]] = set()
"""mutations on their way; a client that leaves must not cut them off in the middle"""


class PlanRun:
    """One run of a plan for one request (or one event of a subscription)."""

    def __init__(
        self,
        plan: Plan,
        shaping: Shaping,
        client: SubgraphClient,
        *,
        variables: Mapping[str, Any],
        coerced: Mapping[str, Any],
        headers: Mapping[str, str],
        caller: Caller = ANONYMOUS,
        masking: ErrorMasking = ErrorMasking(),  # noqa: B008
    ) -> None:
        self.plan = plan
        self._shaping = shaping
        self.client = client
        self.variables = variables
        """as the client sent them; that is how they are forwarded"""
        self.coerced = coerced
        """with defaults; only conditions are decided by them"""
        self.headers = headers
        self.caller = caller
        self._masking = masking
        self.store: dict[str, Any] = {}
        self.errors = ResultErrors()
        self.extensions: Mapping[str, Any] = {}
        """what the answer says beside data and errors"""
        # What is shared between two places has one answer, and with arguments from above they may differ.
        self._may_share = not any(call.contexts for fetch in plan.fetches for call in fetch.calls)

    def result(self) -> dict[str, Any]:
        """The GraphQL result of what is there so far."""
        return self.told(self._shaping.of(self.store, self.coerced, self.errors), self.errors)

    def told(self, data: dict[str, Any] | None, errors: ResultErrors) -> dict[str, Any]:
        """A GraphQL result of this data and these errors."""
        result: dict[str, Any] = {"data": data}
        if errors.errors:
            result["errors"] = errors.errors
        if self.extensions:
            result["extensions"] = dict(self.extensions)
        return result

    async def fetch_all(self, tell: Callable[[int], None] = lambda _: None) -> None:
        """Make every request of the plan (of a subscription: all but the stream); ``tell`` hears of each when done."""
        fetches = [one for one in self.plan.fetches if one.id != self.plan.primary]
        if len(fetches) == 1:
            await self._fetch(fetches[0])
            tell(fetches[0].id)
            return
        waiting = {one.id: set(one.depends_on) - {self.plan.primary} for one in fetches}
        by_id = {one.id: one for one in fetches}
        running: dict[asyncio.Task[None], int] = {}
        try:
            while waiting or running:
                ready = [number for number, others in waiting.items() if not others]
                for number in ready:
                    del waiting[number]
                if len(ready) == 1 and not running:
                    await self._fetch(by_id[ready[0]])  # nothing runs beside it: it needs no task
                    over = ready
                else:
                    for number in ready:
                        running[asyncio.create_task(self._fetch(by_id[number]))] = number
                    over = await _first_of(running)
                for number in over:
                    tell(number)
                    for others in waiting.values():
                        others.discard(number)
        finally:
            for task in running:
                task.cancel()
            if running:
                await asyncio.gather(*running, return_exceptions=True)

    def request(self, fetch: Fetch, representations: Mapping[str, Any] | None = None) -> SubgraphRequest:
        """The request of a fetch, with the variables it uses."""
        given = self.variables
        variables = {name: given[name] for name in fetch.variables if name in given}
        if representations:
            variables.update(representations)
        return SubgraphRequest(
            subgraph=fetch.subgraph,
            url=fetch.url,
            document=fetch.document,
            variables=variables,
            headers=self.headers,
            kind=fetch.kind,
            caller=self.caller,
        )

    def take(self, fetch: Fetch, answer: Mapping[str, Any], targets: list[dict[str, Any]]) -> None:
        """Merge the answer to a root fetch."""
        data = answer.get("data")
        at = tuple(path for path, _ in paths_at(self.store, fetch.path)) if fetch.path else ((),)
        for error in answer.get("errors") or ():
            path = _path_of(error)
            for prefix in at:
                self._add(fetch, error, None if path is None and not prefix else (*prefix, *(path or ())))
        if isinstance(data, dict):
            for number, target in enumerate(targets):
                merge(target, data if number == 0 else copied(data, fetch.merge), fetch.merge)

    async def _fetch(self, fetch: Fetch) -> None:
        if fetch.condition != ALWAYS and not holds(fetch.condition, self.coerced):
            return
        try:
            await self._make(fetch)
        except GatewayError:
            raise
        except Exception:
            # Subgraphs may answer any JSON: whatever cannot be gone on with costs its own part only.
            log.exception("cannot go on with what subgraphs answered", extra={"subgraph": fetch.subgraph})
            self.fail(fetch, SubgraphSpokeNonsense(fetch.subgraph, "what was answered cannot be used"))

    async def _make(self, fetch: Fetch) -> None:
        if fetch.calls:
            await self._fetch_entities(fetch)
            return
        targets = objects_at(self.store, fetch.path)
        if targets:
            answer = await self._ask(fetch, self.request(fetch))
            if answer is not None:
                self.take(fetch, answer, targets)

    async def _fetch_entities(self, fetch: Fetch) -> None:
        values: dict[str, Any] = {}
        if any(call.contexts for call in fetch.calls):
            fetch, collected, values = with_contexts(fetch, self.store, self.coerced)
        else:
            collected = [
                collect(self.store, call.targets) if holds(call.condition, self.coerced) else Collected()
                for call in fetch.calls
            ]
        if not any(one.representations for one in collected):
            return
        values.update((call.variable, one.representations) for call, one in zip(fetch.calls, collected, strict=True))
        answer = await self._ask(fetch, self.request(fetch, values))
        if answer is None:
            return
        data = answer.get("data")
        self._add_entity_errors(fetch, collected, answer.get("errors") or ())
        if not isinstance(data, dict):
            return
        for call, one in zip(fetch.calls, collected, strict=True):
            entities = data.get(call.response_key)
            if one.representations and not (entities is None and answer.get("errors")):
                self._merge_entities(fetch, call, one, entities)

    def _merge_entities(self, fetch: Fetch, call: EntityCall, collected: Collected, entities: Any) -> None:
        if not isinstance(entities, list) or len(entities) != len(collected.representations):
            count = len(entities) if isinstance(entities, list) else "no list of"
            self.fail(
                fetch,
                SubgraphSpokeNonsense(
                    fetch.subgraph, f"answered {count} entities for {len(collected.representations)} representations"
                ),
            )
            return
        leaves_only = all(below is None for below in call.merge.values())
        copies: dict[tuple[int, int], Any] = {}
        for number, index, item in collected.places:
            entity = entities[index]
            if not isinstance(entity, dict):
                if entity is not None:
                    self.fail(fetch, SubgraphSpokeNonsense(fetch.subgraph, "answered an entity that is no object"))
                continue
            if leaves_only:
                item.update(entity)
                continue
            if not self._may_share:
                entity = copied(entity, call.merge)
            elif number:
                # The same slots may mean other things at another position, so it gets its own objects.
                key = (number, index)
                if key not in copies:
                    copies[key] = copied(entity, call.merge)
                entity = copies[key]
            merge(item, entity, call.merge)

    # -- asking

    async def _ask(self, fetch: Fetch, request: SubgraphRequest) -> Mapping[str, Any] | None:
        try:
            if fetch.kind == "mutation":
                answer = await self._ask_to_the_end(request)
            else:
                answer = await self.client.fetch(request)
            return checked_answer(fetch, answer)
        except SubgraphError as error:
            self.fail(fetch, error)
        except GatewayError:
            raise
        except Exception:
            log.exception("subgraph client failed", extra={"subgraph": fetch.subgraph})
            self.fail(fetch, SubgraphError(fetch.subgraph, "could not be asked"))
        return None

    async def _ask_to_the_end(self, request: SubgraphRequest) -> Mapping[str, Any]:
        async def ask() -> Mapping[str, Any]:
            return await self.client.fetch(request)

        task = asyncio.create_task(ask())
        _sent_mutations.add(task)
        task.add_done_callback(_forget)
        return await asyncio.shield(task)

    # -- errors

    def fail(self, fetch: Fetch, error: SubgraphError) -> None:
        """One error for a request that brought nothing, at the field it was made for."""
        extensions: dict[str, Any] = {"code": error.code, "serviceName": fetch.subgraph}
        if status := getattr(error, "status", None):
            extensions["http"] = {"status": status}
        message, shown = self._masking.of_request(fetch.subgraph, str(error), extensions)
        for path in self._failed_paths(fetch):
            self.errors.add(message, self._client_path(path), shown, fetch.blocks)

    def _client_path(self, path: tuple[str | int, ...]) -> tuple[str | int, ...]:
        return client_path(self.plan.shape, path, self.store, self.coerced)

    def _failed_paths(self, fetch: Fetch) -> list[tuple[str | int, ...]]:
        if fetch.calls:
            paths = [tuple(step.slot for step in target.path) for call in fetch.calls for target in call.targets]
            return list(dict.fromkeys(paths))
        if fetch.path:
            return [tuple(step.slot for step in fetch.path)]
        return [(slot,) for slot in fetch.merge]

    def _add(self, fetch: Fetch, error: Any, path: tuple[str | int, ...] | None) -> None:
        if not isinstance(error, Mapping):
            error = {"message": str(error)}
        said = error.get("extensions")
        extensions = dict(said) if isinstance(said, Mapping) else {}
        extensions.setdefault("code", "DOWNSTREAM_SERVICE_ERROR")
        extensions.setdefault("serviceName", fetch.subgraph)
        message = error.get("message")
        message = "The subgraph gave no message." if message is None else str(message)
        message, extensions = self._masking.of_subgraph(fetch.subgraph, message, extensions)
        self.errors.add(message, None if path is None else self._client_path(path), extensions, fetch.blocks)

    def _add_entity_errors(self, fetch: Fetch, collected: list[Collected], errors: Iterable[Any]) -> None:
        """An error of an entity is one for each place in the client's answer where the entity is."""
        places: dict[str, dict[int, list[tuple[str | int, ...]]]] = {}
        calls = {call.response_key: (call, one) for call, one in zip(fetch.calls, collected, strict=True)}
        for error in errors:
            key, *path = _path_of(error) or (None,)
            call, one = calls.get(str(key), (fetch.calls[0], Collected()))
            if path and path[0] in range(len(one.representations)):
                if call.response_key not in places:
                    places[call.response_key] = self._places(call, one)
                for at in places[call.response_key].get(int(path[0]), ()):
                    self._add(fetch, error, (*at, *path[1:]))
                continue
            for target in call.targets if key in calls else call.targets[:1]:
                self._add(fetch, error, tuple(step.slot for step in target.path))

    def _places(self, call: EntityCall, collected: Collected) -> dict[int, list[tuple[str | int, ...]]]:
        """Where the objects of each representation are."""
        found: dict[int, list[tuple[str | int, ...]]] = {}
        index_of = collected.index_of()
        for target in call.targets:
            for at, item in paths_at(self.store, target.path):
                index = index_of.get(id(item))
                if index is not None:
                    found.setdefault(index, []).append(at)
        return found


async def _first_of(running: dict[asyncio.Task[None], int]) -> list[int]:
    """Wait for the next, or the next few; taken out of ``running``. What one of them raises is raised."""
    done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    numbers = []
    for task in done:
        numbers.append(running.pop(task))
        task.result()
    return numbers


def checked_answer(fetch: Fetch, answer: Any) -> Mapping[str, Any]:
    """The answer, if it is one."""
    # A dict nearly always, and to ask an abstract class takes longer than all the rest.
    if not isinstance(answer, (dict, Mapping)) or ("data" not in answer and not answer.get("errors")):
        raise SubgraphSpokeNonsense(fetch.subgraph, "the answer is no GraphQL result")
    data, errors = answer.get("data"), answer.get("errors")
    if not isinstance(data, (dict, type(None))) or not isinstance(errors, (list, type(None))):
        raise SubgraphSpokeNonsense(fetch.subgraph, "the answer is no GraphQL result")
    if data is None and not errors:
        raise SubgraphSpokeNonsense(fetch.subgraph, "the answer has neither data nor errors")
    return answer


def _path_of(error: Any) -> list[str | int] | None:
    """The path of an error, as far as it is one."""
    path = error.get("path") if isinstance(error, Mapping) else None
    return list(takewhile(lambda part: isinstance(part, (str, int)), path)) if isinstance(path, list) else None


def _forget(task: asyncio.Task[Mapping[str, Any]]) -> None:
    _sent_mutations.discard(task)
    if not task.cancelled():
        task.exception()  # read, so that nobody complains that it was not
