"""Updates in Redis: a stream per topic, and the snapshot of its latest update beside it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redis import Redis

from workers.chassis import tracing

APPEND = """
-- KEYS: the stream, the snapshot, what remembers this fact. ARGV: the update as JSON, kept updates, kept seconds.
-- The fact is remembered with the update it became, so that a fact heard twice finds the same update.
local known = redis.call('GET', KEYS[3])
if known then
    return {known, 0}
end
local kept = redis.call('GET', KEYS[2])
local latest = kept and cjson.decode(kept)
local told = cjson.decode(ARGV[1])
-- Progress only goes forward. What says less than the snapshot was told earlier and came late.
if latest and type(told.data.done) == 'number' and type(latest.data.done) == 'number'
        and told.data.done < latest.data.done then
    redis.call('SET', KEYS[3], '', 'EX', ARGV[3])
    return {'', 0}
end
-- The JSON is only ever joined, never written anew by Lua, which cannot tell [] from {}.
local number = latest and latest.number + 1 or 1
local update = string.format('{"number":%d,', number) .. string.sub(ARGV[1], 2)
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'update', update)
redis.call('SET', KEYS[2], '{"updateId":"' .. id .. '",' .. string.sub(update, 2), 'EX', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('SET', KEYS[3], id, 'EX', ARGV[3])
return {id, 1}
"""


@dataclass(frozen=True)
class Kept:
    """How much of a topic can be replayed to somebody who comes back."""

    updates: int = 10_000
    seconds: int = 24 * 60 * 60


class Streams:
    """Appends updates; the other half of it, which reads, is in `realtime`."""

    def __init__(self, redis: Redis, namespace: str, kept: Kept) -> None:
        self._append = redis.register_script(APPEND)
        self._namespace = namespace
        self._kept = kept

    def append(self, topic: str, fact: Mapping[str, Any]) -> bool:
        """Add what the fact says to the topic; say whether somebody should be woken for it."""
        fact_id = fact["id"]
        keys = [f"{self._namespace}:{kind}:{topic}" for kind in ("updates", "snapshot")]
        keys.append(f"{self._namespace}:told:{topic}:{fact_id}")
        update_id, _is_new = self._append(
            keys=keys, args=[update_from(fact), str(self._kept.updates), str(self._kept.seconds)]
        )
        # One that was appended before is told once more: the process may have died between the two.
        return bool(update_id)


def update_from(fact: Mapping[str, Any]) -> str:
    """The update a fact becomes, without its number and its id, which its place in the stream gives it."""
    # A letter that is handed in with it is for notifications alone.
    data = {name: value for name, value in fact["data"].items() if name != "letter"}
    update = {"factId": fact["id"], "factType": fact["type"], "at": fact["time"], "data": data}
    if request_id := fact.get("requestid"):
        update["requestId"] = request_id
    if traceparent := tracing.traceparent() or fact.get(tracing.TRACEPARENT):
        update["traceparent"] = traceparent
    return json.dumps(update, ensure_ascii=False, separators=(",", ":"))
