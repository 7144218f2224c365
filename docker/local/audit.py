"""
``make audit``: whether any locked package has a known vulnerability.

Exit codes: 0 none has, 1 some have, 3 nobody could say: the vulnerability service cannot be reached from here.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from docker.local.settings import REPOSITORY

LOCKS = ("strawberry-dev", "graphene-dev", "mongod", "node", "uv", "audit")
SOME_KNOWN, NOT_CHECKED = 1, 3


def audit(program: Path) -> int:
    """
    Ask for each lock, and say what was found.

    :param program: pip-audit
    """
    found = {_audit(program, REPOSITORY / "requirements" / f"{name}.txt") for name in LOCKS}
    return SOME_KNOWN if SOME_KNOWN in found else max(found)


def _audit(program: Path, lock: Path) -> int:
    # The locks name every package with its hash: nothing is resolved or installed.
    command = [str(program), "--disable-pip", "--require-hashes", "--requirement", str(lock), "--format", "json",
               "--progress-spinner", "off", "--timeout", "10"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        packages: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        reason = next((line for line in reversed(done.stderr.splitlines()) if line.strip()), "it said nothing")
        print(f"{lock.name}: not checked, the vulnerability service does not answer: {reason[-200:]}", file=sys.stderr)
        return NOT_CHECKED
    known = [(package, found) for package in packages for found in package.get("vulns", ())]
    for package, found in known:
        fixed = ", ".join(found["fix_versions"]) or "no version"
        print(f"{lock.name}: {package['name']} {package['version']} has {found['id']}, mended in {fixed}")
    unknown = [package for package in packages if "skip_reason" in package]
    if unknown:
        first = unknown[0]
        print(
            f"{lock.name}: {len(unknown)} not checked, such as {first['name']}: {first['skip_reason']}", file=sys.stderr
        )
    print(
        f"{lock.name}: {len(packages) - len(unknown)} packages checked, {len(known)} known vulnerabilities", flush=True
    )
    if known:
        return SOME_KNOWN
    return NOT_CHECKED if unknown else 0
