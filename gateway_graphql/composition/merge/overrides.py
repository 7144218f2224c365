"""
``@override``: a field moves from one subgraph to another, at once or for a share of the requests.

Spec: OVERRIDE_FROM_SELF_ERROR, OVERRIDE_SOURCE_HAS_OVERRIDE, OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE,
OVERRIDE_ON_INTERFACE, OVERRIDE_LABEL_INVALID.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway_graphql.composition.merge.merging import Merging, Source

__all__ = ["Overrides", "find_overrides"]

_LABEL = re.compile(r"^[a-zA-Z][a-zA-Z0-9_\-:./]*$")
_PERCENT = re.compile(r"^percent\((\d{1,2}(?:\.\d{1,8})?|100(?:\.0{1,8})?)\)$")


@dataclass
class Overrides:
    """What becomes of each source of a field, by subgraph."""

    gone: set[str] = field(default_factory=set)
    """overridden, and nothing there needs the field: as if it were not there"""
    kept: set[str] = field(default_factory=set)
    """overridden, but something there needs it"""
    labels: dict[str, str] = field(default_factory=dict)
    """takes part in an override that is decided per request"""

    @property
    def taken(self) -> set[str]:
        """Subgraphs that do not answer for the field any more."""
        return self.gone | self.kept


def find_overrides(merging: Merging, coordinate: str, sources: Sequence[Source]) -> Overrides:
    """Follow every ``@override`` on one field."""
    found = Overrides()
    by_name = {s.name: s for s in sources}
    for source in sources:
        applied = source.field.one("override")
        if applied is None:
            continue
        target, label = applied.get("from"), applied.get("label") or None
        if not _may_override(merging, coordinate, source):
            continue
        if target == source.name:
            merging.findings.error(
                "OVERRIDE_FROM_SELF_ERROR",
                coordinate,
                "a subgraph cannot override its own field; name the subgraph that had it before",
                [source.name],
            )
        elif target not in merging.graphs:
            merging.findings.hint(
                "FROM_SUBGRAPH_DOES_NOT_EXIST",
                coordinate,
                f'it is overridden from "{target}", and there is no such subgraph; correct the name, or remove @override',
                [source.name],
            )
        elif target not in by_name and _stands_in(merging, target, source):
            merging.findings.error(
                "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
                coordinate,
                f'in "{target}" it is a field of an @interfaceObject, which cannot be overridden; remove @override',
                [source.name],
            )
        elif target not in by_name:
            merging.findings.hint(
                "OVERRIDE_DIRECTIVE_CAN_BE_REMOVED",
                coordinate,
                f'"{target}" does not have the field any more; remove @override',
                [source.name],
            )
        else:
            _apply(merging, coordinate, source, by_name[target], label, found)
    return found


def _may_override(merging: Merging, coordinate: str, source: Source) -> bool:
    if source.type.kind == "interface":
        merging.findings.error(
            "OVERRIDE_ON_INTERFACE",
            coordinate,
            "fields of interfaces cannot be overridden; override the fields of the implementations",
            [source.name],
        )
        return False
    if source.type.interface_object:
        merging.findings.error(
            "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
            coordinate,
            "@override cannot be used on fields of an @interfaceObject; remove it",
            [source.name],
        )
        return False
    return True


def _stands_in(merging: Merging, subgraph: str, source: Source) -> bool:
    """Whether the other subgraph has the field, but for all implementations of an interface at once."""
    schema = next(s.schema for s in merging.subgraphs if s.name == subgraph)
    return any(
        (interface := schema.types.get(name)) and interface.interface_object and source.field.name in interface.fields
        for name in source.type.interfaces
    )


def _apply(
    merging: Merging, coordinate: str, source: Source, overridden: Source, label: str | None, found: Overrides
) -> None:
    if overridden.field.has("override"):
        merging.findings.error(
            "OVERRIDE_SOURCE_HAS_OVERRIDE",
            coordinate,
            f'it overrides the field of "{overridden.name}", which overrides it as well; remove one @override',
            [source.name, overridden.name],
        )
        return
    if overridden.type.interface_object:
        merging.findings.error(
            "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
            coordinate,
            f'in "{overridden.name}" it is a field of an @interfaceObject, which cannot be overridden; remove @override',
            [source.name],
        )
        return
    if source.external:
        merging.findings.error(
            "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
            coordinate,
            "@override takes a field over, @external leaves it to others; remove one of them",
            [source.name],
        )
        return
    for name in ("requires", "provides"):
        if overridden.field.has(name):
            merging.findings.error(
                "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
                coordinate,
                f'"{overridden.name}" has @{name} on the field, which cannot move along; remove it there',
                [source.name],
            )
            return
    if label is not None and not (_LABEL.match(label) or _PERCENT.match(label)):
        merging.findings.error(
            "OVERRIDE_LABEL_INVALID",
            coordinate,
            f'"{label}" is no label; write "percent(0)" to "percent(100)", or a name that starts with a letter',
            [source.name],
        )
        label = None
    if overridden.external:
        merging.findings.hint(
            "OVERRIDE_DIRECTIVE_CAN_BE_REMOVED",
            coordinate,
            f'"{overridden.name}" does not resolve the field any more; remove @override',
            [source.name],
        )
        if label is not None:
            found.labels[source.name] = found.labels[overridden.name] = label
        return
    if label is not None:
        found.labels[source.name] = found.labels[overridden.name] = label
        merging.findings.hint(
            "OVERRIDE_MIGRATION_IN_PROGRESS",
            coordinate,
            f'the field moves from "{overridden.name}" as the label "{label}" says; once it has, remove the label and the field there',
            [source.name],
        )
        if overridden.used:
            found.kept.add(overridden.name)
        return
    (found.kept if overridden.used else found.gone).add(overridden.name)
    merging.findings.hint(
        "OVERRIDDEN_FIELD_CAN_BE_REMOVED",
        coordinate,
        f'"{source.name}" overrides the field; '
        + (f'mark it @external in "{overridden.name}"' if overridden.used else f'remove it from "{overridden.name}"'),
        [overridden.name],
    )
