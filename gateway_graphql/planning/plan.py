"""
A plan: the requests that answer an operation, and what each of them waits for.

``str(plan)`` is for people, ``plan.to_json()`` for tools. Everything in it depends on the operation
only, so a plan is made once and run for every request that asks the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from graphql import DocumentNode, VariableDefinitionNode

from gateway_graphql.planning.conditions import ALWAYS, Condition, show_condition
from gateway_graphql.planning.operation import INITIAL
from gateway_graphql.supergraph.requirements import Requirement

__all__ = [
    "ContextSource",
    "Deferred",
    "EntityCall",
    "Fetch",
    "MergeTree",
    "Plan",
    "Shape",
    "ShapeField",
    "Step",
    "Target",
    "Template",
    "TemplateField",
]

MergeTree = Mapping[str, "MergeTree | None"]
"""the slots of an answer; a tree where there are objects, ``None`` where there is a leaf that is never entered"""


@dataclass(frozen=True, slots=True)
class Step:
    """One step down the merged answer."""

    slot: str
    types: frozenset[str] | None = None
    """only from objects of these types"""


@dataclass(frozen=True, slots=True)
class TemplateField:
    """One field of a representation."""

    name: str
    slot: str
    required: bool
    """of the key: without it there is no entity to ask for"""
    templates: Mapping[str | None, Template] | None = None
    """for objects: by concrete type, or under ``None`` for all of them"""


@dataclass(frozen=True, slots=True)
class Template:
    """How a representation is made from the merged answer."""

    typename: str | None
    """what to send as ``__typename``; ``None``: what the object says"""
    fields: tuple[TemplateField, ...]
    needs: str = ""
    """for people: the field set"""

    @property
    def simple_key(self) -> tuple[str, str, str] | None:
        """The type, the name and the slot of the only field, if all of the key is one field without any below it."""
        if not self.typename or len(self.fields) != 1:
            return None
        (one,) = self.fields
        return (self.typename, one.name, one.slot) if one.required and one.templates is None else None


@dataclass(frozen=True, slots=True)
class ContextSource:
    """Where the value of an argument from a context is: in an object above."""

    steps: int
    """how many steps of the path lead to that object"""
    field: TemplateField | None
    """what is read there; of an object, the one leaf that its templates name; ``None``: it says nothing, so null"""
    condition: Condition = ALWAYS
    """when whoever takes the value is wanted; else there need not be any"""


@dataclass(frozen=True, slots=True)
class Target:
    """Where the objects are that become representations."""

    path: tuple[Step, ...]
    templates: Mapping[str | None, Template]
    """by concrete type, or under ``None`` for all of them"""
    contexts: Mapping[str, ContextSource] = field(default_factory=dict)
    """by variable"""


@dataclass(frozen=True, slots=True)
class EntityCall:
    """One ``_entities`` field of a request."""

    response_key: str
    variable: str
    targets: tuple[Target, ...]
    merge: MergeTree
    selection: str
    condition: Condition = ALWAYS
    contexts: Mapping[str, str] = field(default_factory=dict)
    """variables whose values come from a context, with their types; entities with other values are another call"""


@dataclass(frozen=True, slots=True)
class Fetch:
    """One request to one subgraph."""

    id: int
    graph: str
    subgraph: str
    url: str
    kind: Literal["query", "mutation", "subscription"]
    document: str
    variables: tuple[str, ...]
    """the client's variables it uses"""
    depends_on: frozenset[int]
    condition: Condition
    path: tuple[Step, ...] = ()
    """where the answer of a root fetch belongs"""
    merge: MergeTree = field(default_factory=dict)
    calls: tuple[EntityCall, ...] = ()
    """empty for a root fetch"""
    selection: str = ""
    declared: tuple[str, ...] = ()
    """the variables of the client as the document declares them"""
    directives: str = ""
    """the custom directives of the client's operation that go along"""
    blocks: frozenset[int] = frozenset({INITIAL})
    """who wants it: what comes at once, or blocks of ``@defer``"""


@dataclass(frozen=True, slots=True)
class ShapeField:
    """One field of the answer, as the client asked for it."""

    response_key: str
    slot: str
    name: str
    wrappers: str
    """from outside in: ``!`` for non-null, ``[`` for a list"""
    type_name: str
    condition: Condition
    child: Shape | None
    enum_values: frozenset[str] | None = None
    occurrences: tuple[tuple[int, Condition], ...] = ()
    """where it stands in the operation, and when it counts there"""
    plain: bool = False
    """a scalar: what is not null is passed on as it is"""
    refused: bool = False
    """the caller may not see it: always null, with an error that says so"""


@dataclass(frozen=True, slots=True)
class Shape:
    """The answer at one position."""

    type_name: str
    constant: str | None
    """the only type an object can have here; ``None``: it says so itself"""
    asks_type: bool
    """whether it matters of which type an object is"""
    classes: Mapping[str, tuple[ShapeField, ...]]
    """by concrete type"""


