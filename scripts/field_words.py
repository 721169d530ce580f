#!/usr/bin/env python3
"""Checks that words which the field has other names for do not come back.

  scripts/field_words.py            exit code 1 if one of them is found; names file, line, word and what to write instead
  scripts/field_words.py --counts   prints how often each occurs, allowed places included

The list, with reasons and allowed places, is tests/data/field_words.txt. Recorded data, results of older commits, the changelog and the list
itself are not searched.
"""
import fnmatch
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "tests/data/field_words.txt"
SUFFIXES = (".h", ".cpp", ".md", ".py", ".sh", ".cmake", ".txt", ".toml", ".in")
NOT_SEARCHED = ["CHANGELOG.md", "docs/results/*", "tests/data/*", "scripts/field_words.py"]


def read_list():
    """The rules (pattern, instead) and the allowed places (path pattern, pattern of words)."""
    rules, allowed = [], []
    for line in LIST.read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        kind, *fields = [field.strip() for field in line.split("|")]
        if kind == "word":
            rules.append((re.compile(rf"(?<![A-Za-z])(?:{fields[0]})(?![a-z])", re.IGNORECASE), fields[1]))
        elif kind == "allow":
            allowed.append((fields[0], re.compile(fields[1], re.IGNORECASE)))
        else:
            sys.exit(f"{LIST.name}: a line begins with `{kind}`, and word or allow is meant")
    return rules, allowed


def tracked_files():
    listing = subprocess.run(["git", "-C", str(ROOT), "ls-files"], capture_output=True, text=True)
    if listing.returncode == 0:
        return listing.stdout.split("\n")[:-1]
    files = (file.relative_to(ROOT).as_posix() for file in ROOT.rglob("*") if file.is_file())
    return [file for file in files if not file.startswith((".", "build/"))]


def main():
    rules, allowed = read_list()
    faults, counts = [], Counter()
    for name in tracked_files():
        if not name.endswith(SUFFIXES) or any(fnmatch.fnmatch(name, pattern) for pattern in NOT_SEARCHED):
            continue
        if not (ROOT / name).is_file():
            continue
        for number, line in enumerate((ROOT / name).read_text(errors="replace").splitlines(), 1):
            for pattern, instead in rules:
                for match in pattern.finditer(line):
                    counts[pattern.pattern] += 1
                    if not any(fnmatch.fnmatch(name, path) and words.search(line) for path, words in allowed):
                        faults.append(f"{name}:{number}: `{match[0]}`; write {instead}")
    if "--counts" in sys.argv[1:]:
        for pattern, _ in rules:
            print(f"{counts[pattern.pattern]:5d}  {pattern.pattern[len('(?<![A-Za-z])(?:'):-len(')(?![a-z])')]}")
        return
    print("\n".join(faults), end="\n" if faults else "")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
