"""The plot shows each group of answers where it belongs."""

from xml.etree import ElementTree

from workers.matching.learn.held_out import Bin
from workers.matching.learn.reliability import EDGE, SIZE, drawn

SVG = "{http://www.w3.org/2000/svg}"


def test_a_dot_stands_where_what_was_given_meets_what_was_right() -> None:
    plot = ElementTree.fromstring(drawn({"one & other": [Bin(400, 0.5, 0.25), Bin(100, 1.0, 1.0)]}))

    dots = [{key: float(dot.attrib[key]) for key in ("cx", "cy", "r")} for dot in plot.iter(f"{SVG}circle")]
    assert dots == [
        {"cx": EDGE + SIZE / 2, "cy": EDGE + SIZE * 3 / 4, "r": 10.0},
        {"cx": EDGE + SIZE, "cy": EDGE, "r": 6.0},
    ]
    assert "one & other" in [text.text for text in plot.iter(f"{SVG}text")]


def test_too_few_answers_show_nothing() -> None:
    plot = ElementTree.fromstring(drawn({"one": [Bin(9, 0.5, 1.0)], "other": []}))

    assert not list(plot.iter(f"{SVG}circle"))
