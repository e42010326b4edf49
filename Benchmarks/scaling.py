#!/usr/bin/env python3
"""Measures how the cost of a training step grows, ours and PyTorch's, and draws it.

    Benchmarks/scaling.py --output Docs/plots

From the official model's step (8 clips, 64 tokens each, width 768, two threads) one size is changed
at a time. Each point is the median of some steps of a process of its own, ours and PyTorch's in turn.
The folder gets scaling.jsonl, and an SVG for each size. See README.md.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys

from compare import HERE, build, environment_of_peers
from comparison import machine

# The option, the amount's name in a summary, the values.
AXES = {
    "batch": ("--clips", "clips", (2, 4, 8, 16)),
    "length": ("--tokens", "tokens_per_caption", (16, 32, 64, 128)),
    "width": ("--width", "width", (256, 512, 768, 1024)),
    "threads": ("--threads", "threads", (1, 2, 4, 8, 16)),
}
LABELS = {
    "batch": "clips in a batch",
    "length": "tokens of each caption",
    "width": "width of the model",
    "threads": "threads",
}


def main():
    arguments = parse()
    # Programs run in the benchmarks' own folder.
    python = pathlib.Path(arguments.python or environment_of_peers()).absolute()
    ours = pathlib.Path(arguments.benchmarks or build(HERE, "benchmarks")).absolute()
    arguments.output = arguments.output.absolute()
    arguments.output.mkdir(parents=True, exist_ok=True)
    results = arguments.output / "scaling.jsonl"
    if not arguments.draw_only:
        measure(arguments, python, ours, results)
    # Matplotlib is the peers' environment's: this file itself needs none of it.
    subprocess.run([python, HERE / "draw_scaling.py", results, arguments.output], check=True)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--output", type=pathlib.Path, required=True, help="a folder")
    parser.add_argument("--axis", action="append", choices=AXES, help="may be given repeatedly")
    parser.add_argument("--precision", action="append", choices=["float32", "bfloat16"])
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--draw-only", action="store_true", help="from what was measured before")
    parser.add_argument("--python", type=pathlib.Path, help="of an environment that has the peers")
    parser.add_argument("--benchmarks", type=pathlib.Path, help="the program, built already")
    return parser.parse_args()


def measure(arguments, python, ours, results):
    environment = machine.environment(None)
    known = {}
    with results.open("w") as file:
        for axis in arguments.axis or AXES:
            option, _, values = AXES[axis]
            for value in values:
                if axis == "threads" and value > (os.cpu_count() or 1):
                    continue
                for precision in arguments.precision or ["float32", "bfloat16"]:
                    sizes = {"--threads": "2", option: str(value)}
                    options = ["training-step", "--precision", precision]
                    options += [word for pair in sizes.items() for word in pair]
                    for program in ([ours], [python, "-m", "peers"]):
                        # The step that all axes start from is measured once.
                        key = (program[0], precision, point(sizes))
                        if key not in known:
                            known[key] = run([*program, *options], arguments.repetitions, environment)
                        line = {"axis": axis, **known[key]}
                        file.write(json.dumps(line) + "\n")
                        file.flush()
                        print(f"{axis} {value} {precision} {line['peer']}: {line['seconds']:.3f} s",
                              file=sys.stderr, flush=True)


def point(sizes):
    full = {"--clips": "8", "--tokens": "64", "--width": "768", **sizes}
    return tuple(sorted(full.items()))


def run(command, repetitions, environment):
    command = [*command, "--repetitions", str(repetitions)]
    done = subprocess.run(
        command, cwd=HERE, env=environment, check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
