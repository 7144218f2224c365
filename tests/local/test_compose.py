"""The containers get what they need and no secret of another."""

import json
import re
import subprocess
import sys
from typing import Any
from urllib.parse import quote

import pytest
import yaml

from docker.local.hand_out import MEASURED, MONITORS, SERVERS, SIGNERS, STORES, USER
from docker.local.keys import NAMESPACE
from docker.local.server_users import SERVICES, TASKS, tasks_vhost, uses, vhosts_of
from docker.local.settings import REPOSITORY

COMPOSE = (REPOSITORY / "docker/compose.yaml").read_text()
CONTAINERS: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE)["services"]


def environment_file(older: str = "") -> str:
    """As ``make docker-up`` makes it, from the one that is there."""
    command = [sys.executable, "-m", "docker.local.keys"]
    return subprocess.run(command, input=older, capture_output=True, text=True, check=True).stdout


def test_every_secret_that_compose_insists_on_is_made() -> None:
    made = environment_file()

    assert set(re.findall(r"\$\{(\w+):\?", COMPOSE)) <= {line.partition("=")[0] for line in made.splitlines()}


def test_secrets_stay_and_those_of_a_new_service_and_its_rights_are_added() -> None:
    made = environment_file()
    lines = [
        line for line in made.splitlines() if not line.startswith(("SUGGESTIONS_", "RABBITMQ_", "REDIS_", "SERVER_"))
    ]
    passwords = dict(re.findall(r"(\w+)_SERVER_PASSWORD=(.+)", "\n".join(lines)))
    before = {name.lower(): password for name, password in passwords.items()}
    older = "\n".join([*lines, f"SERVER_PASSWORDS='{json.dumps(before)}'", "RABBITMQ_DEFINITIONS='{}'"])

    newer = environment_file(older)

    assert environment_file(made) == made
    assert set(lines) < set(newer.splitlines())
    assert re.search(r"^SUGGESTIONS_SECRET_KEY=.", newer, re.M)
    (definitions,) = re.findall(r"^RABBITMQ_DEFINITIONS='(.+)'$", newer, re.M)
    assert {"suggestions", "matching"} < {user["name"] for user in json.loads(definitions)["users"]}


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
        assert uses(service) == {name for name in environment if re.match(r"(MONGO|REDIS|RABBITMQ)_(\w+_)?URL$", name)}
        for name, vhost in vhosts_of(service, NAMESPACE).items():
            assert environment[name].endswith(f"@rabbitmq:5671/{quote(vhost, safe='')}")


def test_the_mailbox_has_no_user_on_any_server() -> None:
    assert "SERVER_PASSWORD" not in str(CONTAINERS["mailbox"])


def keys_of(container: dict[str, Any]) -> set[str]:
    """The folders of keys that a container sees, with where."""
    return {volume for volume in container.get("volumes", ()) if "keys:/" in volume}


def test_a_container_sees_its_own_keys_and_no_others() -> None:
    of_workers = {"outbox-relay", "live-updates"}
    for name, container in CONTAINERS.items():
        if name in ("keys", "mailbox"):
            continue
        service = {"prepare-servers": "mongo"}.get(name, name if name in of_workers else name.split("-")[0])
        # The servers begin as root and make their certificate their own; all others only read.
        ending = "" if name in STORES else ":ro"
        assert keys_of(container) == {f"{service}-keys:/keys{ending}"}, name
    assert keys_of(CONTAINERS["keys"]) == {
        "keys:/keys/store",
        *(f"{name}-keys:/keys/{name}" for name in {*SIGNERS, *STORES, *MONITORS}),
    }


def test_a_service_signs_with_a_key_it_was_handed() -> None:
    for name, container in CONTAINERS.items():
        for variable, file in container.get("environment", {}).items():
            if variable.endswith("_SERVICE_KEY_FILE"):
                (folder,) = (volume.split("-keys:")[0] for volume in keys_of(container))
                assert file.removeprefix("/keys/").removesuffix(".key") in SIGNERS[folder], name
                assert variable == f"{file.removeprefix('/keys/').removesuffix('.key').upper()}_SERVICE_KEY_FILE"


def test_nobody_is_spoken_to_without_tls_but_the_mailbox() -> None:
    environments = {name: container.get("environment", {}) for name, container in CONTAINERS.items()}
    plain = re.compile(r"^(http|ws|redis|amqp|smtp)://|^mongodb://(?!.*tls=true&tlsCAFile=)")

    assert {
        (name, variable)
        for name, environment in environments.items()
        for variable, value in environment.items()
        if plain.match(str(value))
    } == {(name, "SMTP_URL") for name in ("notifications-listener", "notifications-tasks", "monolith")}


