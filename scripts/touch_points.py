#!/usr/bin/env python3
"""Checks the "To add …" lists of docs/architecture.md.

  scripts/touch_points.py

Each list names an example in a comment, `<!-- touch_points: WORD WORD; also PATH PATH -->`. Every file of the repository that
contains one of the words must be in the list, in backticks, or after "also"; and every path of the list must exist and, build files of
folders apart, contain one of the words. Paths may hold `*`.
"""
import fnmatch
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/architecture.md"
IGNORED = ["CHANGELOG.md", "docs/architecture.md", "docs/decisions.md", "docs/results/*", "tests/data/*",
           "tests/fuzz/corpus/*", "README.md"]
SECTION = re.compile(r"<!-- touch_points: (?P<words>[^;>]*)(?:; also (?P<also>[^>]*?))? -->\n(?P<list>(?:- .*\n|  .*\n)*)")


def tracked_files():
    listing = subprocess.run(["git", "-C", str(ROOT), "ls-files"], capture_output=True, text=True)
    if listing.returncode == 0:
        return listing.stdout.split("\n")[:-1]
    # not a clone: everything but hidden folders and builds
    files = (file.relative_to(ROOT).as_posix() for file in ROOT.rglob("*") if file.is_file())
    return [file for file in files if not file.startswith((".", "build/"))]


def matches(path, patterns):
    return any(fnmatch.fnmatch(path, pattern) for pattern in patterns)


def check(section, texts):
    words = section["words"].split()
    word = re.compile(r"(?<![A-Za-z])(?:" + "|".join(map(re.escape, words)) + r")(?![a-z])")
    listed = [path for path in re.findall(r"`([^`\s]+/[^`\s]+)`", section["list"])]
    also = (section["also"] or "").split()
    holding = {path for path, text in texts.items() if word.search(text) or word.search(path)}
    faults = [f"{words[0]}: {path} holds it and is not in the list"
              for path in sorted(holding) if not matches(path, listed + also + IGNORED)]
    faults += [f"{words[0]}: the list names {pattern}, which does not hold it"
               for pattern in listed + also
               if not any(fnmatch.fnmatch(path, pattern) for path in holding) and not pattern.endswith("CMakeLists.txt")]
    return faults


def main():
    page = PAGE.read_text()
    sections = list(SECTION.finditer(page))
    if len(sections) != page.count("<!-- touch_points:") or not sections:
        sys.exit("docs/architecture.md: a touch_points comment is not followed by its list")
    texts = {}
    for name in tracked_files():
        file = ROOT / name
        if file.is_file() and not name.startswith("tests/data/"):
            texts[name] = file.read_bytes().decode("utf-8", errors="replace")
    faults = [fault for section in sections for fault in check(section, texts)]
    print("\n".join(faults), end="\n" if faults else "")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
