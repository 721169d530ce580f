#!/usr/bin/env python3
"""Draws docs/images/architecture.svg from the includes: the rooms, their folders, and which room includes which.

  scripts/architecture_figure.py           writes the figure
  scripts/architecture_figure.py --check   exit code 1 if the figure in docs/images is not the one of these sources

A room stands above the rooms that it includes. An arrow that follows from two others is left out.
"""
import sys
from html import escape
from pathlib import Path

from folder_order import ORDER, ROOT, includes

FIGURE = ROOT / "docs/images/architecture.svg"
ROW_GAP, COLUMN_GAP, MARGIN = 56, 36, 20
LINE_HEIGHT, TITLE_HEIGHT, PADDING = 17, 24, 10
CHARACTER_WIDTH = 7.3  # px, of the monospaced folder names


def room_of(folder):
    return folder.split("/")[0]


def room_graph(root):
    """Room -> the rooms that it includes, over all pairs of folders."""
    graph = {room_of(folder): set() for folder, _ in ORDER}
    for _, _, source, target in includes(root, [folder for folder, _ in ORDER]):
        if room_of(source) != room_of(target):
            graph[room_of(source)].add(room_of(target))
    return graph


def reduced(graph):
    """The graph without the edges that follow from two or more others (transitive reduction)."""
    def reaches(start, end, skip):
        stack = [target for target in graph[start] if (start, target) != skip]
        while stack:
            room = stack.pop()
            if room == end:
                return True
            stack.extend(graph[room])
        return False

    return {room: sorted(t for t in targets if not reaches(room, t, (room, t))) for room, targets in graph.items()}


def heights(graph):
    """Room -> its row: 0 for a room that includes none, else one above the highest room that it includes."""
    rows = {}

    def row(room):
        if room not in rows:
            rows[room] = 1 + max((row(target) for target in graph[room]), default=-1)
        return rows[room]

    for room in graph:
        row(room)
    return rows


def layout(graph):
    """Room -> (x, y, width, height, folders) in px, and the size of the figure."""
    folders = {room: [] for room in graph}
    for folder, _ in ORDER:
        if "/" in folder:
            folders[room_of(folder)].append(folder.split("/", 1)[1])
    rows = heights(graph)
    by_row = [[room for room in graph if rows[room] == height] for height in range(max(rows.values()) + 1)]
    sizes = {}
    for room, inside in folders.items():
        longest = max([len(room) + 2] + [len(name) for name in inside])
        sizes[room] = (max(110, longest * CHARACTER_WIDTH + 2 * PADDING),
                       TITLE_HEIGHT + LINE_HEIGHT * len(inside) + PADDING)
    width = max(sum(sizes[room][0] + COLUMN_GAP for room in row) - COLUMN_GAP for row in by_row) + 2 * MARGIN
    places, y = {}, MARGIN
    for row in reversed(by_row):
        x = (width - sum(sizes[room][0] + COLUMN_GAP for room in row) + COLUMN_GAP) / 2
        tallest = max(sizes[room][1] for room in row)
        for room in row:
            places[room] = (x, y + (tallest - sizes[room][1]) / 2, *sizes[room], folders[room])
            x += sizes[room][0] + COLUMN_GAP
        y += tallest + ROW_GAP
    return places, width, y - ROW_GAP + MARGIN


def svg(root):
    graph = room_graph(root)
    places, width, height = layout(graph)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="DejaVu Sans, sans-serif">',
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0 L8 4 L0 8 z" fill="#667"/></marker></defs>',
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="white"/>',
    ]
    for room, targets in reduced(graph).items():
        x, y, w, h, _ = places[room]
        for number, target in enumerate(sorted(targets, key=lambda other: places[other][0])):
            tx, ty, tw, _, _ = places[target]
            start = x + w * (number + 1) / (len(targets) + 1)
            lines.append(f'<path d="M{start:.0f} {y + h:.0f} L{tx + tw / 2:.0f} {ty:.0f}" stroke="#667" '
                         'stroke-width="1.5" fill="none" marker-end="url(#head)"/>')
    for room, (x, y, w, h, inside) in places.items():
        lines.append(f'<rect x="{x:.0f}" y="{y:.0f}" width="{w:.0f}" height="{h:.0f}" rx="6" fill="#f4f6fb" '
                     'stroke="#445" stroke-width="1.2"/>')
        lines.append(f'<text x="{x + w / 2:.0f}" y="{y + 17:.0f}" text-anchor="middle" font-weight="bold" '
                     f'font-size="14">{escape(room)}/</text>')
        # folders in their order of dependency, the lowest at the bottom
        for number, folder in enumerate(reversed(inside)):
            lines.append(f'<text x="{x + PADDING:.0f}" y="{y + TITLE_HEIGHT + LINE_HEIGHT * number + 12:.0f}" '
                         f'font-family="DejaVu Sans Mono, monospace" font-size="12">{escape(folder)}</text>')
    return "\n".join(lines + ["</svg>"]) + "\n"


def main():
    text = svg(ROOT)
    if "--check" in sys.argv[1:]:
        if not FIGURE.exists() or FIGURE.read_text() != text:
            sys.exit(f"{FIGURE.relative_to(ROOT)} does not show the includes of these sources; run "
                     "scripts/architecture_figure.py and commit the figure")
        return
    FIGURE.write_text(text)


if __name__ == "__main__":
    main()
