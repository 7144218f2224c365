"""What the product's gateway refuses where nobody has set anything."""

import re

from docker.local.settings import REPOSITORY
from gateway_graphql.server.graph_file import read_graph_file
from gateway_graphql.server.settings import ServerSettings

FILE = REPOSITORY / "docker/graph.yaml"


def settings(**environment: str) -> ServerSettings:
    """As the file says, with what it needs and what is given."""
    needed = {name: f"http://{name.lower()}.example" for name in re.findall(r"\$\{(\w+)\}", FILE.read_text())}
    return read_graph_file(FILE, {**needed, "GATEWAY_SERVICE_KEY": "x", **environment}).settings


def test_every_limit_is_on() -> None:
    found = settings()

    assert 0 < found.rate_limits.anonymous_requests_per_minute <= found.rate_limits.requests_per_minute  # type: ignore[operator]
    assert found.rate_limits.cost_per_minute > found.cost.most
    assert found.operation_limits.mode == found.cost.mode == "enforce"
    assert found.csrf_prevention
    assert found.limits.batch_operations == 0


def test_callers_are_counted_in_redis_where_there_is_one_and_not_at_all_for_a_benchmark() -> None:
    with_redis = settings(REDIS_URL="redis://127.0.0.1:1/0", DOORSTEP_NAMESPACE="other").rate_limits
    assert (with_redis.redis_url, with_redis.redis_prefix) == ("redis://127.0.0.1:1/0", "other:rate-limits")

    off = dict.fromkeys(("RATE_LIMIT_REQUESTS", "RATE_LIMIT_ANONYMOUS", "RATE_LIMIT_COST"), "0")
    limits = settings(**off).rate_limits
    assert (limits.requests_per_minute, limits.anonymous_requests_per_minute, limits.cost_per_minute) == (0, 0, 0)
