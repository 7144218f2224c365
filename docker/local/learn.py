"""``make learn``: fit the weights of the matching evidence, with what reviewers decided in the running system if wanted."""

import asyncio
import os
import subprocess
import sys

from docker.local import infrastructure, processes
from docker.local.keys import load_or_make
from docker.local.settings import REPOSITORY, LocalSettings


def learn(settings: LocalSettings, with_reviews: bool) -> int:
    """Run ``python -m workers.matching learn``, for reviews with the rights of the matching service; give its exit code."""
    command = [sys.executable, "-m", "workers.matching", "learn", "--febrl", str(settings.state / "febrl")]
    environment = dict(os.environ)
    if with_reviews:
        keys = load_or_make(settings.state)
        found = asyncio.run(infrastructure.find(settings, keys))
        environment |= processes.common_environment(settings, keys) | found.environment_of("matching")
        command.append("--reviews")
    return subprocess.run(command, cwd=REPOSITORY, env=environment, check=False).returncode
