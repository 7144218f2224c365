"""Plan every operation with three planners, and print where ours asks more, or waits longer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from tests.peers.plans.planners import Answer, Planners
from tests.peers.plans.questions import Question, questions

__all__ = ["compare_plans"]

WORSE = ("more requests", "more stages")
LARGER = "larger, as it must be"
WANTED = {
    "a_mutation_runs_where_it_first_counts": "a mutation that stands twice runs where it first counts, not after others",
    "an_argument_comes_from_another_mutation": "the mutation that an argument comes from is finished before the next",
    "a_computed_field_of_an_implementation": "Hive asks an interface for what one of its types must compute",
    "an_abstract_root_is_asked_of_one_subgraph": "two calls need not find the same",
    "one_call_finds_one_thing": "two calls need not find the same",
}
"""cases whose smaller plan is wrong, and why"""


def compare_plans(by_chance: int, each: int, seed: int, *, only: str | None = None) -> int:
    """Print, of each graph, the first operations for which another planner's plan is smaller; 0 if there are none."""
    verdicts: Counter[str] = Counter()
    requests: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    shown: set[tuple[str, str]] = set()
    with Planners() as planners:
        for question in questions(by_chance, each, seed):
            if only is not None and question.name != only:
                continue
            for (text, variables), answer in zip(question.operations, planners(question), strict=True):
                verdict = _verdict(answer)
                if verdict in WORSE and question.name in WANTED:
                    verdict = LARGER
                verdicts[verdict] += 1
                wrong.update(answer.wrong.keys())
                if len(answer.theirs) == 2:
                    requests["ours"] += answer.ours.requests
                    requests.update({name: size.requests for name, (size, _) in answer.theirs.items()})
                if verdict in WORSE and (question.name, verdict) not in shown:
                    shown.add((question.name, verdict))
                    _show(question, text, variables, answer)
    print(f"{verdicts.total()} operations: " + ", ".join(f"{count} {name}" for name, count in verdicts.most_common()))
    print("requests of what all can plan: " + ", ".join(f"{name} {count}" for name, count in requests.items()))
    print(
        "not compared, for they ask for what is not there: "
        + ", ".join(f"{name} {count}" for name, count in wrong.items())
    )
    return 1 if any(verdicts[one] for one in WORSE) else 0


def _verdict(answer: Answer) -> str:
    if not answer.theirs:
        return "planned by nobody else"
    best = min(size for size, _ in answer.theirs.values())
    if answer.ours > best and sum(one.kind == "mutation" for one in answer.plan.fetches) > 1:
        return LARGER  # a mutation is finished, with all that is below it, before the next one begins
    if answer.ours.requests > best.requests:
        return "more requests"
    if answer.ours.requests == best.requests and answer.ours.stages > best.stages:
        return "more stages"
    return "as small" if answer.ours == best else "smaller"


def _show(question: Question, text: str, variables: Mapping[str, Any], answer: Answer) -> None:
    print(f"\n===== {question.name}")
    for name, sdl in question.subgraphs:
        print(f"--- {name}\n{sdl.strip()}")
    print(f"--- asked{f', labels {sorted(question.labels)}' if question.labels else ''}\n{text}\n{dict(variables)}")
    print(f"--- ours: {answer.ours}\n{answer.plan}")
    for name, (size, plan) in answer.theirs.items():
        print(f"--- {name}: {size}")
        if size < answer.ours:
            print("\n".join(_lines(plan, "")))


def _lines(node: Mapping[str, Any] | None, indent: str, path: str = "") -> Iterator[str]:
    """A plan of theirs, a line for each request."""
    if node is None:
        return
    kind = node.get("kind", "Fetch")
    if kind in ("Fetch", "BatchFetch"):
        yield f"{indent}{node['serviceName']} {path}: {' '.join(node['operation'].split())}"
        return
    if kind == "Flatten":
        path = ".".join(str(next(iter(one.values())) if isinstance(one, dict) else one) for one in node["path"])
    elif kind != "QueryPlan":
        yield f"{indent}{kind} {node.get('condition', '')}"
        indent += "  "
    for key in ("node", "primary", "rest", "ifClause", "elseClause"):
        yield from _lines(node.get(key), indent, path)
    for one in node.get("nodes", ()):
        yield from _lines(one, indent, path)
