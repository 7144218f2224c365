"""Spec: INTERFACE_FIELD_NO_IMPLEM. What an interface has somewhere, its implementations have everywhere."""

from __future__ import annotations

from collections.abc import Iterator

from gateway_graphql.composition.diagnostics import Diagnostic
from gateway_graphql.composition.merge import Merging
from gateway_graphql.composition.model import FieldModel

__all__ = ["interface_fields_are_implemented"]


def interface_fields_are_implemented(merging: Merging) -> Iterator[Diagnostic]:
    """Compare the merged interfaces with their merged implementations."""
    schema = merging.merged
    for type_ in schema.of_kind("object", "interface"):
        for name in type_.interfaces:
            interface = schema.types.get(name)
            if interface is None:
                continue
            for further in interface.interfaces:
                if further not in type_.interfaces:
                    yield Diagnostic(
                        "INVALID_GRAPHQL",
                        f'merged, it implements "{name}", which implements "{further}"; let it implement both',
                        tuple(s.name for s, t in merging.having(type_.name) if name in t.interfaces),
                        type_.name,
                    )
            for field in interface.fields.values():
                implemented = type_.fields.get(field.name)
                if implemented is None:
                    having = [s.name for s, t in merging.having(name) if field.name in t.fields]
                    lacking = [s.name for s, t in merging.having(type_.name) if name in t.interfaces]
                    yield Diagnostic(
                        "INTERFACE_FIELD_NO_IMPLEM",
                        f'"{name}.{field.name}" is in {", ".join(having)}, and this implementation has it nowhere; '
                        "add the field",
                        tuple(lacking),
                        type_.name,
                    )
                else:
                    yield from _fits(merging, f"{type_.name}.{field.name}", name, field, implemented)


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
