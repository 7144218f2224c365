"""``make admin``: a user for the register's admin pages, on the running system."""

import asyncio
import os
import subprocess

from docker.local import infrastructure, processes
from docker.local.keys import load_or_make
from docker.local.settings import REPOSITORY, LocalSettings


def create_admin(settings: LocalSettings) -> int:
    """Ask for a name and a password, as Django's `createsuperuser` does; give its exit code."""
    keys = load_or_make(settings.state)
    found = asyncio.run(infrastructure.find(settings, keys))
    common = processes.common_environment(settings, keys)
    environment = {
        **os.environ,
        **processes.subgraph_environment("addresses", keys, common),
        **found.environment_of("addresses"),
        "DJANGO_SETTINGS_MODULE": "subgraphs.addresses.settings",
    }
    command = [processes.PYTHON_GRAPHENE, "-m", "django", "createsuperuser"]
    return subprocess.run(command, cwd=REPOSITORY, env=environment, check=False).returncode
