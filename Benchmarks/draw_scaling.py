"""Draws what scaling.py measured: draw_scaling.py RESULTS.jsonl FOLDER. Needs matplotlib."""

import json
import pathlib
import sys
from collections import defaultdict

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402  (the backend must be chosen first)

from scaling import AXES, LABELS  # noqa: E402

COLOURS = {"ours": "#1b6ca8", "torch": "#c0562b"}
NAMES = {"ours": "MusicCaptioner", "torch": "PyTorch"}


def main():
    results, folder = map(pathlib.Path, sys.argv[1:])
    axes = defaultdict(lambda: defaultdict(list))
    for line in results.read_text().splitlines():
        summary = json.loads(line)
        amount = AXES[summary["axis"]][1]
        x = summary.get(amount, summary["amounts"].get(amount))
        curve = (summary["peer"], summary["precision"])
        axes[summary["axis"]][curve].append((x, summary["seconds"]))
    # Names inside an SVG are drawn by chance otherwise, and the same figures must make the same file.
    matplotlib.rcParams["svg.hashsalt"] = "scaling"
    for axis, curves in axes.items():
        draw(axis, curves, folder / f"{axis}.svg")


def draw(axis, curves, output):
    figure, plot = pyplot.subplots(figsize=(5, 3.2), layout="constrained")
    for (peer, precision), points in sorted(curves.items()):
        points = sorted(points)
        style = "-" if precision == "float32" else "--"
        plot.plot(*zip(*points), style, color=COLOURS[peer], marker="o", markersize=3,
                  label=f"{NAMES[peer]}, {precision}")
        plot.set_xticks([x for x, _ in points])
    plot.set(xlabel=LABELS[axis], ylabel="seconds a training step", ylim=(0, None))
    plot.legend(frameon=False, fontsize="small")
    plot.spines[["top", "right"]].set_visible(False)
    figure.savefig(output, metadata={"Date": None})
    pyplot.close(figure)


if __name__ == "__main__":
    main()
