"""
``python -m tests.benchmarks.growth [--rows N …]``: how matching and suggestions grow with the register.

For each number of rows a register is made up, with typed addresses; a snapshot is built, and another process searches it.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from workers.matching.csv_files import read_queries
from workers.matching.evaluate import answer, evaluate, figures
from workers.matching.index.mapped import MappedIndex
from workers.matching.index.of_file import index_of_file
from workers.matching.index.snapshot import Snapshot, current
from workers.matching.index.suggest import Suggestions
from workers.matching.index.words import on_one_line
from workers.matching.learn import generate
from workers.matching.ready import let_the_collector_rest

T = TypeVar("T")

ROWS = (10_000, 100_000, 1_000_000)
QUERIES = 6_000
"""a part to begin with, half of the others one by one, the other half at once: none is asked twice"""
AT_ONCE = 500
SEED = 7
_TYPED = (0.15, 0.4, 0.7, 1.0)
"""how much of an address is typed when suggestions are asked for"""


def _measured(rows: int, folder: Path) -> dict[str, float]:
    register, queries = folder / f"register-{rows}.csv", folder / f"queries-{rows}.csv"
    if not register.exists() or not queries.exists():
        made = ["--rows", str(rows), "--seed", str(SEED), "--output", str(register)]
        generate.main([*made, "--queries", str(min(QUERIES, rows)), "--queries-output", str(queries)])
    # Processes of their own: what is left of one is no memory that the next takes.
    built = _said_by("--build", str(register), str(folder / f"index-{rows}"))
    return {"rows": rows, **built, **_said_by("--search", str(folder / f"index-{rows}"), str(queries))}


def _said_by(*arguments: str) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.growth", *arguments]
    said: dict[str, float] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return said


def _built(register: Path, folder: Path) -> dict[str, float]:
    began = time.perf_counter()
    snapshot = index_of_file(register, folder).snapshot
    return {
        "build_seconds": round(time.perf_counter() - began, 1),
        "build_cpu_seconds": round(sum(_used(who).ru_utime + _used(who).ru_stime for who in _OURS), 1),
        "build_peak_mib": round(max(_used(who).ru_maxrss for who in _OURS) / 1024, 1),
        "snapshot_mib": round(snapshot.bytes / 2**20, 1),
    }


_OURS = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
_used = resource.getrusage


def _searched(folder: Path, file: Path) -> dict[str, float]:
    index = MappedIndex(Snapshot(current(folder) or folder))
    queries = read_queries(file, with_gold=True)
    # The tables of words are read, and the pages of the snapshot are there, before anything is measured.
    first, rest = queries[: len(queries) // 10], queries[len(queries) // 10 :]
    evaluate(index, first)
    let_the_collector_rest()
    cpu = [time.process_time()]
    answers = answer(index, rest[::2])
    cpu.append(time.process_time())
    answers_at_once = answer(index, rest[1::2], at_once=AT_ONCE)
    cpu.append(time.process_time())
    said, found = figures(answers, cpu[1] - cpu[0]), figures([*answers, *answers_at_once], cpu[2] - cpu[0])
    suggest = Suggestions(lambda: index)
    lines = [on_one_line(query.address) for query in queries]
    typed = [line[: max(2, int(len(line) * share))] for line in lines for share in _TYPED]
    return {
        **{name: found[name] for name in ("f1", "precision", "false_accept")},
        **{name: said[name] for name in ("p50_ms", "p99_ms")},
        "one_by_one_per_cpu_second": said["queries_per_cpu_second"],
        f"{AT_ONCE}_at_once_per_cpu_second": round(len(answers_at_once) / (cpu[2] - cpu[1]), 1),
        **_times("match", lambda query: evaluate(index, [query]), queries),
        **_times("suggest", lambda text: suggest(text, None, 8), typed),
        "private_mib": round(_private_kib() / 1024, 1),
    }


def _times(name: str, ask: Callable[[T], object], questions: Sequence[T]) -> dict[str, float]:
    """Processor time of each question: what it takes when nobody else wants the processor."""
    times = []
    for question in questions:
        began = time.thread_time()
        ask(question)
        times.append((time.thread_time() - began) * 1000)
    times.sort()
    return {
        f"{name}_p50_cpu_ms": round(times[len(times) // 2], 2),
        f"{name}_p99_cpu_ms": round(times[int((len(times) - 1) * 0.99)], 2),
    }


def _private_kib() -> int:
    """The memory that only this process has: the pages of the snapshot are the system's, and shared."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Anonymous:"))


def main(arguments: list[str] | None = None) -> int:
    """Print a line of figures for each size."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.growth", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=ROWS, help="sizes of the register")
    parser.add_argument("--folder", type=Path, help="where registers and snapshots stay, to be used again")
    parser.add_argument("--build", type=Path, nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--search", type=Path, nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.build or options.search:
        print(json.dumps(_built(*options.build) if options.build else _searched(*options.search)))
        return 0
    with tempfile.TemporaryDirectory(prefix="growth-") as name:
        folder = options.folder or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        for rows in options.rows:
            print(json.dumps(_measured(rows, folder)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
