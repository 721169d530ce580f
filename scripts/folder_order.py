#!/usr/bin/env python3
"""Checks the includes between source folders against their declared order.

  scripts/folder_order.py           exit code 1 if an include points up the list below, or folders include each other
                                    in a cycle; names the file and the line
  scripts/folder_order.py --edges   prints which folder includes which, and by how many lines

A folder includes only itself and folders above it in the list. The list is an order, so an include that points up is the
only way to a cycle; cycles are printed all the same, because they say which edges to break.
"""
import re
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# From the bottom up. A file belongs to the longest folder that matches.
ORDER = [
    ("base", ""),
    ("runs", "what a training of agents or of networks leaves behind: knows neither environments nor torch"),
    ("envs/spaces", "below the environments: an action or an observation means something without one"),
    ("envs/core", "Env, Spec, Wrapper, and the template that makes an Env of a simulator"),
    ("envs/vector", "many environments behind one batched step"),
    ("envs/classic_control", ""),
    ("envs/toy_text", ""),
    ("envs/box2d", ""),
    ("envs/wrappers", "around single environments"),
    ("envs/wrappers/vector", "around vector environments, by the formulas of envs/wrappers"),
    ("envs/registry", "on top: it names every simulator and every wrapper"),
    ("replay", ""),
    ("nn/io", "files of data in and out: knows no torch"),
    ("nn/data", "datasets and pipelines over them: knows no torch"),
    ("nn/vision", "operations on images: knows no torch"),
    ("nn/core", "flat parameters, optimisers, devices: knows no layer"),
    ("nn/layers", ""),
    ("nn/networks", ""),
    ("nn/model", "networks described as data, built and saved: above the layers; knows no agent"),
    ("nn/vision/zoo", "descriptions of published networks, and what runs them"),
    ("nn/training", "fit: models trained on datasets"),
    ("nn/vision/transfer", "features of published networks, and new classifiers on them"),
    ("nn/vision/style", "an image optimised by the features of a network"),
    ("nn/generative", "a generator trained against a discriminator"),
    ("agents/core", "Policy and Agent, which every family implements"),
    ("agents/rules", ""),
    ("agents/planning", ""),
    ("agents/tabular", ""),
    ("agents/search", ""),
    ("agents/deep", ""),
    ("agents", "the table of algorithms names every family"),
    ("agents/runner", "trains any algorithm of the table, by its name"),
    ("render", "draws scenes; knows no agents"),
    ("apps", ""),
]

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def folder_of(path, folders):
    """The longest listed folder that holds `path`; None for files outside all of them."""
    matches = [folder for folder in folders if path.startswith(folder + "/")]
    return max(matches, key=len, default=None)


def includes(root, folders):
    """Yields (file, line number, folder of the file, folder of the included file)."""
    rooms = sorted({folder.split("/")[0] for folder in folders})
    for room in rooms:
        for file in sorted((root / room).rglob("*")):
            if file.suffix not in (".h", ".cpp"):
                continue
            name = file.relative_to(root).as_posix()
            source = folder_of(name, folders)
            if source is None:
                sys.exit(f"{name}: its folder is not in the order; add it to scripts/folder_order.py")
            for number, line in enumerate(file.read_text().splitlines(), 1):
                match = INCLUDE.match(line)
                target = folder_of(match[1], folders) if match else None
                if target and target != source:
                    yield name, number, source, target


def cycles(edges):
    """The groups of folders that reach each other (strongly connected components of two or more)."""
    def reachable(start):
        seen, stack = set(), [start]
        while stack:
            for target in edges.get(stack.pop(), ()):
                if target not in seen:
                    seen.add(target)
                    stack.append(target)
        return seen

    reach = {folder: reachable(folder) for folder in edges}
    groups = {frozenset(other for other in reach[folder] if folder in reach.get(other, ())) for folder in edges}
    return sorted(sorted(group) for group in groups if group)


def main():
    folders = [folder for folder, _ in ORDER]
    rank = {folder: place for place, folder in enumerate(folders)}
    crossings = list(includes(ROOT, folders))
    if "--edges" in sys.argv[1:]:
        for (source, target), count in sorted(Counter((s, t) for _, _, s, t in crossings).items(),
                                              key=lambda edge: (rank[edge[0][0]], rank[edge[0][1]])):
            print(f"{source} {target} {count}")
        return
    upward = [(file, line, s, t) for file, line, s, t in crossings if rank[t] > rank[s]]
    for file, line, source, target in upward:
        print(f"{file}:{line}: {source} includes {target}, which is above it in scripts/folder_order.py")
    edges = {}
    for _, _, source, target in crossings:
        edges.setdefault(source, set()).add(target)
    circles = cycles(edges)
    for group in circles:
        print("cycle between folders: " + ", ".join(group))
    if upward or circles:
        sys.exit(1)


if __name__ == "__main__":
    main()
