"""Operations planned by ours, and by Apollo's and Hive's planners in one node process."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from graphql import GraphQLSchema, OperationDefinitionNode, parse
from graphql.execution.values import VariableValues, get_variable_values

from gateway_graphql.planning.plan import Plan
from gateway_graphql.planning.plan_operation import plan_operation
from gateway_graphql.planning.sources import Sources
from gateway_graphql.supergraph.api_schema import api_schema
from gateway_graphql.supergraph.read import read_supergraph
from tests.peers.plans.foreign import foreign_field
from tests.peers.plans.questions import Question
from tests.peers.plans.size import Size, size_of_ours, size_of_theirs

__all__ = ["Answer", "Planners"]

PEERS = Path(__file__).parents[1]


@dataclass(frozen=True)
class Answer:
    """How one operation is planned by everybody."""

    plan: Plan
    ours: Size
    theirs: Mapping[str, tuple[Size, Mapping[str, Any]]]
    """by planner; those that cannot plan it are left out, and Hive's where there are contexts: it ignores them"""
    wrong: Mapping[str, str]
    """by planner that is left out: a field that it asks for where it cannot be had"""


class _Peer:
    """One of the planners from npm, in a process of its own that is begun again when it breaks down."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._begin()

    def _begin(self) -> None:
        self._node = subprocess.Popen(
            ["node", "--max-old-space-size=1500", "node/plan.cjs"],
            cwd=PEERS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def ask(self, question: Question) -> list[dict[str, Any]]:
        """What became of each operation: ``{"done": plan}`` or ``{"error": message}``."""
        assert self._node.stdin
        assert self._node.stdout
        asked = {
            "planner": self.name,
            "supergraph": question.supergraph,
            "labels": sorted(question.labels),
            "operations": [text for text, _ in question.operations],
        }
        self._node.stdin.write(json.dumps(asked) + "\n")
        self._node.stdin.flush()
        line = self._node.stdout.readline()
        if line:
            answers: list[dict[str, Any]] = json.loads(line)
            return answers
        self.end()
        self._begin()
        return [{"error": "it broke down"} for _ in question.operations]

    def end(self) -> None:
        """Let the process end."""
        assert self._node.stdin
        assert self._node.stdout
        self._node.stdin.close()
        self._node.wait()
        self._node.stdout.close()


class Planners:
    """All planners, for as many questions as there are."""

    def __enter__(self) -> Planners:
        self._peers = [_Peer("apollo"), _Peer("hive")]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        for peer in self._peers:
            peer.end()

    def __call__(self, question: Question) -> list[Answer]:
        """One answer for each operation."""
        contexts = re.search(r"contextArguments: \[\s*\{", question.supergraph)
        peers = [one for one in self._peers if one.name != "hive" or not contexts]
        answers = {one.name: one.ask(question) for one in peers}
        supergraph = read_supergraph(question.supergraph)
        schema = api_schema(supergraph.document)
        sources = Sources(supergraph, question.labels)
        found: list[Answer] = []
        for index, (text, given) in enumerate(question.operations):
            document = parse(text)
            operation = next(one for one in document.definitions if isinstance(one, OperationDefinitionNode))
            variables = _values(schema, operation, given)
            plan = plan_operation(sources, schema, document, operation)
            theirs = {name: said[index]["done"] for name, said in answers.items() if "done" in said[index]}
            wrong = {name: field for name, one in theirs.items() if (field := foreign_field(one, sources))}
            sizes = {name: (size_of_theirs(one, variables), one) for name, one in theirs.items() if name not in wrong}
            found.append(Answer(plan, size_of_ours(plan, variables), sizes, wrong))
        return found


def _values(schema: GraphQLSchema, operation: OperationDefinitionNode, given: Mapping[str, Any]) -> dict[str, Any]:
    """The values that decide what is asked; where a case says nothing, every condition is true."""
    found = get_variable_values(schema, operation.variable_definitions or (), dict(given))
    if isinstance(found, VariableValues):
        return found.coerced
    return {one.variable.name.value: True for one in operation.variable_definitions or ()} | dict(given)
