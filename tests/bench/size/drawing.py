"""Cost against size as a picture: plain SVG with both axes logarithmic, readable on light and on dark."""

import math
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

Curve = Sequence[tuple[int, float]]
"""Size and milliseconds of processor time."""
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 640, 320, 60, 40, 190, 40
COLOURS = ("#1b7fbd", "#c8553d", "#4f8a10", "#8e5bb5", "#b8860b", "#2a9d8f")
STYLE = "text{font:12px sans-serif;fill:#222}.g{stroke:#8886}@media(prefers-color-scheme:dark){text{fill:#ddd}}"


def svg(title: str, curves: Mapping[str, Curve]) -> str:
    """One picture; a size of 0 stands where 1 is."""
    points = [point for curve in curves.values() for point in curve]
    across = (0, max(1, math.ceil(math.log10(max(max(size, 1) for size, _ in points)))))
    costs = [math.log10(cost) for _, cost in points]
    up = (math.floor(min(costs)), max(math.ceil(max(costs)), math.floor(min(costs)) + 1))

    def x(size: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log10(max(size, 1)) / across[1]

    def y(cost: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (math.log10(cost) - up[0]) / (up[1] - up[0])

    said = "; ".join(f"{name}: {curve[0][1]:.2f} to {curve[-1][1]:.2f} ms" for name, curve in curves.items())
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="t d">',
        f'<title id="t">{escape(title)}</title><desc id="d">{escape(said)}</desc><style>{STYLE}</style>',
        f'<text x="{LEFT}" y="20">{escape(title)}: ms of processor time</text>',
    ]
    for power in range(across[1] + 1):
        at = x(10**power)
        parts.append(f'<line class="g" x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>')
        parts.append(f'<text x="{at:.1f}" y="{HEIGHT - 20}" text-anchor="middle">{10**power:,}</text>')
    for power in range(up[0], up[1] + 1):
        at = y(10.0**power)
        parts.append(f'<line class="g" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{at + 4:.1f}" text-anchor="end">{10.0**power:g}</text>')
    for number, (name, curve) in enumerate(curves.items()):
        colour = COLOURS[number % len(COLOURS)]
        line = " ".join(f"{x(size):.1f},{y(cost):.1f}" for size, cost in curve)
        parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{line}"/>')
        at = TOP + 18 * number
        parts.append(f'<rect x="{WIDTH - RIGHT + 12}" y="{at}" width="10" height="10" fill="{colour}"/>')
        parts.append(f'<text x="{WIDTH - RIGHT + 28}" y="{at + 10}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>", ""])
