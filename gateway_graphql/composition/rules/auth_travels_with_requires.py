"""
Spec: MISSING_TRANSITIVE_AUTH_REQUIREMENTS.

A field that is computed from guarded fields would give them away; it must ask at least for what they ask for.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway_graphql.composition.diagnostics import Diagnostic
from gateway_graphql.composition.field_sets import InvalidFieldSet, selected_fields
from gateway_graphql.composition.merge import Merging
from gateway_graphql.composition.merge.propagate_auth import AUTH
from gateway_graphql.composition.model import Directives, TypeModel

__all__ = ["auth_travels_with_requires"]


def auth_travels_with_requires(merging: Merging) -> Iterator[Diagnostic]:
    """Compare each field that has ``@requires`` with all that it reads."""
    for type_ in merging.merged.of_kind("object"):
        for field in type_.fields.values():
            for subgraph, source in merging.having(type_.name):
                if field.name not in source.fields:
                    continue
                for applied in source.fields[field.name].all("requires"):
                    missing = sorted(_missing(merging, type_, field, str(applied.get("fields"))))
                    if missing:
                        yield Diagnostic(
                            "MISSING_TRANSITIVE_AUTH_REQUIREMENTS",
                            f"{applied.text()} reads guarded fields; add the same {' and '.join(missing)} here",
                            (subgraph.name,),
                            f"{type_.name}.{field.name}",
                        )


def _missing(merging: Merging, type_: TypeModel, field: Directives, text: str) -> set[str]:
    missing: set[str] = set()
    try:
        read = list(selected_fields(merging.merged, type_.name, text))
    except InvalidFieldSet:
        return missing
    for one in read:
        target = merging.merged.types.get(one.field.type.strip("[]!"))
        guards: list[Directives] = [one.field]
        if target is not None:
            guards.append(target)
        if one.parent is not type_:
            guards.append(one.parent)
        for guard in guards:
            for name, argument in AUTH.items():
                if guard.has(name) and not _at_least(field, type_, guard, name, argument):
                    missing.add(f"@{name}")
    return missing


def _at_least(field: Directives, type_: TypeModel, guard: Directives, name: str, argument: str | None) -> bool:
    own = [element.one(name) for element in (field, type_) if element.has(name)]
    if argument is None:
        return bool(own)
    asked = guard.one(name)
    if asked is None:
        return True
    wanted = [set(choice) for choice in asked.get(argument)]
    return any(
        applied is not None and all(any(w <= set(choice) for w in wanted) for choice in applied.get(argument))
        for applied in own
    )
