"""
Every check, in the order in which the messages read best.

A rule is a generator: it looks at one subgraph, or at what was merged, and yields what is wrong. It never raises, and
never depends on another rule having been run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from gateway_graphql.composition.diagnostics import Diagnostic
from gateway_graphql.composition.merge import Merging
from gateway_graphql.composition.rules.auth_stays_on_objects import auth_stays_on_objects
from gateway_graphql.composition.rules.auth_travels_with_requires import auth_travels_with_requires
from gateway_graphql.composition.rules.composed_directives_fit import composed_directives_fit
from gateway_graphql.composition.rules.contexts_are_set_and_used import contexts_are_set_and_used
from gateway_graphql.composition.rules.costs_are_countable import costs_are_countable
from gateway_graphql.composition.rules.externals_are_used import externals_are_not_on_interfaces, externals_are_used
from gateway_graphql.composition.rules.field_sets_are_valid import field_sets_are_valid
from gateway_graphql.composition.rules.inaccessible_is_not_needed import inaccessible_is_not_needed
from gateway_graphql.composition.rules.inputs_make_sense import inputs_make_sense
from gateway_graphql.composition.rules.interface_fields_are_implemented import (
    implementations_keep_their_promises,
    interface_fields_are_implemented,
)
from gateway_graphql.composition.rules.interface_keys_are_on_implementations import (
    interface_keys_are_on_implementations,
)
from gateway_graphql.composition.rules.interface_objects_have_keys import interface_objects_have_keys
from gateway_graphql.composition.rules.required_arguments_are_there import required_arguments_are_there
from gateway_graphql.composition.rules.shareable_is_on_objects import shareable_is_on_objects
from gateway_graphql.composition.subgraph import ReadSubgraph

__all__ = ["MERGED_RULES", "SUBGRAPH_RULES", "MergedRule", "SubgraphRule"]

SubgraphRule = Callable[[ReadSubgraph], Iterable[Diagnostic]]
MergedRule = Callable[[Merging], Iterable[Diagnostic]]

SUBGRAPH_RULES: tuple[SubgraphRule, ...] = (
    field_sets_are_valid,
    externals_are_not_on_interfaces,
    externals_are_used,
    interface_keys_are_on_implementations,
    interface_objects_have_keys,
    shareable_is_on_objects,
    contexts_are_set_and_used,
    costs_are_countable,
    auth_stays_on_objects,
)

MERGED_RULES: tuple[tuple[MergedRule, ...], ...] = (
    (interface_fields_are_implemented, required_arguments_are_there, auth_travels_with_requires),
    (implementations_keep_their_promises, inputs_make_sense, composed_directives_fit),
    (inaccessible_is_not_needed,),
)
