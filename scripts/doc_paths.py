#!/usr/bin/env python3
"""Checks that the source paths named in backticks in the documentation exist.

  scripts/doc_paths.py

Looks at README.md, CONTRIBUTING.md and docs/**/*.md, results apart, which describe older commits. A path begins with a source folder and
may hold `*` or a placeholder in angle brackets.
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ["base", "envs", "replay", "nn", "agents", "render", "apps", "tests", "examples", "scripts", "cmake", "bench", "docs"]
PATH = re.compile(r"`((?:" + "|".join(FOLDERS) + r")/[^`\s]*)`")


def pages():
    yield from (ROOT / "README.md", ROOT / "CONTRIBUTING.md")
    for page in sorted((ROOT / "docs").rglob("*.md")):
        if "results" not in page.parts:
            yield page


def main():
    faults = []
    for page in pages():
        for number, line in enumerate(page.read_text().splitlines(), 1):
            for path in PATH.findall(line):
                pattern = re.sub(r"<[^>]*>", "*", path).rstrip("/.,")
                if not (ROOT / pattern).exists() and not list(ROOT.glob(pattern)):
                    faults.append(f"{page.relative_to(ROOT)}:{number}: there is no {path}")
    print("\n".join(faults), end="\n" if faults else "")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
