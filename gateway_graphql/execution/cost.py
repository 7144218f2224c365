"""
What an operation costs: estimated from its form before it runs, counted from its answer afterwards.

``@cost`` and ``@listSize`` mean what they mean in Apollo's federation and the IBM cost specification
(https://ibm.github.io/graphql-specs/cost-spec.html): an object costs 1, a leaf 0, a mutation 10 more, each times the length of the
lists it lies in; arguments add what their values cost. An estimate is made once for each document; where it depends on
variables it is a formula of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInputType,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_input_object_type,
    is_list_type,
    value_from_ast_untyped,
)

from gateway_graphql.execution.operation_limits import MODES
from gateway_graphql.supergraph.links import linked_specs, local_name

__all__ = ["CostLimits", "CostUncountable", "Costs", "OperationCost"]

MUTATION = 10.0
Variables = Mapping[str, Any]
Formula = Callable[[Variables], float]
Amount = float | Formula


class CostUncountable(ValueError):
    """A list says that one argument must tell its length, and none or several do."""


@dataclass(frozen=True, slots=True)
class CostLimits:
    """What one operation may cost by ``@cost`` and ``@listSize``. Section ``cost``."""

    mode: str = field(default="enforce", metadata={"choices": MODES})
    """enforce: refuse what would cost more than ``most``; measure: answer it, and count; off"""
    most: int = 100_000
    """of one operation, as it is estimated"""
    list_size: int = 10
    """items of a list of which nothing is said"""
    actual: bool = False
    """count what answers really cost, for the metrics: a walk through each of them"""
    in_answer: bool = False
    """tell clients in ``extensions.cost``"""

    @property
    def counts_answers(self) -> bool:
        """Whether anybody wants to know what an answer cost."""
        return self.mode != "off" and (self.actual or self.in_answer)


@dataclass(slots=True)
class _Counted:
    """A field of the answer, with what each object (or leaf) of it costs."""

    each: float
    arguments: Amount
    below: dict[str, _Counted]


@dataclass(frozen=True, slots=True)
class OperationCost:
    """What one operation costs."""

    _estimate: Amount
    _base: float
    _fields: dict[str, _Counted]

    @property
    def fixed(self) -> float | None:
        """The estimate, if it is the same for all variables."""
        return None if callable(self._estimate) else self._estimate

    def estimated(self, variables: Variables) -> float:
        """
        Before it runs, for these variables (their defaults set).

        :raises CostUncountable: nobody says how long a list is that needs it said.
        """
        return _of(self._estimate, variables)

    def actual(self, data: Mapping[str, Any] | None, variables: Variables) -> float:
        """Afterwards, for this ``data`` of the answer."""
        return self._base + _counted(self._fields, data or {}, variables)


def _counted(fields: Mapping[str, _Counted], data: Mapping[str, Any], variables: Variables) -> float:
    total = 0.0
    for key, counted in fields.items():
        if key in data:
            total += _of(counted.arguments, variables)
            values = [data[key]]
            while values:
                value = values.pop()
                if isinstance(value, list):
                    values += value
                elif value is not None:
                    total += counted.each
                    if counted.below and isinstance(value, Mapping):
                        total += _counted(counted.below, value, variables)
    return total


@dataclass(frozen=True, slots=True)
class _ListSize:
    assumed: int | None
    slicing: tuple[str, ...]
    sized: tuple[str, ...]
    needs_one: bool


class Costs:
    """The weights of one supergraph."""

    def __init__(
        self, supergraph: DocumentNode, schema: GraphQLSchema, list_size: int, *, counts_answers: bool = True
    ) -> None:
        """``counts_answers``: whether anybody will ask what an answer cost."""
        self._schema = schema
        self._list_size = list_size
        self._counts_answers = counts_answers
        self._weights: dict[tuple[str, ...], float] = {}
        """of a type, a field of a type, an argument of a field of a type"""
        self._list_sizes: dict[tuple[str, str], _ListSize] = {}
        self._free: dict[tuple[str, str], bool] = {}
        if "cost" in linked_specs(supergraph):
            self._read(supergraph)

    def of(self, document: DocumentNode, operation: OperationDefinitionNode) -> OperationCost:
        """
        The cost of an operation that is valid.

        :raises CostUncountable: see :meth:`OperationCost.estimated`; it is so whatever the variables are.
        """
        root = self._schema.get_root_type(operation.operation)
        base = MUTATION if operation.operation is OperationType.MUTATION else 0.0
        fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
        assert root is not None  # noqa: S101 (the operation is valid)
        estimate, fields = _Count(self, fragments).below([(root.name, operation.selection_set)], {})
        return OperationCost(_sum((base, estimate)), base, fields if self._counts_answers else {})

    # -- what the directives say

    def _read(self, supergraph: DocumentNode) -> None:
        cost, list_size = (local_name(supergraph, "cost", one) for one in ("cost", "listSize"))
        for definition in supergraph.definitions:
            name = getattr(getattr(definition, "name", None), "value", "")
            self._weigh((name,), definition, cost)
            for one in getattr(definition, "fields", None) or ():
                at = (name, one.name.value)
                self._weigh(at, one, cost)
                for argument in getattr(one, "arguments", None) or ():
                    self._weigh((*at, argument.name.value), argument, cost)
                for said in _directives(one, list_size):
                    self._list_sizes[at] = _ListSize(
                        said.get("assumedSize"),
                        tuple(said.get("slicingArguments") or ()),
                        tuple(said.get("sizedFields") or ()),
                        bool(said.get("slicingArguments")) and said.get("requireOneSlicingArgument", True) is not False,
                    )

    def _weigh(self, at: tuple[str, ...], node: Any, cost: str) -> None:
        for said in _directives(node, cost):
            self._weights[at] = float(said.get("weight", 0))

    def each(self, at: tuple[str, str], type_: Any) -> float:
        """What one object, or leaf, of a field costs."""
        otherwise = 1.0 if is_composite_type(type_) else 0.0
        return self._weights.get(at, self._weights.get((type_.name,), otherwise))

    def is_free(self, parent: str, node: FieldNode) -> bool:
        """Whether a field costs nothing, however often it comes: a leaf of no weight, as most are."""
        if node.selection_set or node.arguments:
            return False
        at = (parent, node.name.value)
        free = self._free.get(at)
        if free is None:
            definition = self.field(*at)
            free = self._free[at] = definition is None or (
                at not in self._list_sizes and not self.each(at, get_named_type(definition.type))
            )
        return free

    # -- arguments

    def of_arguments(self, at: tuple[str, str], definition: GraphQLField, node: FieldNode) -> Amount:
        """What the values cost that stand at a field."""
        return _sum(
            self._of_value((*at, one.name.value), definition.args[one.name.value].type, one.value)
            for one in node.arguments or ()
            if one.name.value in definition.args
        )

    def _of_value(self, at: tuple[str, ...], type_: GraphQLInputType, node: ValueNode) -> Amount:
        if isinstance(node, VariableNode):
            name = node.name.value
            return self._of_anything(at, type_, lambda variables: variables.get(name))
        if isinstance(node, NullValueNode):
            return 0.0
        named = get_nullable_type(type_)
        if is_list_type(named):
            items = node.values if isinstance(node, ListValueNode) else (node,)
            return _sum(self._of_value(at, named.of_type, one) for one in items)
        each = self._weight_of_input(at, named)
        if isinstance(node, ObjectValueNode) and is_input_object_type(named):
            return _sum(
                (
                    each,
                    *(
                        self._of_value((named.name, one.name.value), named.fields[one.name.value].type, one.value)
                        for one in node.fields or ()
                        if one.name.value in named.fields
                    ),
                )
            )
        return each

    def _of_anything(self, at: tuple[str, ...], type_: GraphQLInputType, given: Callable[[Variables], Any]) -> Amount:
        # Most variables are plain values without a weight: nothing is left to do for a request.
        if not is_input_object_type(get_named_type(type_)) and not self._weight_of_input(at, get_named_type(type_)):
            return 0.0
        return lambda variables: self._of_given(at, type_, given(variables))

    def _of_given(self, at: tuple[str, ...], type_: Any, value: Any) -> float:
        if value is None:
            return 0.0
        named = get_nullable_type(type_)
        if is_list_type(named):
            return sum(
                self._of_given(at, named.of_type, one) for one in (value if isinstance(value, list) else [value])
            )
        each = self._weight_of_input(at, named)
        if isinstance(value, Mapping) and is_input_object_type(named):
            each += sum(
                self._of_given((named.name, name), named.fields[name].type, inner)
                for name, inner in value.items()
                if name in named.fields
            )
        return each

    def _weight_of_input(self, at: tuple[str, ...], named: Any) -> float:
        otherwise = 1.0 if is_input_object_type(named) else 0.0
        return self._weights.get(at, self._weights.get((named.name,), otherwise))

    # -- lists

    def size(
        self, at: tuple[str, str], definition: GraphQLField, node: FieldNode
    ) -> tuple[Amount | None, _ListSize | None]:
        """What is said of the length of a field's list, or of the lists below it."""
        said = self._list_sizes.get(at)
        if said is None:
            return None, None
        return self._slice(at, said, definition, node), said

    def _slice(self, at: tuple[str, str], said: _ListSize, definition: GraphQLField, node: FieldNode) -> Amount | None:
        assumed = None if said.assumed is None else float(said.assumed)
        if not said.slicing:
            return assumed
        given = {one.name.value: one.value for one in node.arguments or ()}
        variable = any(_has_variable(given.get(path.partition(".")[0])) for path in said.slicing)

        def sizes(variables: Variables) -> float:
            found = [
                value
                for path in said.slicing
                if isinstance(value := _at(path, definition, given, variables), (int, float))
                and not isinstance(value, bool)
            ]
            if said.needs_one and len(found) != 1:
                raise CostUncountable(
                    f"{'.'.join(at)} needs exactly one of {', '.join(said.slicing)}, and was given {len(found)}."
                )
            if found:
                return max(0.0, float(max(found)))
            return float(self._list_size) if assumed is None else assumed

        return sizes if variable else sizes({})

    @property
    def usual(self) -> float:
        """The length of a list of which nothing is said."""
        return float(self._list_size)

    def field(self, parent: str, name: str) -> GraphQLField | None:
        """A field of the schema; none for what GraphQL itself adds."""
        return getattr(self._schema.get_type(parent), "fields", {}).get(name)


