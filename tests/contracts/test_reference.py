"""The page of the graph says what the graph says."""

from tests.contracts.access import Graph
from tests.contracts.reference import REFERENCE, rendered


def test_the_reference_is_what_the_supergraph_says() -> None:
    assert REFERENCE.read_text() == rendered(Graph.committed()), "run `make schema`"


def test_every_field_has_its_words() -> None:
    graph = Graph.committed()
    assert [at for at in graph.coordinates() if not graph.field(at).description] == []
