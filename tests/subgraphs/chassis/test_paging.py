"""Cursors are opaque and only good for their own list."""

import pytest

from subgraphs.chassis.paging import WrongPage, cursor_at, page_size, position_at


@pytest.mark.parametrize(("first", "size"), [(None, 20), (0, 0), (1, 1), (100, 100)])
def test_a_page_may_have_none_to_a_hundred(first: int | None, size: int) -> None:
    assert page_size(first) == size


@pytest.mark.parametrize("first", [-1, 101])
def test_no_other_page_can_be(first: int) -> None:
    with pytest.raises(WrongPage, match=f"first: {first} "):
        page_size(first)


def test_a_cursor_brings_its_position_back() -> None:
    assert position_at(cursor_at("2026-01-31", "é", 7), str, str, int) == ("2026-01-31", "é", 7)


@pytest.mark.parametrize("cursor", ["", "x", "é", "*", cursor_at(1), cursor_at("a", "b"), "e30", cursor_at("a") + "!"])
def test_any_other_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(WrongPage, match="is no cursor of this list"):
        position_at(cursor, str)
