"""Subscribers in MongoDB, as far as verdicts concern them."""

from datetime import UTC, datetime
from typing import Any

from pymongo.database import Database

from workers.subscribers.store_verdict import Verdict


class MongoSubscribers:
    """The collection `subscribers`, which the subgraph of the same name owns with us."""

    def __init__(self, database: "Database[dict[str, Any]]") -> None:
        self._subscribers = database["subscribers"]

    def store_verdict(self, verdict: Verdict) -> bool:
        """
        Write the verdict down, when it is the newest about the present address.

        The document remembers which decision it holds (`decision`), so that facts may come late, twice, or in any order.
        """
        written = self._subscribers.update_one(
            {
                "_id": verdict.subscriber_id,
                "matchTaskId": verdict.match_task_id,
                "$or": [
                    {"decision": {"$exists": False}},
                    {"decision.matchTaskId": {"$ne": verdict.match_task_id}},
                    {"decision.at": {"$lt": verdict.told_at}},
                ],
            },
            {
                "$set": {
                    "addressId": verdict.address_id,
                    "addressStatus": verdict.status,
                    "decision": {"matchTaskId": verdict.match_task_id, "at": verdict.told_at},
                    "updatedAt": datetime.now(UTC),
                }
            },
        )
        return written.modified_count == 1
