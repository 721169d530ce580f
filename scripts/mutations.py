#!/usr/bin/env python3
"""Proves that the tests notice broken updates: applies the mutations of tests/mutations.toml to the last commit, one
after another, builds, runs the tests of the algorithms concerned, and expects them to fail. A tool for developers.

Prints a table in Markdown. Exit code 1 if a mutation survives or cannot be built, or if all those of an algorithm
leave its learning tests green; 2 if nothing could be tried.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
LIST = "tests/mutations.toml"
PRESET = "release"


class Refused(Exception):
    """Nothing can be tried: one sentence for the user."""


def say(text):
    print(f"mutations: {text}", file=sys.stderr, flush=True)


def quietly(command, folder, timeout=None):
    """The exit code and all that the command said; a code of None if it did not end in time."""
    try:
        done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout)
    except subprocess.TimeoutExpired as stopped:
        return None, (stopped.stdout or b"").decode(errors="replace")
    return done.returncode, done.stdout.decode(errors="replace")


def required(command, folder):
    code, output = quietly(command, folder)
    if code != 0:
        raise Refused(f"`{' '.join(map(str, command))}` failed in {folder}:\n{output}")
    return output.strip()


def check_out(tree):
    """The last commit in a worktree of its own, with whatever a run that was interrupted left behind undone."""
    commit = required(["git", "rev-parse", "HEAD"], REPOSITORY)
    if tree.exists():
        ours = required(["git", "rev-parse", "--path-format=absolute", "--git-common-dir"], REPOSITORY)
        theirs = required(["git", "rev-parse", "--path-format=absolute", "--git-common-dir"], tree)
        if ours != theirs:
            raise Refused(f"{tree} is not a worktree of {REPOSITORY}; give --build another folder")
        required(["git", "checkout", "--quiet", "--force", "--detach", commit], tree)
    else:
        required(["git", "worktree", "prune"], REPOSITORY)
        required(["git", "worktree", "add", "--quiet", "--detach", str(tree), commit], REPOSITORY)
    return commit


class Proof:
    def __init__(self, tree, jobs):
        self.tree = tree
        self.jobs = jobs
        listed = tomllib.loads((tree / LIST).read_text())
        self.algorithms = listed["algorithm"]
        self.mutations = listed["mutation"]
        self.limits = {}  # (algorithm, kind) -> seconds that a run may take

    def chosen(self, only):
        """The mutations of these names or of these algorithms; all, if none is given."""
        for name in only:
            if name not in self.mutations and name not in self.algorithms:
                raise Refused(
                    f"--only names a mutation or an algorithm of {LIST}, and \"{name}\" is neither. There are: "
                    + ", ".join(sorted([*self.mutations, *self.algorithms]))
                )
        return {
            name: mutation
            for name, mutation in self.mutations.items()
            if not only or name in only or any(algorithm in only for algorithm in mutation["algorithms"])
        }

    def build(self, algorithms):
        programs = sorted({self.algorithms[name]["program"] for name in algorithms})
        return quietly(
            ["cmake", "--build", "--preset", PRESET, "--parallel", str(self.jobs), "--target", *programs], self.tree
        )

    def run(self, algorithm, kind):
        """The algorithm's tests by hand, or of learning, that failed, and how many passed. A test during which the
        program died or the time ran out has failed."""
        patterns = self.algorithms[algorithm][kind]
        if not patterns:
            return [], 0
        program = self.tree / "build" / PRESET / "bin" / self.algorithms[algorithm]["program"]
        code, output = quietly(
            # one training that notices is enough
            [program, f"--gtest_filter={':'.join(patterns)}", *(["--gtest_fail_fast"] if kind == "learning" else [])],
            self.tree,
            self.limits.get((algorithm, kind)),
        )
        begun, passed, skipped = (
            re.findall(rf"^\[ *{word} *\] (\S+)", output, re.MULTILINE) for word in ("RUN", "OK", "SKIPPED")
        )
        failed = [name for name in begun if name not in passed and name not in skipped]
        return [] if code == 0 else failed or ["(the program failed)"], len(passed)

    def prepare(self, algorithms):
        """Builds what is not mutated, and makes sure that it passes."""
        say(f"building {required(['git', 'rev-parse', '--short', 'HEAD'], self.tree)} in {self.tree}")
        required(["cmake", "--preset", PRESET], self.tree)
        code, output = self.build(algorithms)
        if code != 0:
            raise Refused(f"what is not mutated cannot be built:\n{output}")
        for algorithm in sorted(algorithms):
            for kind in ("by_hand", "learning"):
                start = time.monotonic()
                failed, passed = self.run(algorithm, kind)
                if failed:
                    raise Refused(f"tests of {algorithm} fail without any mutation: {', '.join(failed)}")
                if passed == 0 and self.algorithms[algorithm][kind]:
                    raise Refused(f"no test has a name like {algorithm}'s in {LIST}, {kind}")
                # many a broken update makes episodes longer
                self.limits[algorithm, kind] = 60 + 10 * (time.monotonic() - start)

    def mutate(self, mutation):
        """One row for each algorithm: (algorithm, tests by hand that noticed, trainings that noticed, seconds)."""
        path = self.tree / mutation["file"]
        text = path.read_text()
        count = text.count(mutation["old"])
        if count != 1:
            raise Refused(f"the text to be replaced occurs {count} times in {mutation['file']}: {mutation['old']}")
        start = time.monotonic()
        path.write_text(text.replace(mutation["old"], mutation["new"]))
        try:
            code, output = self.build(mutation["algorithms"])
            if code != 0:
                raise Refused(f"it cannot be built:\n{output}")
            rows = []
            for algorithm in mutation["algorithms"]:
                (by_hand, _), (learning, _) = self.run(algorithm, "by_hand"), self.run(algorithm, "learning")
                rows.append((algorithm, by_hand, learning, time.monotonic() - start))
                start = time.monotonic()
            return rows
        finally:
            path.write_text(text)


def shown(tests):
    """Names without what all instances of a test have in common, each once."""
    names = [re.sub(r"^\w+/(\w+\.\w+)/\w+$", r"\1", name) for name in tests]
    return ", ".join(dict.fromkeys(names)) or "–"


def prove(proof, only):
    mutations = proof.chosen(only)
    proof.prepare({algorithm for mutation in mutations.values() for algorithm in mutation["algorithms"]})
    print("| mutation | what is broken | algorithm | noticed by hand | noticed by training (the first) | seconds |")
    print("| --- | --- | --- | --- | --- | ---: |", flush=True)
    complaints, noticed_by_learning = 0, set()

    def complain(text):
        nonlocal complaints
        complaints += 1
        say(text)

    for name, mutation in mutations.items():
        try:
            rows = proof.mutate(mutation)
        except Refused as error:
            complain(f"bad mutation {name}: {error}")
            continue
        for algorithm, by_hand, learning, seconds in rows:
            cells = [name, mutation["breaks"], algorithm, shown(by_hand), shown(learning), f"{seconds:.0f}"]
            print("| " + " | ".join(cells) + " |", flush=True)
            if learning:
                noticed_by_learning.add(algorithm)
            if not by_hand and not learning:
                complain(f"no test of {algorithm} notices {name} ({mutation['breaks']})")
    # all mutations of an algorithm together show which of them its trainings notice
    for algorithm in proof.algorithms:
        whole = all(name in mutations for name, each in proof.mutations.items() if algorithm in each["algorithms"])
        if whole and algorithm not in noticed_by_learning:
            complain(f"the learning tests of {algorithm} notice none of its mutations")
    say(f"{len(mutations)} mutations, {complaints} complaints")
    return 1 if complaints else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="a mutation, or an algorithm's all")
    parser.add_argument("--build", type=Path, metavar="DIR", help="keep worktree and build here for the next run")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N", help="compile so many files at a time")
    options = parser.parse_args()
    folder = (options.build or Path(tempfile.mkdtemp(prefix="ludus-mutations-"))).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        check_out(folder / "mutated")
        return prove(Proof(folder / "mutated", options.jobs), options.only)
    except Refused as error:
        say(error)
        return 2
    except KeyboardInterrupt:
        say("interrupted")
        return 130
    finally:
        if options.build is None:
            shutil.rmtree(folder)
            quietly(["git", "worktree", "prune"], REPOSITORY)


if __name__ == "__main__":
    sys.exit(main())
