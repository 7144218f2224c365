"""Value types that several subgraphs define alike."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

import graphene
from graphene_federation import shareable
from graphql import GraphQLError

_AS_A_VARIABLE = "send the file as a variable, by the GraphQL multipart request specification"


class DateTime(graphene.DateTime):
    """Date with time (isoformat)"""


class Upload(graphene.Scalar):
    """Represents a file upload."""

    @staticmethod
    def serialize(_value: Any) -> Any:
        """Files only come in."""
        raise TypeError("an upload cannot be an answer")

    @staticmethod
    def parse_literal(_node: Any, _variables: Any = None) -> Any:
        """Refuse a literal; a file can only be a variable."""
        raise GraphQLError(_AS_A_VARIABLE)

    @staticmethod
    def parse_value(value: Any) -> Any:
        """Take the file that the endpoint put here."""
        if not hasattr(value, "read"):
            raise GraphQLError(_AS_A_VARIABLE)
        return value


def problem_type(codes: type[Enum], describe: Callable[[Any], str]) -> type[graphene.ObjectType]:
    """
    The type ``Problem`` with this service's ``ProblemCode``.

    :param describe: a member of ``codes``, or ``None`` for all of them → its description
    """
    code_type = graphene.Enum.from_enum(codes, name="ProblemCode", description=describe)

    @shareable
    class Problem(graphene.ObjectType):
        """Something the client can put right."""

        field = graphene.String(description="Path of the field in the input; null when it is no single one.")
        code = graphene.Field(code_type, required=True, description="What is wrong, for programs.")
        message = graphene.String(required=True, description="What is wrong and what to do, for people.")

    return Problem


def described_enum(values: type[Enum], name: str, about: str, descriptions: Mapping[str, str]) -> type[graphene.Enum]:
    """The GraphQL enum of a Python one, each value with its description."""

    def describe(value: Enum | None) -> str:
        return descriptions[value.value] if value else about

    return graphene.Enum.from_enum(values, name=name, description=describe)
