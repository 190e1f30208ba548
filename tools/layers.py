"""Draws docs/explanation/layers.svg: which parts of Beseda import which, found in the source. Run by `make docs`.

    .venv/bin/python -m tools.layers docs

A part stands above all that it imports. Parts that import each other have no place in such a picture: that is an error.
"""

import sys
from graphlib import TopologicalSorter
from pathlib import Path

import grimp

PICTURE = "explanation/layers.svg"
WIDTH, HEIGHT, COLUMN, ROW, MARGIN = 128, 44, 176, 104, 24
STYLE = """
    rect { fill: #eef3f8; stroke: #5c7389; } text { fill: #1d2733; font: 15px system-ui, sans-serif; }
    path { fill: none; stroke: #8496a8; stroke-width: 1.3; } .head { fill: #8496a8; stroke: none; }
    @media (prefers-color-scheme: dark) {
      rect { fill: #243240; stroke: #8aa2b8; } text { fill: #e6e9ed; }
      path { stroke: #7f93a6; } .head { fill: #7f93a6; }
    }"""
Edges = dict[str, set[str]]


def imports() -> Edges:
    """Each part, and the parts that it imports."""
    graph = grimp.build_graph("beseda", cache_dir=None)
    parts = {child.split(".")[1]: graph.find_descendants(child) | {child} for child in graph.find_children("beseda")}
    packages = {name for name, modules in parts.items() if len(modules) > 1}
    found: Edges = {name: set() for name in packages}
    for name in packages:
        for module in parts[name]:
            targets = (target.split(".") for target in graph.find_modules_directly_imported_by(module))
            found[name] |= {target[1] for target in targets if len(target) > 1} & packages - {name}
    return found


def rows(edges: Edges) -> list[list[str]]:
    """From what imports most to what imports nothing. Raises graphlib.CycleError."""
    height: dict[str, int] = {}
    for name in TopologicalSorter(edges).static_order():
        height[name] = max((height[below] + 1 for below in edges[name]), default=0)
    return [sorted(name for name in height if height[name] == at) for at in range(max(height.values()), -1, -1)]


def direct(edges: Edges) -> Edges:
    """Without arrows to what a neighbour leads to anyway: of a way round and a straight one, the way round is drawn."""

    def reached(name: str) -> set[str]:
        return edges[name].union(*map(reached, edges[name]))

    return {name: below - set().union(*map(reached, below)) for name, below in edges.items()}


def draw(edges: Edges) -> str:
    """The picture; the same text for the same imports."""
    found = rows(edges)
    width = 2 * MARGIN + COLUMN * max(map(len, found)) - (COLUMN - WIDTH)
    height = 2 * MARGIN + ROW * len(found) - (ROW - HEIGHT)
    places: dict[str, tuple[int, int]] = {}
    for at, names in enumerate(found):
        left = (width - COLUMN * len(names) + COLUMN - WIDTH) // 2
        places |= {name: (left + COLUMN * nth, MARGIN + ROW * at) for nth, name in enumerate(names)}
    drawn = [_arrow(places[name], places[below]) for name in sorted(edges) for below in sorted(direct(edges)[name])]
    drawn += [_box(name, *places[name]) for name in sorted(places)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        ' role="img" aria-label="What imports what">\n'
        f"  <style>{STYLE}\n  </style>\n"
        '  <marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path class="head" d="M0 0 8 4 0 8z"/></marker>\n' + "\n".join(drawn) + "\n</svg>\n"
    )


def _box(name: str, x: int, y: int) -> str:
    return (
        f'  <rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="6"/>'
        f'<text x="{x + WIDTH // 2}" y="{y + 27}" text-anchor="middle">{name}</text>'
    )


def _arrow(upper: tuple[int, int], lower: tuple[int, int]) -> str:
    """From the foot of a box to the top of another, bent so that it leaves and comes straight down."""
    x, y, to_x, to_y = upper[0] + WIDTH // 2, upper[1] + HEIGHT, lower[0] + WIDTH // 2, lower[1]
    bend = (to_y - y) // 2
    return f'  <path d="M{x} {y} C{x} {y + bend} {to_x} {to_y - bend} {to_x} {to_y}" marker-end="url(#head)"/>'


if __name__ == "__main__":
    Path(sys.argv[1], PICTURE).write_text(draw(imports()), "utf-8")
