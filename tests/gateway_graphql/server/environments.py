"""Python environments of their own, with the wheel of the package in them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

__all__ = ["REPOSITORY", "environment_with_the_wheel", "run"]

REPOSITORY = Path(__file__).parents[3]


def run(*command: str | Path) -> str:
    """The output of a command that succeeds."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def environment_with_the_wheel(folder: Path, *packages: str) -> Path:
    """The Python of an environment with the wheel, what it depends on, and these packages."""
    uv = shutil.which("uv", path=f"{REPOSITORY / '.doorstep' / 'uv' / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}")
    assert uv, "uv is not on PATH; `make install` puts it there"
    run(uv, "build", "--quiet", "--wheel", "--out-dir", folder, REPOSITORY / "gateway_graphql")
    (wheel,) = folder.glob("gateway_graphql-*.whl")
    run(uv, "venv", "--quiet", "--python", sys.executable, folder / "venv")
    python: Path = folder / "venv" / "bin" / "python"
    # The versions of our lock: they are in uv's cache, and they are what the other tests have tried.
    lock = REPOSITORY / "requirements" / "strawberry.txt"
    constraints = ["--constraints", str(lock)] if lock.exists() else []
    run(uv, "pip", "install", "--quiet", "--python", python, *constraints, wheel, *packages)
    return python
