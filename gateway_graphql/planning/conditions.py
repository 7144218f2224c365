"""
When something is wanted: ``@skip`` and ``@include`` with variables, as values.

A condition is a set of alternatives, each a set of (variable, must be) pairs that must all hold.
``ALWAYS`` is one alternative that asks for nothing, ``NEVER`` is no alternative at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from graphql import BooleanValueNode, DirectiveNode, VariableNode

__all__ = ["ALWAYS", "NEVER", "Condition", "both", "but_not", "condition_of", "either", "holds", "show_condition"]

Condition: TypeAlias = frozenset[frozenset[tuple[str, bool]]]

ALWAYS: Condition = frozenset({frozenset()})
NEVER: Condition = frozenset()


def both(one: Condition, other: Condition) -> Condition:
    """Wanted when both hold."""
    if one == ALWAYS:
        return other
    if other == ALWAYS:
        return one
    joined = {a | b for a in one for b in other}
    return _simplified({all_of for all_of in joined if not any((name, not value) in all_of for name, value in all_of)})


def either(one: Condition, other: Condition) -> Condition:
    """Wanted when one of them holds."""
    if one == other or not other:
        return one
    if not one:
        return other
    if ALWAYS in (one, other):
        return ALWAYS
    return _simplified(set(one | other))


def but_not(one: Condition, other: Condition) -> Condition:
    """Wanted when the one holds and the other does not."""
    for all_of in other:
        one = both(one, _simplified({frozenset({(name, not value)}) for name, value in all_of}))
    return one


def _simplified(alternatives: set[frozenset[tuple[str, bool]]]) -> Condition:
    changed = True
    while changed:
        changed = False
        alternatives = {one for one in alternatives if not any(other < one for other in alternatives)}
        for one in alternatives:
            for name, value in one:
                opposite = (one - {(name, value)}) | {(name, not value)}
                if opposite in alternatives:
                    alternatives = (alternatives - {one, opposite}) | {one - {(name, value)}}
                    changed = True
                    break
            if changed:
                break
    return ALWAYS if alternatives == ALWAYS else frozenset(alternatives)


def condition_of(directives: tuple[DirectiveNode, ...] | None) -> Condition:
    """The condition that ``@skip`` and ``@include`` on a selection make."""
    condition = ALWAYS
    for directive in directives or ():
        name = directive.name.value
        if name in ("skip", "include"):
            value = next((one.value for one in directive.arguments or () if one.name.value == "if"), None)
            wanted = name == "include"
            if isinstance(value, BooleanValueNode):
                if value.value != wanted:
                    return NEVER
            elif isinstance(value, VariableNode):
                condition = both(condition, frozenset({frozenset({(value.name.value, wanted)})}))
    return condition


def holds(condition: Condition, variables: Mapping[str, Any]) -> bool:
    """Whether the condition holds for these (coerced) variables."""
    return any(all(variables.get(name) is value for name, value in one) for one in condition)


def show_condition(condition: Condition) -> str:
    """For people: ``$a and not $b, or $c``."""
    return ", or ".join(
        " and ".join(f"${name}" if value else f"not ${name}" for name, value in sorted(one)) or "always"
        for one in sorted(condition, key=sorted)
    )