class _Count:
    """Counts one operation."""

    def __init__(self, costs: Costs, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._costs = costs
        self._fragments = fragments

    def below(
        self, sets: Iterable[tuple[str, SelectionSetNode]], sizes: Mapping[str, Amount]
    ) -> tuple[Amount, dict[str, _Counted]]:
        """What these selection sets of one place cost; ``sizes`` of lists among them that were said further up."""
        collected: dict[str, list[tuple[str, FieldNode]]] = {}
        for parent, selection_set in sets:
            self._collect(parent, selection_set, collected)
        amounts: list[Amount] = []
        counted: dict[str, _Counted] = {}
        for key, places in collected.items():
            if not sizes and len(places) == 1 and self._costs.is_free(*places[0]):
                continue
            found = self._field(places, sizes)
            if found is not None:
                amount, counted[key] = found
                amounts.append(amount)
        return _sum(amounts), counted

    def _collect(
        self, parent: str, selection_set: SelectionSetNode, into: dict[str, list[tuple[str, FieldNode]]]
    ) -> None:
        for one in selection_set.selections:
            if one.directives and _is_left_out(one.directives):
                continue
            if isinstance(one, FieldNode):
                into.setdefault((one.alias or one.name).value, []).append((parent, one))
            elif isinstance(one, InlineFragmentNode):
                on = one.type_condition.name.value if one.type_condition else parent
                self._collect(on, one.selection_set, into)
            elif isinstance(one, FragmentSpreadNode) and (fragment := self._fragments.get(one.name.value)):
                self._collect(fragment.type_condition.name.value, fragment.selection_set, into)

    def _field(
        self, places: list[tuple[str, FieldNode]], sizes: Mapping[str, Amount]
    ) -> tuple[Amount, _Counted] | None:
        """A field of the answer; on objects of several types it is as dear as on the dearest."""
        costs = self._costs
        each = 0.0
        arguments: list[Amount] = []
        lengths: list[Amount] = []
        inner: list[tuple[str, SelectionSetNode]] = []
        sizes_below: dict[str, Amount] = {}
        for parent, node in places:
            name = node.name.value
            definition = costs.field(parent, name)
            if definition is None:
                continue
            at, named = (parent, name), get_named_type(definition.type)
            each = max(each, costs.each(at, named))
            arguments.append(costs.of_arguments(at, definition, node))
            size, said = costs.size(at, definition, node)
            if said is not None and said.sized and size is not None:
                for path in said.sized:
                    sizes_below[path] = _most((sizes_below.get(path, 0.0), size))
                size = None
            if is_list_type(get_nullable_type(definition.type)):
                lengths.append(costs.usual if size is None else size)
            for path, above in sizes.items():
                if path.startswith(f"{name}."):
                    sizes_below[path.partition(".")[2]] = above
            if node.selection_set:
                inner.append((named.name, node.selection_set))
        if not arguments:
            return None
        given = next((sizes[node.name.value] for _, node in places if node.name.value in sizes), None)
        length = given if given is not None else _most(lengths) if lengths else 1.0
        below, counted = self.below(inner, sizes_below) if inner else (0.0, {})
        argument_cost = _most(arguments)
        amount = _sum((argument_cost, _product(length, _sum((each, below)))))
        return amount, _Counted(each, argument_cost, counted)


def _directives(node: Any, name: str) -> Iterable[dict[str, Any]]:
    for directive in getattr(node, "directives", None) or ():
        if directive.name.value == name:
            yield {one.name.value: value_from_ast_untyped(one.value) for one in directive.arguments or ()}


def _is_left_out(directives: Iterable[DirectiveNode]) -> bool:
    """Whether ``@skip`` or ``@include`` say so in the document itself; what variables may leave out is counted."""
    for directive in directives:
        decides = {"skip": True, "include": False}.get(directive.name.value)
        for argument in directive.arguments or ():
            if (
                decides is not None
                and argument.name.value == "if"
                and getattr(argument.value, "value", None) is decides
            ):
                return True
    return False


def _has_variable(node: ValueNode | None) -> bool:
    if isinstance(node, ObjectValueNode):
        return any(_has_variable(one.value) for one in node.fields or ())
    return isinstance(node, VariableNode)


def _at(path: str, definition: GraphQLField, given: Mapping[str, ValueNode], variables: Variables) -> Any:
    """The value of an argument, or of a field of one: ``first``, ``page.first``."""
    name, *rest = path.split(".")
    if name in given:
        value = value_from_ast_untyped(given[name], dict(variables))
    else:
        argument = definition.args.get(name)
        default = getattr(argument, "default", None)
        node = getattr(getattr(argument, "ast_node", None), "default_value", None)
        value = value_from_ast_untyped(node) if node is not None else getattr(default, "value", None)
    for part in rest:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _of(amount: Amount, variables: Variables) -> float:
    return amount(variables) if callable(amount) else amount


def _sum(amounts: Iterable[Amount]) -> Amount:
    amounts = list(amounts)
    fixed = sum(one for one in amounts if not callable(one))
    formulas = [one for one in amounts if callable(one)]
    if not formulas:
        return float(fixed)
    return lambda variables: fixed + sum(one(variables) for one in formulas)


def _most(amounts: Iterable[Amount]) -> Amount:
    amounts = list(amounts)
    if not any(map(callable, amounts)):
        return max(cast(list[float], amounts))
    return lambda variables: max(_of(one, variables) for one in amounts)


def _product(one: Amount, other: Amount) -> Amount:
    if not callable(one) and not callable(other):
        return one * other
    return lambda variables: _of(one, variables) * _of(other, variables)
