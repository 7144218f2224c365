"""The containers get what they need and no secret of another."""

import re
import subprocess
import sys
from typing import Any

import pytest
import yaml

from docker.local.server_users import SERVICES, uses
from docker.local.settings import REPOSITORY

COMPOSE = (REPOSITORY / "docker/compose.yaml").read_text()
CONTAINERS: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE)["services"]


def test_every_secret_that_compose_insists_on_is_made() -> None:
    made = subprocess.run(
        [sys.executable, "-m", "docker.local.keys"], capture_output=True, text=True, check=True
    ).stdout

    assert set(re.findall(r"\$\{(\w+):\?", COMPOSE)) <= {line.partition("=")[0] for line in made.splitlines()}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_knows_its_own_users_and_no_others(service: str) -> None:
    own = {
        name: container["environment"]
        for name, container in CONTAINERS.items()
        if name.replace("-", "_").startswith(service) or name == service
    }
    assert own
    for environment in own.values():
        passwords = set(re.findall(r"\$\{(\w+)_SERVER_PASSWORD", str(environment)))
        assert passwords == {service.upper()}
        assert {name for name, used in uses(service).items() if used} == {
            name for name in environment if name in ("MONGO_URL", "REDIS_URL", "RABBITMQ_URL")
        }


def test_accounts_and_the_mailbox_have_no_user_on_any_server() -> None:
    for name in ("accounts", "mailbox"):
        assert "SERVER_PASSWORD" not in str(CONTAINERS[name])
