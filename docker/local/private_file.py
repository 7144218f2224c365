"""Files that one user reads and nobody else."""

import os
from pathlib import Path


def write_private(file: Path, text: str, *, mode: int = 0o600) -> None:
    """
    In one step and for its owner alone: who reads it meanwhile has all of the old or all of the new.

    A file that takes the place of another belongs to whom that one belonged.
    """
    known = file.stat() if file.exists() else None
    if known and file.read_text() == text:
        return
    new = file.with_name(f"{file.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as out:
        out.write(text)
    if known and known.st_uid != os.getuid():
        os.chown(new, known.st_uid, known.st_gid)
    new.replace(file)