@dataclass(frozen=True, slots=True)
class Deferred:
    """A place where a fragment with ``@defer`` stands."""

    block: int
    parent: int
    """the block around it; it comes first"""
    label: str | None
    path: tuple[Step, ...]
    condition: Condition
    shape: Shape
    """what the fragment selects, without the blocks inside it"""


@dataclass(frozen=True, slots=True)
class Plan:
    """How an operation is answered."""

    kind: Literal["query", "mutation", "subscription"]
    fetches: tuple[Fetch, ...]
    shape: Shape
    variables: tuple[VariableDefinitionNode, ...] = ()
    """what the operation declares"""
    primary: int | None = None
    """of a subscription: the fetch that is the stream"""
    introspection: DocumentNode | None = None
    """the part of the operation that the gateway answers itself"""
    deferred: tuple[Deferred, ...] = ()
    initial: Shape | None = None
    """with ``deferred``: what comes at once"""
    requirements: frozenset[Requirement] = frozenset()
    """what the operation asks of a caller, whether this one meets it or not"""

    def __str__(self) -> str:
        return "\n".join((*_show(self), *map(_show_deferred, self.deferred))) or "Nothing to fetch"

    def to_json(self) -> dict[str, Any]:
        """The plan as JSON: the nodes and what they depend on."""
        return {
            "kind": self.kind,
            "fetches": [
                {
                    "id": one.id,
                    "subgraph": one.subgraph,
                    "operation": one.document,
                    "dependsOn": sorted(one.depends_on),
                    **({"path": show_path(one.path)} if one.path else {}),
                    **({"defer": sorted(one.blocks)} if INITIAL not in one.blocks else {}),
                    **({"stream": True} if one.id == self.primary else {}),
                    **(
                        {
                            "entities": [
                                {
                                    "path": show_path(target.path),
                                    "representations": {
                                        (name or "*"): template.needs for name, template in target.templates.items()
                                    },
                                }
                                for call in one.calls
                                for target in call.targets
                            ]
                        }
                        if one.calls
                        else {}
                    ),
                    **({"if": show_condition(one.condition)} if one.condition != ALWAYS else {}),
                }
                for one in self.fetches
            ],
            **({"deferred": [_deferred_to_json(one) for one in self.deferred]} if self.deferred else {}),
        }


def _deferred_to_json(one: Deferred) -> dict[str, Any]:
    return {
        "block": one.block,
        "path": show_path(one.path),
        **({"label": one.label} if one.label is not None else {}),
        **({"within": one.parent} if one.parent != INITIAL else {}),
        **({"if": show_condition(one.condition)} if one.condition != ALWAYS else {}),
    }


def show_path(path: tuple[Step, ...]) -> str:
    """``order.lines|Book.product``"""
    return ".".join(
        f"|{'|'.join(sorted(step.types))}.{step.slot}" if step.types else step.slot for step in path
    ).lstrip(".")


def _show(plan: Plan) -> Iterator[str]:
    stages: dict[int, list[Fetch]] = {}
    depth: dict[int, int] = {}
    for one in plan.fetches:
        depth[one.id] = 1 + max((depth[other] for other in one.depends_on), default=-1)
        stages.setdefault(depth[one.id], []).append(one)
    if len(stages) == 1 and len(plan.fetches) == 1:
        yield from _show_fetch(plan, plan.fetches[0], "")
        return
    if len(stages) > 1:
        yield "In order"
    for _, fetches in sorted(stages.items()):
        indent = "  " if len(stages) > 1 else ""
        if len(fetches) > 1:
            yield f"{indent}Together"
            indent += "  "
        for one in fetches:
            yield from _show_fetch(plan, one, indent)


def _show_deferred(one: Deferred) -> str:
    label = f" {one.label}" if one.label is not None else ""
    when = f" if {show_condition(one.condition)}" if one.condition != ALWAYS else ""
    return f"Later part{label} at {show_path(one.path) or 'the root'}{when}"


def _show_fetch(plan: Plan, one: Fetch, indent: str) -> Iterator[str]:
    when = f" if {show_condition(one.condition)}" if one.condition != ALWAYS else ""
    verb = "Subscribe to" if one.id == plan.primary else "Fetch" if INITIAL in one.blocks else "Later fetch"
    if not one.calls:
        at = f" at {show_path(one.path)}" if one.path else ""
        yield f"{indent}{verb} {one.subgraph}{at}{when}: {{ {one.selection} }}"
        return
    if len(one.calls) > 1:
        yield f"{indent}{verb} {one.subgraph}"
        indent += "  "
    for call in one.calls:
        head = f"{verb} {one.subgraph}" if len(one.calls) == 1 else "Entities"
        tail = f" if {show_condition(call.condition)}" if call.condition != ALWAYS else ""
        at = ", ".join(show_path(target.path) or "the root" for target in call.targets)
        needs = ", ".join(
            dict.fromkeys(
                f"{template.typename or name or 'any'} {{ {template.needs} }}"
                for target in call.targets
                for name, template in target.templates.items()
            )
        )
        yield f"{indent}At {at}{tail}"
        yield f"{indent}  {head} needs {needs}: {{ {call.selection} }}"
