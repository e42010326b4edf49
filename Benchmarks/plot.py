#!/usr/bin/env python3
"""Draws how the cost of a step grows: plot.py RESULTS.jsonl OUTPUT.svg --x threads

Each line of the file is a summary as `benchmarks` and `peers` print it. Summaries of one system and
precision make a curve; `--x` names a number in the summary, or among its amounts. Needs matplotlib
(requirements.txt).
"""

import argparse
import json
import pathlib
from collections import defaultdict

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402  (the backend must be chosen first)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("results", type=pathlib.Path)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--x", default="threads", help="what the axis shows: threads, tokens, clips …")
    parser.add_argument("--case", default="training-step")
    arguments = parser.parse_args()

    curves = defaultdict(list)
    for line in arguments.results.read_text().splitlines():
        summary = json.loads(line)
        if summary["case"] != arguments.case:
            continue
        x = summary.get(arguments.x, summary["amounts"].get(arguments.x))
        if x is None:
            parser.error(f"{arguments.results}: a summary of {arguments.case} has no {arguments.x}")
        curves[f"{summary['peer']}, {summary['precision']}"].append((x, summary["seconds"]))
    if not curves:
        parser.error(f"{arguments.results}: no summary of {arguments.case}")

    figure, axes = pyplot.subplots(figsize=(5, 3.2), layout="constrained")
    for name, points in sorted(curves.items()):
        axes.plot(*zip(*sorted(points)), marker="o", markersize=3, label=name)
    axes.set(xlabel=arguments.x, ylabel="seconds", ylim=(0, None), title=arguments.case)
    axes.legend(frameon=False, fontsize="small")
    # Without a date, the same figures make the same file.
    figure.savefig(arguments.output, metadata={"Date": None})


if __name__ == "__main__":
    main()
