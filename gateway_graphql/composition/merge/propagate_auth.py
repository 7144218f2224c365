"""Who may ask for an interface must be allowed to ask for each of its implementations."""

from __future__ import annotations

from collections.abc import Sequence

from gateway_graphql.composition.merge.directives import conjunction
from gateway_graphql.composition.merge.merging import Merging, constant
from gateway_graphql.composition.model import Applied, Directives, TypeModel

__all__ = ["AUTH", "propagate_auth"]

AUTH = {"authenticated": None, "requiresScopes": "scopes", "policy": "policies"}


def propagate_auth(merging: Merging) -> None:
    """Give interfaces the requirements of their implementations, and implementations those of interface objects."""
    schema = merging.merged
    for interface in list(schema.of_kind("interface")):
        implementations = schema.implementations(interface.name)
        for _, standing_in in merging.having(interface.name):
            if standing_in.interface_object:
                for implementation in implementations:
                    _require_of_interface_object(merging, implementation, standing_in)
        _require(merging, interface.name, interface, [interface, *implementations])
        for name, field in interface.fields.items():
            implementing = [t.fields[name] for t in implementations if name in t.fields]
            _require(merging, f"{interface.name}.{name}", field, [field, *implementing])


def _require_of_interface_object(merging: Merging, implementation: TypeModel, standing_in: TypeModel) -> None:
    for name, field in standing_in.fields.items():
        if name in implementation.fields:
            own = implementation.fields[name]
            _require(merging, f"{implementation.name}.{name}", own, [own, field])


def _require(merging: Merging, coordinate: str, target: Directives, sources: Sequence[Directives]) -> None:
    for name, argument in AUTH.items():
        applied = [a for source in sources for a in source.all(name)]
        if not applied:
            continue
        target.drop(name)
        if argument is None or len({a.text() for a in applied}) == 1:
            target.directives.append(Applied(name, applied[0].arguments))
        else:
            united = conjunction([a.get(argument) for a in applied])
            target.directives.append(Applied(name, {argument: constant(united)}))
            merging.findings.hint(
                "MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
                coordinate,
                f"@{name} has different arguments where it comes from; they were united to "
                f"{target.directives[-1].text()}; make them equal if less is enough",
            )