def test_who_answers_the_gateway_asks_for_its_certificate_and_opens_the_other_port_to_browsers_alone() -> None:
    for name in (*SERVERS[1:-3],):
        environment = CONTAINERS[name]["environment"]
        assert environment["TLS_CERTIFICATE_FILE"] == "/keys/own.pem"
        assert environment["TLS_CLIENT_CA_FILE"] == "/keys/callers.pem"
    published = {name: container["ports"] for name, container in CONTAINERS.items() if "ports" in container}
    for name in WATCHING:
        del published[name]
    opened = {"addresses", "matching", "accounts", "monolith", "discounts"}
    assert published.pop("rabbitmq") == ["127.0.0.1:${RABBITMQ_MANAGEMENT_PORT:-15671}:15671"]
    assert set(published) == {"gateway", "mailbox"} | opened
    assert all(port.endswith(":8443") for name in opened for port in published[name])


RUNNING = {
    name: container
    for name, container in CONTAINERS.items()
    if container["image"].startswith("doorstep/")
    and name not in ("mailbox", "keys", "prepare-servers")
    and "profiles" not in container
}
"""those that do the work of the product"""


WATCHING = {name: container for name, container in CONTAINERS.items() if "profiles" in container}


def test_prometheus_asks_every_process_and_each_answers_it_alone() -> None:
    asked = yaml.safe_load((REPOSITORY / "docker/monitoring/prometheus.yml").read_text())["scrape_configs"]
    (ours,) = (job for job in asked if job["job_name"] == "doorstep")
    (found,) = ours["dns_sd_configs"]

    assert set(found["names"]) == set(RUNNING)
    assert ours["tls_config"]["server_name"] == MEASURED
    for name, container in RUNNING.items():
        environment = container["environment"]
        place = environment["GATEWAY_METRICS" if name == "gateway" else "METRICS"]
        assert place == f"0.0.0.0:{found['port']}", name
        assert environment["METRICS_CERTIFICATE_FILE"] == "/keys/metrics.pem", name
        assert environment["METRICS_CLIENT_CA_FILE"] == "/keys/monitoring.pem", name
        is_celery = "celery" in container.get("command", ())
        assert ("PROMETHEUS_MULTIPROC_DIR" in environment) == is_celery, name


def test_who_watches_is_started_when_it_is_wanted_and_published_to_this_machine_alone() -> None:
    assert {name.split("-")[0] for name in WATCHING} == set(MONITORS)
    for name, container in WATCHING.items():
        assert container["profiles"] == ["monitoring"]
        assert container.get("user", "900") == str(MONITORS[name.split("-")[0]])
        assert all(port.startswith("127.0.0.1:") for port in container["ports"])
        assert (container["read_only"], container["cap_drop"]) == (True, ["ALL"])
        for volume in container["volumes"]:
            if volume.startswith("./"):
                assert (REPOSITORY / "docker" / volume.split(":")[0]).exists(), volume


def test_each_service_with_tasks_has_a_flower_that_looks_at_them_alone() -> None:
    flowers = {name: one for name, one in WATCHING.items() if name.startswith("flower-")}

    assert set(flowers) == {f"flower-{service}" for service in TASKS}
    for service in TASKS:
        place = flowers[f"flower-{service}"]["environment"]["CELERY_BROKER_URL"]
        assert place.endswith(f"@rabbitmq:5671/{tasks_vhost(service, NAMESPACE)}")


def test_all_images_have_the_user_whom_keys_belong_to() -> None:
    files = list((REPOSITORY / "docker").glob("*.Dockerfile"))

    assert len(files) == 6
    for file in files:
        assert re.findall(r"useradd --system --uid (\d+) (?:--create-home )?(\w+)", file.read_text()) == [("900", USER)]
        assert f"\nUSER {USER}\n" in file.read_text()


@pytest.mark.parametrize("name", [name for name, one in CONTAINERS.items() if one["image"].startswith("doorstep/")])
def test_what_runs_in_our_images_cannot_change_them(name: str) -> None:
    container = CONTAINERS[name]
    assert container["read_only"] is True
    # One that makes keys belongs to root, to give each service its own; it reaches nobody.
    if container.get("user") == "root":
        assert container["network_mode"] == "none"
    else:
        assert container["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in container["security_opt"]
