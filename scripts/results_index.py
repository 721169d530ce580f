#!/usr/bin/env python3
"""Makes docs/results/README.md, one row for each measurement of `ludus bench learn`, from the pages in the same folder.

The pages are parsed because they are the record: measurements of months are kept as Markdown only, and a page that no
longer parses changes the index, which a test compares.

  scripts/results_index.py           writes it
  scripts/results_index.py --check   exit code 1 if it is not what the pages say
"""
import re
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "results"
INTERVAL = r"(-?[\d.]+) \[(-?[\d.]+), (-?[\d.]+)\]"
HEAD = """# Results

Made by `scripts/results_index.py` from the pages of `ludus bench learn`, which hold every seed, the settings and the machine. Figures are interquartile means
of the seeds' scores, each the mean return over 100 fresh episodes, with their 95 % intervals over the seeds. Best policy: by periodic evaluation while training, on
other episodes. Published: one run of one seed, mean and deviation over its episodes; ✓ where our mean is at least the published one, (✓) where only the interval reaches it.

| algorithm | environment | seeds | steps | best policy | last policy | published |
| --- | --- | ---: | ---: | ---: | ---: | ---: |
"""
TAIL = """
Other measurements: [policies on CartPole-v0](cartpole.md), [what Rainbow's parts are worth](rainbow_ablation.md), [updates broken on purpose](mutations.md),
[throughput](throughput.md), [an MLP](mnist_mlp.md), [LeNet-5 and a ConvNet](mnist_convolution.md) and [GANs](gan.md) on MNIST, [eight animals by published networks](transfer.md), [style transfer](style.md), [a policy on a longer pole](fine_tuning.md). Presets and what they deviate in: [the algorithms' pages](../algorithms/README.md).
"""


def cell(interval, published):
    mean, low, high = (float(interval[i]) for i in (1, 2, 3))
    mark = "" if published is None else " ✓" if mean >= published else " (✓)" if high >= published else ""
    return f"{mean:.1f} [{low:.1f}, {high:.1f}]{mark}"


def rows_of(page):
    for section in re.split(r"(?m)^## ", page.read_text())[1:]:
        env = section.split("\n", 1)[0]
        means = re.search(rf"best policy {INTERVAL}, last policy ({INTERVAL})", section)
        steps = re.search(r"(?m)^(\d+) steps a seed", section)
        if not means or not steps:
            continue
        published = re.search(r"(?m)^Published: (-?[\d.]+)( ± [\d.]+)?", section)
        bound = round(float(published[1]), 2) if published else None
        seeds = len(re.findall(r"(?m)^\| +\d+ \|", section))
        yield (
            f"| [{page.stem}]({page.name}) | {env} | {seeds} | {int(steps[1]):,} | {cell(means, bound)} | "
            f"{cell(re.match(INTERVAL, means[4]), bound)} | {published[1] + (published[2] or '') if published else '–'} |\n"
        )


def main():
    pages = sorted(page for page in FOLDER.glob("*.md") if page.name != "README.md")
    text = HEAD + "".join(row for page in pages for row in rows_of(page)) + TAIL
    index = FOLDER / "README.md"
    if "--check" in sys.argv[1:]:
        if not index.exists() or index.read_text() != text:
            sys.exit("docs/results/README.md is not what the pages say; run scripts/results_index.py")
        return
    index.write_text(text)


if __name__ == "__main__":
    main()
