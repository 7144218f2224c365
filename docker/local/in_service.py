"""``python -m docker.local in SERVICE COMMAND …``: a command of a service, with its environment, beside the running system."""

import asyncio
import subprocess
import sys

from docker.local import infrastructure, processes
from docker.local.infrastructure import Infrastructure
from docker.local.keys import load_or_make
from docker.local.settings import REPOSITORY, LocalSettings
from docker.local.supervisor import clean_environment


def in_service(settings: LocalSettings, service: str, arguments: list[str]) -> int:
    """Run ``python -m subgraphs.SERVICE …``; give its exit code, 2 where there is no such service."""
    if service not in processes.SUBGRAPHS:
        print(f"there is no service {service!r}; there are: {', '.join(processes.SUBGRAPHS)}", file=sys.stderr)
        return 2
    return run(settings, service, "-m", f"subgraphs.{service}", *arguments)


def create_admin(settings: LocalSettings, service: str) -> int:
    """Ask for a name and a password of a user of its admin pages, as Django's `createsuperuser` does; give its exit code."""
    return run(settings, service, "-m", "django", "createsuperuser")


def run(settings: LocalSettings, service: str, *arguments: str) -> int:
    """Run Python with the environment of a service; give its exit code."""
    found = asyncio.run(infrastructure.find(settings, load_or_make(settings.state)))
    command = [processes.SUBGRAPHS[service], *arguments]
    return subprocess.run(command, cwd=REPOSITORY, env=environment(settings, service, found), check=False).returncode


def environment(settings: LocalSettings, service: str, found: Infrastructure) -> dict[str, str]:
    """What a process of this service is started with."""
    keys = load_or_make(settings.state)
    common = processes.common_environment(settings, keys)
    return {
        **clean_environment(),
        **processes.subgraph_environment(service, keys, common),
        **found.environment_of(service),
        "DJANGO_SETTINGS_MODULE": f"subgraphs.{service}.settings",
    }
