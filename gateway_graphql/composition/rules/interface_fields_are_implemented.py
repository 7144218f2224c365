"""Spec: INTERFACE_FIELD_NO_IMPLEM. What an interface has somewhere, its implementations have everywhere."""

from __future__ import annotations

from collections.abc import Iterator

from gateway_graphql.composition.diagnostics import Diagnostic
from gateway_graphql.composition.merge import Merging
from gateway_graphql.composition.model import FieldModel, TypeModel

__all__ = ["implementations_keep_their_promises", "interface_fields_are_implemented"]


def interface_fields_are_implemented(merging: Merging) -> Iterator[Diagnostic]:
    """Each merged implementation has the fields of the merged interface."""
    for type_, interface in _implementations(merging):
        for field in interface.fields.values():
            if field.name not in type_.fields:
                having = [s.name for s, t in merging.having(interface.name) if field.name in t.fields]
                lacking = [s.name for s, t in merging.having(type_.name) if interface.name in t.interfaces]
                yield Diagnostic(
                    "INTERFACE_FIELD_NO_IMPLEM",
                    f'"{interface.name}.{field.name}" is in {", ".join(having)}, and this implementation has it '
                    "nowhere; add the field",
                    tuple(lacking),
                    type_.name,
                )


def implementations_keep_their_promises(merging: Merging) -> Iterator[Diagnostic]:
    """Once they have them, the fields are what the interface says."""
    for type_, interface in _implementations(merging):
        for further in interface.interfaces:
            if further not in type_.interfaces:
                yield Diagnostic(
                    "INVALID_GRAPHQL",
                    f'merged, it implements "{interface.name}", which implements "{further}"; let it implement both',
                    tuple(s.name for s, t in merging.having(type_.name) if interface.name in t.interfaces),
                    type_.name,
                )
        for field in interface.fields.values():
            if field.name in type_.fields:
                coordinate = f"{type_.name}.{field.name}"
                yield from _fits(merging, coordinate, interface.name, field, type_.fields[field.name])


def _implementations(merging: Merging) -> Iterator[tuple[TypeModel, TypeModel]]:
    schema = merging.merged
    for type_ in schema.of_kind("object", "interface"):
        yield from ((type_, schema.types[name]) for name in type_.interfaces if name in schema.types)


def _fits(
    merging: Merging, coordinate: str, interface: str, promised: FieldModel, given: FieldModel
) -> Iterator[Diagnostic]:
    if not merging.merged.is_subtype(given.type, promised.type):
        yield Diagnostic(
            "INVALID_GRAPHQL",
            f'merged, it is "{given.type}", and "{interface}.{promised.name}" promises "{promised.type}"; '
            "make them fit in all subgraphs",
            (),
            coordinate,
        )
    for name, argument in promised.arguments.items():
        own = given.arguments.get(name)
        if own is None or own.type != argument.type:
            yield Diagnostic(
                "INVALID_GRAPHQL",
                f'merged, "{interface}.{promised.name}" has the argument "{name}: {argument.type}", and this field '
                f"has {f'{own.type} for it' if own else 'not'}; make them equal",
                (),
                coordinate,
            )
    for name, argument in given.arguments.items():
        if name not in promised.arguments and argument.required:
            yield Diagnostic(
                "INVALID_GRAPHQL",
                f'merged, its argument "{name}" must be given, and "{interface}.{promised.name}" does not have it; '
                "make it optional",
                (),
                coordinate,
            )
