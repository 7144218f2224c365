"""Who may reach which field is written down: what a field asks cannot change unseen, and none comes without a row."""

from tests.contracts.access import NO, SECURITY, TABLE, YES, Graph, rendered, rendered_roots, with_part, written


def test_the_table_is_what_the_graph_asks() -> None:
    graph = Graph.committed()
    cells = graph.cells()

    assert set(written(TABLE.read_text())) == set(graph.coordinates()), "run `make schema` and review the difference"
    assert written(TABLE.read_text()) == cells, "run `make schema` and review the difference"
    assert TABLE.read_text() == rendered(cells), "run `make schema`"
    security = SECURITY.read_text()
    assert security == with_part(security, rendered_roots(cells, graph)), "run `make schema`"


def test_an_admin_may_do_everything() -> None:
    assert {cells[-1] for cells in written(TABLE.read_text()).values()} == {YES}


def test_what_the_public_form_needs_is_open_and_little_else_is() -> None:
    table = written(TABLE.read_text())

    roots = {at for at, cells in table.items() if at[0] in {"Query", "Mutation", "Subscription"} and cells[0] != NO}
    assert roots == {
        ("Query", "matchTask"),
        ("Query", "suggestAddresses"),
        ("Mutation", "sendSuggestion"),
        ("Mutation", "subscribe"),
        ("Subscription", "matchTask"),
    }
