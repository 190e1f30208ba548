"""Small charts in SVG, one below another, of things that change with time."""

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT, LEFT, GAP = 860, 120, 70, 40
COLOURS = ("#1f6feb", "#d1242f", "#1a7f37", "#9a6700")
Points = Sequence[tuple[float, float]]


def charts(title: str, panels: Mapping[str, Mapping[str, Points]], marks: Mapping[str, float]) -> str:
    """`panels` have lines by name, of (seconds, value); `marks` are moments that all of them show."""
    end = max((at for lines in panels.values() for points in lines.values() for at, _ in points), default=1) or 1
    height = 50 + len(panels) * (HEIGHT + GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"',
        ' font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="{LEFT}" y="24" font-size="16">{escape(title)}</text>',
    ]
    for number, (name, lines) in enumerate(panels.items()):
        parts += _panel(50 + number * (HEIGHT + GAP), name, lines, end, marks)
    return "\n".join([*parts, "</svg>", ""])


def _panel(top: float, name: str, lines: Mapping[str, Points], end: float, marks: Mapping[str, float]) -> Sequence[str]:
    most = max((value for points in lines.values() for _, value in points), default=1) or 1
    right, bottom = WIDTH - 20, top + HEIGHT

    def x(at: float) -> float:
        return LEFT + (right - LEFT) * at / end

    parts = [
        f'<text x="{LEFT}" y="{top - 6}">{escape(name)}</text>',
        f'<path d="M{LEFT} {top}V{bottom}H{right}" fill="none" stroke="#8c959f"/>',
        f'<text x="{LEFT - 6}" y="{top + 10}" text-anchor="end">{most:,.0f}</text>',
        f'<text x="{LEFT - 6}" y="{bottom}" text-anchor="end">0</text>',
        f'<text x="{right}" y="{bottom + 14}" text-anchor="end">{end:,.0f} s</text>',
    ]
    for mark, at in marks.items():
        parts.append(f'<path d="M{x(at):.1f} {top}V{bottom}" stroke="#8c959f" stroke-dasharray="3"/>')
        parts.append(
            f'<text x="{x(at):.1f}" y="{bottom + 14}" text-anchor="middle" fill="#57606a">{escape(mark)}</text>'
        )
    for number, (line, points) in enumerate(lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(f"{x(at):.1f},{bottom - HEIGHT * value / most:.1f}" for at, value in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        parts.append(f'<text x="{LEFT + 220 + 110 * number}" y="{top - 6}" fill="{colour}">{escape(line)}</text>')
    return parts
