"""Who decides an item of the review queue."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Reviewer:
    """A caller and the name they give: by the same name, another caller is somebody else."""

    name: str
    caller: str | None
    """as their token calls them"""

    def holds(self, task: dict[str, Any]) -> bool:
        """Whether it was they who claimed it last."""
        return (task.get("claimedBy"), task.get("claimedById")) == (self.name, self.caller)

    def decided(self, task: dict[str, Any]) -> bool:
        """Whether the decision is theirs."""
        return (task.get("reviewer"), task.get("reviewerId")) == (self.name, self.caller)
