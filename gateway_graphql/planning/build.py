"""From a solution to requests that wait for one another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from math import inf
from typing import Literal

from graphql import NonNullTypeNode, print_ast

from gateway_graphql.planning.conditions import ALWAYS, NEVER, Condition, both, but_not, either
from gateway_graphql.planning.operation import INITIAL, TYPENAME, Need
from gateway_graphql.planning.plan import ContextSource, Step, Template, TemplateField
from gateway_graphql.planning.selections import ENTITY, Selection
from gateway_graphql.planning.size import OperationTooLarge
from gateway_graphql.planning.slots import Scope
from gateway_graphql.planning.solution import ClassSolution, PlaceKey, PositionSolution, Stop, Supply
from gateway_graphql.planning.solve import Solver
from gateway_graphql.supergraph.model import ContextArgument

__all__ = ["AT_ONCE", "Builder", "CannotPlan", "Draft"]

_Path = tuple[Step, ...]
AT_ONCE = frozenset({INITIAL})


class CannotPlan(ValueError):
    """No way was found to answer the operation; a supergraph that composes does not let this happen."""


@dataclass(eq=False, slots=True)
class Draft:
    """A request in the making."""

    graph: str
    mode: Literal["entities", "root"]
    path: _Path
    selection: Selection
    depth: int
    depends_on: set[Draft]
    kind: Literal["query", "mutation", "subscription"] = "query"
    templates: dict[str | None, Template] = field(default_factory=dict)
    condition: Condition = NEVER
    contexts: dict[str, ContextSource] = field(default_factory=dict)
    """by variable: where the value is that a context gives it"""
    context_types: dict[str, str] = field(default_factory=dict)
    group: frozenset[int] = AT_ONCE
    """the blocks of ``@defer`` it is made for; what is wanted at once is never asked together with what is not"""
    types: frozenset[str] | None = None
    """those it is made for, where the subgraph cannot tell what is wanted of which"""
    blocks: set[int] = field(default_factory=set)
    """everyone who waits for it"""


@dataclass(frozen=True, slots=True)
class _Arrival:
    """Where the objects of a position come from: the request, and the selection in it."""

    draft: Draft
    selection: Selection


@dataclass(frozen=True, slots=True)
class _Setter:
    """An object above that sets a context."""

    steps: int
    builder: _ClassBuilder

    def source(self, argument: ContextArgument) -> tuple[ContextSource, set[Draft]]:
        """Where the value is, and who brings it."""
        here = self.builder
        needs = here.solver.hidden_needs(here.name, argument.selection)
        if not needs or here.name == here.supergraph.roots.get("subscription"):
            # The selection is for other types; or it is a stream, beside whose field nothing may be asked.
            return ContextSource(self.steps, None), set()
        key = here.key_of(needs[0])
        field_ = here.template_field(here.name, here.solution.supplies[key].need, here.scope, False)
        return ContextSource(self.steps, field_), here.done[key]


@dataclass(slots=True)
class _Shared:
    """A field with all that is below it, drafted once for all types that can be at a position."""

    types: tuple[str, ...]
    otherwise: bool = False
    """whether its objects may be there when it is not wanted"""
    involved: set[Draft] | None = None
    """once it is drafted"""


class Builder:
    """Makes drafts of the solutions of one operation."""

    def __init__(
        self,
        solver: Solver,
        kind: Literal["query", "mutation", "subscription"],
        context_prefix: str = "_c",
        *,
        most_drafts: float = inf,
    ) -> None:
        self.most_drafts = most_drafts
        """when to give up"""
        self.context_prefix = context_prefix
        self.solver = solver
        self.supergraph = solver.supergraph
        self.kind = kind
        self.drafts: list[Draft] = []

    def root(
        self, solution: PositionSolution, scope: Scope, after: set[Draft], onto: Draft | None = None
    ) -> set[Draft]:
        """
        Draft an operation's root (of a mutation: one of its fields). The drafts that were involved.

        ``after``: what must be done before; ``onto``: a request to add to if it goes to the same subgraph.
        """
        return self._position(solution, scope, (), {}, set(after), {}, AT_ONCE, ALWAYS, onto)

    def _position(
        self,
        solution: PositionSolution,
        scope: Scope,
        path: _Path,
        arrivals: dict[object, _Arrival],
        after: set[Draft],
        setters: dict[str, _Setter],
        blocks: frozenset[int],
        given: Condition,
        onto: Draft | None = None,
    ) -> set[Draft]:
        """``given``: when the position is wanted, where its objects may be there even when it is not."""
        others = self._may_hold_others(solution)
        guarded = others or len(solution.classes) > 1
        builders = [
            _ClassBuilder(
                self,
                one,
                solution,
                scope,
                path,
                arrivals,
                after,
                frozenset(one.type_class.types) if guarded else None,
                setters,
                blocks,
                given,
                onto,
            )
            for one in solution.classes
            if one.stops or one.supplies
        ]
        if len(builders) > 1 and not others:
            _share_what_all_want(builders)
        involved: set[Draft] = set()
        for builder in builders:
            involved |= builder.build()
        return involved

    def _may_hold_others(self, solution: PositionSolution) -> bool:
        """Whether objects may be there of types that clients do not see, so that nothing is wanted of them."""
        position = solution.position
        others = set(self.supergraph.possible_types(position.type_name))
        others.difference_update(*(one.types for one in position.classes))
        return any(self.solver.sources.is_possible(entry, name) for entry in solution.entries for name in others)

    def draft(self, wanted: Draft) -> Draft:
        """The draft to use: one that goes to the same objects of the same subgraph at the same time, or this."""
        for draft in self.drafts:
            if (
                (draft.graph, draft.mode, draft.path, draft.depth, draft.kind, draft.group, draft.types)
                == (wanted.graph, wanted.mode, wanted.path, wanted.depth, wanted.kind, wanted.group, wanted.types)
                and draft.selection.type_name == wanted.selection.type_name
                and _agree(draft.templates, wanted.templates)
            ):
                for name, template in wanted.templates.items():
                    draft.templates[name] = _joined(draft.templates.get(name), template)
                for variable, source in wanted.contexts.items():
                    before = draft.contexts[variable].condition if variable in draft.contexts else NEVER
                    draft.contexts[variable] = replace(source, condition=either(before, source.condition))
                draft.context_types.update(wanted.context_types)
                draft.depends_on |= wanted.depends_on
                draft.condition = either(draft.condition, wanted.condition)
                return draft
        if len(self.drafts) >= self.most_drafts:
            raise OperationTooLarge("The operation takes too many requests.")
        self.drafts.append(wanted)
        return wanted


class _ClassBuilder:
    """Drafts what one class of types needs at one position."""

    def __init__(
        self,
        builder: Builder,
        solution: ClassSolution,
        position: PositionSolution,
        scope: Scope,
        path: _Path,
        arrivals: dict[object, _Arrival],
        after: set[Draft],
        guard: frozenset[str] | None,
        setters: dict[str, _Setter],
        blocks: frozenset[int],
        given: Condition,
        onto: Draft | None,
    ) -> None:
        self.builder = builder
        self.solver = builder.solver
        self.supergraph = builder.supergraph
        self.solution = solution
        self.position = position.position
        self.scope = scope
        self.path = path
        self.arrivals = arrivals
        self.after = after
        self.guard = guard
        self.onto = onto
        self.given = given
        self.types = solution.type_class.types
        self.name = self.types[0]
        self.done: dict[object, set[Draft]] = {}
        self.place: dict[tuple[int, frozenset[int]], _Arrival] = {}
        self.shared: dict[PlaceKey, _Shared] = {}
        self.blocks = _blocks(solution, blocks)
        self.conditions = _conditions(
            solution, {self.key_of(need): need for need in solution.type_class.needs if need.hidden}
        )
        mine = _Setter(len(path), self)
        self.setters = setters
        """of the contexts for the fields of these objects"""
        self.setters_below = {**setters, **dict.fromkeys(self.supergraph.contexts_of(self.name), mine)}

    def build(self) -> set[Draft]:
        """Draft the stops in the order they are made, each with what it supplies."""
        stops = self.solution.stops
        last_stop = {
            key: max(supply.stops, key=lambda i: (stops[i].stage, i)) for key, supply in self.solution.supplies.items()
        }
        involved: set[Draft] = set()
        # What is below may take its arguments from here: then it comes after everything that is hidden here.
        # And if it is below some types only, it comes after whatever tells the types.
        sets = any(need.for_context for need in self.solution.type_class.needs)
        later: list[tuple[PlaceKey, Supply]] = []
        sent = {key for stop in stops for key in stop.uses}  # another request waits for it
        for index in sorted(range(len(stops)), key=lambda i: (stops[i].stage, i)):
            if not sets and not self._typename_is_to_come():
                involved |= self._supply_all(later)
            for group in self._groups(index):
                self.place[index, group] = self._arrive(index, stops[index], group)
            mine = [(key, supply) for key, supply in self.solution.supplies.items() if last_stop[key] == index]
            for key, supply in sorted(mine, key=lambda pair: pair[1].need.name != TYPENAME):
                waits = (sets and key not in sent) or self._typename_is_to_come()
                if waits and key not in self.shared and supply.child is not None and not supply.need.for_context:
                    later.append((key, supply))
                    continue
                self.done[key] = self._supply(key, supply)
                involved |= self.done[key]
        return involved | self._supply_all(later)

    def _supply_all(self, later: list[tuple[PlaceKey, Supply]]) -> set[Draft]:
        """Draft what had to wait; nothing is left."""
        involved: set[Draft] = set()
        while later:
            key, supply = later.pop(0)
            self.done[key] = self._supply(key, supply)
            involved |= self.done[key]
        return involved

    def _groups(self, index: int) -> list[frozenset[int]]:
        """The blocks that a subgraph is asked for on their own."""
        return list(dict.fromkeys(self._group(index, key) for key in self._supplied_by(index))) or [AT_ONCE]

    def _supplied_by(self, index: int) -> list[PlaceKey]:
        return [key for key, supply in self.solution.supplies.items() if index in supply.stops]

    def _group(self, index: int, key: PlaceKey) -> frozenset[int]:
        stop = self.solution.stops[index]
        # What is handed out comes along, and a mutation's fields are made once and in order.
        whole = stop.mode == "entry" or (stop.mode == "root" and self.builder.kind != "query" and not self.path)
        blocks = self.blocks[key]
        return AT_ONCE if whole or INITIAL in blocks else blocks

    def _arrive(self, index: int, stop: Stop, group: frozenset[int]) -> _Arrival:
        if stop.mode == "entry":
            return self.arrivals[stop.entry]
        builder = self.builder
        depends_on = set(self.after)
        for key in stop.uses:
            depends_on |= self.done[key]
        contexts: dict[str, ContextSource] = {}
        context_types: dict[str, str] = {}
        condition = NEVER
        for key in self._supplied_by(index):
            if self._group(index, key) == group:
                supply = self.solution.supplies[key]
                condition = either(condition, self.conditions[key])
                for argument in self._context_arguments(stop.graph, supply.need):
                    variable = self._context_variable(supply.need, argument)
                    context_types[variable] = argument.type
                    source, drafts = self._setter(supply.need, argument).source(argument)
                    before = contexts[variable].condition if variable in contexts else NEVER
                    contexts[variable] = replace(source, condition=either(before, self.conditions[key]))
                    depends_on |= drafts
        if stop.mode == "root":
            at_root = not self.path and not self.arrivals
            kind = builder.kind if at_root else "query"
            if kind == "mutation":
                depends_on |= {arrival.draft for arrival in self.place.values()}
            if self.onto is not None and self.onto.graph == stop.graph and at_root:
                return _Arrival(self.onto, self.onto.selection)
            type_name = self.supergraph.roots[kind]
            wanted = Draft(
                stop.graph, "root", self.path, Selection(self.supergraph, stop.graph, type_name), 0, depends_on, kind
            )
        else:
            templates: dict[str | None, Template] = {
                name: self._template(stop, name) for name in self._template_types(stop)
            }
            wanted = Draft(
                stop.graph,
                "entities",
                self.path,
                # several types may go at once, so the selection below says what is for which
                Selection(self.supergraph, stop.graph, ENTITY if stop.seen_as == self.name else stop.seen_as),
                0,
                depends_on,
                templates=templates,
                contexts=contexts,
                context_types=context_types,
                types=self.guard if stop.needs_typename and not stop.tells_typename else None,
            )
        wanted.depth = 1 + max((draft.depth for draft in depends_on), default=-1)
        wanted.condition = both(self.given, condition)
        wanted.group = group
        draft = builder.draft(wanted)
        return _Arrival(draft, draft.selection)

    def _template_types(self, stop: Stop) -> Iterable[str | None]:
        typename_known = stop.needs_typename or any(
            other.tells_typename for other in self.solution.stops if other.mode == "entry"
        )
        return self.types if self.guard is not None and typename_known else (None,)

    # -- needs

    def _supply(self, key: PlaceKey, supply: Supply) -> set[Draft]:
        need = supply.need
        arrivals = [self.place[index, self._group(index, key)] for index in supply.stops]
        involved = {arrival.draft for arrival in arrivals}
        for draft in involved:
            draft.blocks |= self.blocks[key]
        if need.name == TYPENAME:
            for arrival in arrivals:
                arrival.selection.typename = True
            return involved
        shared = self.shared.get(key)
        if shared is not None and shared.involved is not None:
            return shared.involved
        condition = both(self.given, self.conditions[key])
        by_slot: dict[str, list[str]] = {}
        for name in self.types:
            by_slot.setdefault(self.scope.slot_of(name, need), []).append(name)
        for slot, names in by_slot.items():
            types = shared.types if shared else tuple(names)
            below: dict[object, _Arrival] = {}
            for number, arrival in enumerate(arrivals):
                entry = supply.child.entries[number] if supply.child else None
                graph = self.solution.stops[supply.stops[number]].graph
                child = arrival.selection.pick(
                    types, slot, self._with_context(graph, need), condition, entry.type_name if entry else None
                )
                if child is not None and entry is not None:
                    below[entry] = _Arrival(arrival.draft, child)
            if supply.child is not None:
                step = Step(slot, frozenset(types) if self.guard is not None and not shared else None)
                otherwise = shared.otherwise if shared else self._is_brought_otherwise(key, slot)
                involved |= self.builder._position(
                    supply.child,
                    self.scope.child(slot, need.response_key),
                    (*self.path, step),
                    below,
                    self.after | involved | (set() if shared else self._typename_drafts()),
                    self.setters_below,
                    self.blocks[key],
                    condition if self.given != ALWAYS or otherwise else ALWAYS,
                )
        if shared:
            shared.involved = involved
        return involved

    def comes_along(self) -> Iterator[tuple[object, PlaceKey]]:
        """
        What has more below it and comes along with the objects, each with all that drafting it depends on.

        Where two classes of types say the same, their objects need not be told apart to go on from there.
        """
        for key, supply in self.solution.supplies.items():
            stops = [self.solution.stops[index] for index in supply.stops]
            slots = {self.scope.slot_of(name, supply.need) for name in self.types} if supply.child else set()
            if len(slots) == 1 and all(stop.mode == "entry" for stop in stops):
                (slot,) = slots
                entries = tuple(stop.entry for stop in stops)
                yield (slot, id(supply.child), entries, self.conditions[key], self.blocks[key]), key

    def share(self, key: PlaceKey, shared: _Shared) -> None:
        """Draft what a need wants together with the other classes."""
        self.shared[key] = shared
        slot = self.scope.slot_of(self.name, self.solution.supplies[key].need)
        shared.otherwise |= self._is_brought_otherwise(key, slot)

    def _is_brought_otherwise(self, key: PlaceKey, slot: str) -> bool:
        """Whether the objects of a slot may be there when this need is not wanted: because another one is."""
        return any(
            other != key
            and supply.child is not None
            and any(self.scope.slot_of(name, supply.need) == slot for name in self.types)
            and but_not(self.conditions[other], self.conditions[key]) != NEVER
            for other, supply in self.solution.supplies.items()
        )

    # -- contexts

    def _context_arguments(self, graph: str, need: Need) -> tuple[ContextArgument, ...]:
        if not self.supergraph.contexts:
            return ()
        source = None if need.name == TYPENAME else self.solver.sources.source(graph, self.name, need.name)
        return source.context_arguments if source else ()

    def _context_variable(self, need: Need, argument: ContextArgument) -> str:
        return f"{self.builder.context_prefix}_{self.name}_{need.name}_{argument.name}"

    def _setter(self, need: Need, argument: ContextArgument) -> _Setter:
        setter = self.setters.get(argument.context)
        if setter is None:
            raise CannotPlan(f"Nothing above {self.name}.{need.name} sets the context of its argument {argument.name}.")
        return setter

    def _with_context(self, graph: str, need: Need) -> Need:
        """The need as the subgraph sees it: with the arguments that the client does not know of."""
        said = [f"{one.name}: ${self._context_variable(need, one)}" for one in self._context_arguments(graph, need)]
        if not said:
            return need
        given = [print_ast(one) for one in need.arguments]
        directives = "".join(f" {print_ast(one)}" for one in need.directives)
        return replace(need, arguments_text=f"({', '.join((*given, *said))}){directives}")

    def _typename_is_to_come(self) -> bool:
        """Whether what tells the types apart has still to be asked."""
        return self.guard is not None and any(
            supply.need.name == TYPENAME and key not in self.done for key, supply in self.solution.supplies.items()
        )

    def _typename_drafts(self) -> set[Draft]:
        """Whoever goes on from some types only must know the types first."""
        if self.guard is None:
            return set()
        return {
            draft
            for key, supply in self.solution.supplies.items()
            if supply.need.name == TYPENAME
            for draft in self.done.get(key, ())
        }

    # -- representations

    def _template(self, stop: Stop, name: str | None) -> Template:
        type_name = name or self.name
        fields: dict[str, TemplateField] = {}
        for is_key, field_sets in ((True, stop.keys), (False, stop.requires)):
            for field_set in field_sets:
                needs = [need for need in self.solver.hidden_needs(self.name, field_set) if need.name != TYPENAME]
                alone = is_key and _leaves(needs) == 1
                for need in needs:
                    # As it is supplied: of another type, the same field may have the slot of another alias.
                    supplied = self.solution.supplies[self.key_of(need)].need
                    required: bool | str = alone or (is_key and stop.graph)
                    one = self.template_field(type_name, supplied, self.scope, required)
                    fields[one.name] = _joined_field(fields.get(one.name), one)
        # An interface object is sent under the interface's name, even where the type must be known to send it at all.
        typename = name if stop.needs_typename and stop.seen_as == self.name else stop.seen_as
        said = dict.fromkeys(str(one) for one in (*stop.keys, *stop.requires))
        return Template(typename, tuple(fields.values()), " ".join(said))

    def key_of(self, need: Need) -> PlaceKey:
        """Under what the need is supplied."""
        for key, supply in self.solution.supplies.items():
            found = supply.need
            if (found.name, found.asked_as, found.child is None) == (
                need.name,
                need.asked_as,
                need.child is None,
            ) and found.child is need.child:
                return key
        raise AssertionError(f"nobody supplies {need.name}")

    def template_field(self, type_name: str, need: Need, scope: Scope, required: bool | str) -> TemplateField:
        """
        One field of a representation, or of what a context is read from.

        ``required``: whether null identifies nothing; where a subgraph is named, that is for its types to say.
        """
        slot = scope.slot_of(type_name, need)
        templates: dict[str | None, Template] | None = None
        if need.child is not None:
            templates = {}
            below = scope.child(slot)
            for one in need.child.classes:
                for name in one.types:
                    fields = tuple(
                        self.template_field(name, child, below, required)
                        for child in one.needs
                        if child.name != TYPENAME and not child.for_context
                    )
                    if need.child.abstract:
                        templates[name] = Template(name, fields)
                    else:
                        templates[None] = Template("", fields)
        if isinstance(required, str):
            source = self.solver.sources.source(required, type_name, need.name)
            required = source is None or isinstance(source.type, NonNullTypeNode)
        return TemplateField(need.name, slot, required, templates)


def _leaves(needs: Iterable[Need]) -> int:
    """How many values a key is made of."""
    return sum(
        1 if need.child is None else max((_leaves(one.needs) for one in need.child.classes), default=1)
        for need in needs
        if need.name != TYPENAME
    )


def _share_what_all_want(builders: list[_ClassBuilder]) -> None:
    """Let the classes of a position draft together what comes along with the objects of all of them."""
    if builders[0].supergraph.contexts:
        return  # what is below may differ by what is above
    first, *others = [dict(one.comes_along()) for one in builders]
    types = tuple(name for one in builders for name in one.types)
    for said, key in first.items():
        if all(said in one for one in others):
            shared = _Shared(types)
            builders[0].share(key, shared)
            for builder, one in zip(builders[1:], others, strict=True):
                builder.share(one[said], shared)


def _conditions(solution: ClassSolution, said: dict[object, Need]) -> dict[object, Condition]:
    """
    When each stop and each need of a class is wanted: a hidden need when whoever uses it is.

    ``said``: the hidden needs that are there for what is below.
    """
    conditions: dict[object, Condition] = {
        key: supply.need.condition if supply.need in solution.type_class.needs else NEVER
        for key, supply in solution.supplies.items()
    }
    for key, need in said.items():
        conditions[key] = either(conditions[key], need.condition)
    stops = solution.stops
    for key, supply in solution.supplies.items():
        if supply.need.name == TYPENAME:
            conditions[key] = ALWAYS
    for index in sorted(range(len(stops)), key=lambda i: -stops[i].stage):
        wanted = NEVER
        for key, supply in solution.supplies.items():
            if index in supply.stops:
                wanted = either(wanted, conditions[key])
        conditions[index] = wanted
        for key in stops[index].uses:
            conditions[key] = either(conditions[key], wanted)
    return conditions


def _blocks(solution: ClassSolution, here: frozenset[int]) -> dict[PlaceKey, frozenset[int]]:
    """Who wants each need of a class: a hidden one is wanted by whoever needs what is fetched with it."""
    blocks: dict[PlaceKey, frozenset[int]] = {
        key: here
        if supply.need.name == TYPENAME or (supply.need.hidden and not supply.need.for_context)
        else supply.need.blocks
        if supply.need in solution.type_class.needs
        else frozenset()
        for key, supply in solution.supplies.items()
    }
    stops = solution.stops
    for index in sorted(range(len(stops)), key=lambda i: -stops[i].stage):
        for key in stops[index].uses:
            for other, supply in solution.supplies.items():
                if index in supply.stops:
                    blocks[key] |= blocks[other]
    return {key: found or AT_ONCE for key, found in blocks.items()}


def _agree(some: dict[str | None, Template], others: dict[str | None, Template]) -> bool:
    for name, template in others.items():
        mine = some.get(name)
        if mine is None:
            if (None in some) != (name is None):
                return False
            continue
        if mine.typename != template.typename:
            return False
        slots = {one.name: one.slot for one in mine.fields}
        if any(slots.get(one.name, one.slot) != one.slot for one in template.fields):
            return False
    return True


def _joined(one: Template | None, other: Template) -> Template:
    if one is None:
        return other
    fields = {field_.name: field_ for field_ in one.fields}
    for field_ in other.fields:
        fields[field_.name] = _joined_field(fields.get(field_.name), field_)
    needs = one.needs if other.needs in one.needs else f"{one.needs} {other.needs}"
    return Template(one.typename, tuple(fields.values()), needs)


def _joined_field(one: TemplateField | None, other: TemplateField) -> TemplateField:
    if one is None:
        return other
    templates = one.templates
    if one.templates is not None and other.templates is not None:
        names = dict.fromkeys((*one.templates, *other.templates))
        templates = {
            name: _joined(one.templates.get(name), other.templates.get(name) or one.templates[name]) for name in names
        }
    return TemplateField(one.name, one.slot, one.required or other.required, templates)
