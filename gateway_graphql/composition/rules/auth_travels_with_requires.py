"""
Spec: MISSING_TRANSITIVE_AUTH_REQUIREMENTS.

A field that is computed from guarded fields would give them away; it must ask at least for what they ask for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphql import FieldNode, InlineFragmentNode, SelectionSetNode

from gateway_graphql.composition.diagnostics import Diagnostic
from gateway_graphql.composition.externals import parse_context_argument
from gateway_graphql.composition.field_sets import InvalidFieldSet, parse_field_set
from gateway_graphql.composition.merge import Merging
from gateway_graphql.composition.merge.directives import conjunction
from gateway_graphql.composition.merge.propagate_auth import AUTH
from gateway_graphql.composition.model import Applied, Directives, FieldModel, TypeModel, named_type
from gateway_graphql.composition.subgraph import ReadSubgraph

__all__ = ["auth_travels_with_requires"]


def auth_travels_with_requires(merging: Merging) -> Iterator[Diagnostic]:
    """Compare each field that has ``@requires`` or takes something from a context with all that it reads."""
    for type_ in merging.merged.of_kind("object"):
        for field in type_.fields.values():
            for subgraph, source in merging.having(type_.name):
                if field.name not in source.fields:
                    continue
                for applied, missing in _reads(merging, subgraph, type_, field, source.fields[field.name]):
                    if missing:
                        yield Diagnostic(
                            "MISSING_TRANSITIVE_AUTH_REQUIREMENTS",
                            f"{applied.text()} reads guarded fields; add the same {' and '.join(sorted(missing))} here",
                            (subgraph.name,),
                            f"{type_.name}.{field.name}",
                        )


def _reads(
    merging: Merging, subgraph: ReadSubgraph, type_: TypeModel, field: FieldModel, source: FieldModel
) -> Iterator[tuple[Applied, set[str]]]:
    for applied in source.all("requires"):
        try:
            selections = parse_field_set(str(applied.get("fields")))
        except InvalidFieldSet:
            continue
        yield applied, _missing(merging, [type_, field], type_, selections)
    for argument in source.arguments.values():
        for applied in argument.all("fromContext"):
            parsed = parse_context_argument(str(applied.get("field") or ""))
            if parsed is None:
                continue
            setters = [
                t for t in subgraph.schema.types.values() if any(c.get("name") == parsed[0] for c in t.all("context"))
            ]
            for setter in setters:
                merged = merging.merged.types[setter.name]
                missing = _unmet([type_, field], merged)
                try:
                    missing |= _missing(merging, [type_, field], merged, parse_field_set(parsed[1]))
                except InvalidFieldSet:
                    continue
                yield applied, missing


def _missing(merging: Merging, own: Sequence[Directives], parent: TypeModel, selections: SelectionSetNode) -> set[str]:
    """The guards of what is selected that the field's own do not cover."""
    missing: set[str] = set()
    for node in selections.selections:
        target: TypeModel | None = parent
        if isinstance(node, FieldNode):
            field = parent.fields.get(node.name.value)
            if field is None:
                continue
            target = merging.merged.types.get(named_type(field.type))
            missing |= _unmet(own, field)
        elif isinstance(node, InlineFragmentNode) and node.type_condition:
            target = merging.merged.types.get(node.type_condition.name.value)
        if target is None:
            continue
        if target is not parent or isinstance(node, FieldNode):
            missing |= _unmet(own, target)
        below = getattr(node, "selection_set", None)
        if below is not None:
            missing |= _missing(merging, own, target, below)
    return missing


def _unmet(own: Sequence[Directives], guard: Directives) -> set[str]:
    """What the guard asks for, and the field together with its type does not."""
    unmet: set[str] = set()
    for name, argument in AUTH.items():
        asked = guard.one(name)
        if asked is None:
            continue
        mine = [applied for element in own if (applied := element.one(name)) is not None]
        if argument is None:
            covered = bool(mine)
        else:
            wanted = [set(choice) for choice in asked.get(argument) or [[]]]
            given = conjunction([applied.get(argument) for applied in mine])
            covered = all(any(choice <= set(one) for choice in wanted) for one in given)
        if not covered:
            unmet.add(f"@{name}")
    return unmet
