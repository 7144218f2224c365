"""A PostgreSQL of the tests' own, where its programs are installed."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from docker.local.ports import pick_free

__all__ = ["Postgres", "find_postgres", "postgres"]


def find_postgres() -> Path | None:
    """The folder of its programs: Debian keeps them out of PATH, a version beside another."""
    found = shutil.which("initdb")
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return Path(found).parent if found else installed[-1].parent if installed else None


@dataclass(frozen=True)
class Postgres:
    """A running server."""

    url: str
    """of its database"""
    pg_ctl: Callable[..., None]
    """``stop`` or ``start`` it"""


@contextmanager
def postgres(programs: Path) -> Iterator[Postgres]:
    """A server with nothing in it, stopped when left."""
    port = pick_free(1)[0]
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    # It does not run as root; the package has made a user for it.
    user = pwd.getpwnam("postgres").pw_uid if os.getuid() == 0 else None
    try:
        if user is not None:
            os.chown(folder, user, -1)

        def run(program: str, *arguments: str) -> None:
            command = [programs / program, "--pgdata", folder / "data", *arguments]
            subprocess.run(command, check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL)

        run("initdb", "--auth=trust", "--username=doorstep", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        options = f"-c port={port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"

        def pg_ctl(what: str) -> None:
            how = ["--mode", "fast"] if what == "stop" else ["--options", options, "--log", str(folder / "log.txt")]
            run("pg_ctl", what, "--wait", "--silent", *how)

        pg_ctl("start")
        try:
            yield Postgres(f"postgresql://doorstep@127.0.0.1:{port}/postgres", pg_ctl)
        finally:
            pg_ctl("stop")
    finally:
        shutil.rmtree(folder)
