#!/usr/bin/env python3
"""Measures MusicCaptioner and its peers side by side, and prints the table of ratios.

Everything: Benchmarks/compare.py. One row: --only step-float32. Python's standard library is all that
this file needs; the peers live in a virtual environment, made from requirements.txt where there is
none. See README.md.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import venv

from comparison import machine
from comparison.rows import ROWS, Row
from comparison.turns import MeasurementFailed, Turn, take_turns

HERE = pathlib.Path(__file__).resolve().parent
LOAD_ROW = "first-caption"
LOAD_GOAL = 0.3  # seconds
BUSY_LOAD = 0.5  # of the last minute
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"


def main() -> int:
    arguments = parse()
    python = arguments.python or environment_of_peers()
    ours = arguments.benchmarks or build(HERE, "benchmarks")
    if os.getloadavg()[0] > BUSY_LOAD:
        print(f"warning: other work runs here (load {os.getloadavg()[0]:.1f}); ratios of a busy machine "
              "are worth nothing", file=sys.stderr)
    environment = machine.environment(arguments.isa)
    result = {"machine": machine.description(), "isa": arguments.isa or "best", "rows": []}
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(python, ours, environment, pathlib.Path(folder), arguments)
        print("| work | ours | peer | ratio | goal | |\n|---|---|---|---|---|---|", flush=True)
        for name in arguments.only or [*(row.name for row in ROWS), LOAD_ROW]:
            try:
                found = bench.measure(name)
            except MeasurementFailed as failure:
                print(f"| {name} | {failure} | | | | failed |", flush=True)
                found = [{"name": name, "failure": str(failure)}]
            for line in found:
                result["rows"].append(line)
                if "cells" in line:
                    print("| " + " | ".join(line.pop("cells")) + " |", flush=True)
            if arguments.output:
                arguments.output.write_text(json.dumps(result, indent=1) + "\n")
    return 1 if any("failure" in row for row in result["rows"]) else 0


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    names = [*(row.name for row in ROWS), LOAD_ROW]
    parser.add_argument("--only", action="append", choices=names, help="may be given repeatedly")
    parser.add_argument("--isa", choices=sorted(machine.MASKS), help="mask what is newer, everywhere")
    parser.add_argument("--threads", type=int, help="instead of 2, where the row doesn't say 1")
    parser.add_argument("--repetitions", type=int, help="rounds, instead of each row's own number")
    parser.add_argument("--compile", action="store_true", help="torch.compile too: takes minutes")
    parser.add_argument("--python", type=pathlib.Path, help="of an environment that has the peers")
    parser.add_argument("--benchmarks", type=pathlib.Path, help="the program, built already")
    parser.add_argument("--caption", type=pathlib.Path, help="the program, built already")
    parser.add_argument("--output", type=pathlib.Path, help="a JSON file with everything measured")
    return parser.parse_args()


def environment_of_peers() -> pathlib.Path:
    folder = HERE / ".venv"
    python = folder / "bin" / "python"
    if not python.exists():
        print(f"making {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True)
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--extra-index-url", TORCH_INDEX,
             "-r", HERE / "requirements.txt"],
            check=True,
        )
    return python


def build(package: pathlib.Path, product: str) -> pathlib.Path:
    command = ["swift", "build", "-c", "release", "--package-path", package, "--product", product]
    subprocess.run(command, check=True, stdout=sys.stderr)
    return package / ".build" / "release" / product


class Bench:
    """Measures rows by name."""

    def __init__(self, python, ours, environment, files, arguments):
        self.python = pathlib.Path(python).absolute()
        self.ours = pathlib.Path(ours).absolute()
        self.environment = environment
        self.files = files
        self.arguments = arguments

    def measure(self, name: str) -> list[dict]:
        """What to print and to write down: a line, and one more where memory has a goal."""
        if name == LOAD_ROW:
            return [self.first_caption()]
        row = next(row for row in ROWS if row.name == name)
        if row.case == "tokenizer":
            self.need_text()
        peers = [
            peer for peer in row.peers
            if peer.name != "torch-compiled" or self.arguments.compile
        ]
        programs = [self.our_turn(row.case, row.precision, row)]
        for peer in peers:
            case = peer.case or row.case
            options = ["--peer", peer.name, *self.options(peer.precision, row)]
            programs.append(
                Turn([self.python, "-m", "peers", case, *options], self.environment, HERE)
            )
        try:
            found = take_turns(programs[0], programs[1:], self.repetitions(row.repetitions))
        finally:
            for program in programs:
                program.__exit__()
        best = min(range(len(peers)), key=found.ratios.__getitem__)
        line = {
            "name": name, "title": row.title, "goal": row.goal, "ratio": found.ratios[best],
            "ratios": {peer.title: ratio for peer, ratio in zip(peers, found.ratios)},
            "ours": found.ours, "peers": found.peers,
        }
        line["cells"] = [
            row.title + fallback(found.ours), amount(found.ours, row),
            f"{peers[best].title}: {amount(found.peers[best], row)}",
            f"{line['ratio']:.2f} ×", f"≥ {row.goal:.3g} ×", verdict(line["ratio"] >= row.goal),
        ]
        return [line] if row.memory_goal is None else [line, memory_line(row, peers, found)]

    def first_caption(self) -> dict:
        """From the start of `caption` to its first line, less the decoding, which is timed in turn."""
        self.need_text()
        caption = self.arguments.caption or build(HERE.parent, "caption")
        # Writes the model folder and leaves it in the page cache.
        run = [self.ours, "load-model", "--files", self.files, "--repetitions", "3"]
        done = subprocess.run(
            [str(word) for word in run], env=self.environment, capture_output=True, text=True
        )
        if done.returncode:
            raise MeasurementFailed(done.stderr.strip())
        opening = json.loads(done.stdout)
        command = [caption, self.files / "clip.wav", "--model", self.files / "model",
                   "--format", "jsonl", "--threads", self.arguments.threads or 2]
        starts, decodes = [], []
        with self.our_turn("caption-clip", "float32") as decoding:
            decoding.wait_until_ready()
            for _ in range(self.repetitions(7)):
                starts.append(self.seconds_to_first_line([str(word) for word in command]))
                decodes.append(decoding.seconds())
        load = statistics.median(start - decode for start, decode in zip(starts, decodes))
        return {
            "name": LOAD_ROW, "title": "`caption` from start to first caption, less decoding",
            "goal": LOAD_GOAL, "seconds": load, "to_first_caption": starts, "decoding": decodes,
            "open_model": opening,
            "cells": [
                "`caption` from start to first caption, less decoding", f"{load:.2f} s",
                f"decoding: {statistics.median(decodes):.2f} s", "", f"≤ {LOAD_GOAL} s",
                verdict(load <= LOAD_GOAL),
            ],
        }

    def seconds_to_first_line(self, command: list[str]) -> float:
        begin = time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=self.environment) as process:
            line = process.stdout.readline()
            seconds = time.perf_counter() - begin
        if not line:
            raise MeasurementFailed(f"{' '.join(command)}: no caption")
        return seconds

    def our_turn(self, case: str, precision: str, row: Row | None = None) -> Turn:
        return Turn([self.ours, case, *self.options(precision, row)], self.environment)

    def options(self, precision: str, row: Row | None) -> list:
        threads = self.arguments.threads or 2
        if row is None:
            return ["--precision", precision, "--threads", threads]
        return ["--precision", precision, "--threads", 1 if row.threads == 1 else threads,
                "--inner", row.inner, "--files", self.files]

    def repetitions(self, usual: int) -> int:
        return self.arguments.repetitions or usual

    def need_text(self):
        """The tokenizer and the text that both sides read."""
        if (self.files / "text.txt").exists():
            return
        write = "import pathlib, sys; from peers.text import write_files; " \
                "write_files(pathlib.Path(sys.argv[1]))"
        subprocess.run([self.python, "-c", write, self.files], cwd=HERE, check=True)


def memory_line(row: Row, peers, found) -> dict:
    """Peak memory: what the whole process had resident, its libraries included."""
    least = min(range(len(peers)), key=lambda index: found.peers[index]["peak_memory_bytes"])
    ours, theirs = found.ours["peak_memory_bytes"], found.peers[least]["peak_memory_bytes"]
    title = f"peak memory of the {row.precision} step"
    return {
        "name": row.name + "-memory", "title": title, "goal": row.memory_goal,
        "ratio": ours / theirs,
        "cells": [
            title, f"{ours / 1e9:.2f} GB", f"{peers[least].title}: {theirs / 1e9:.2f} GB",
            f"{ours / theirs:.2f} ×", f"≤ {row.memory_goal} ×",
            verdict(ours / theirs <= row.memory_goal),
        ],
    }


def amount(summary: dict, row: Row) -> str:
    if row.unit != "s":
        scale = {"GB/s": 1e9, "MB/s": 1e6}[row.unit]
        return f"{summary['bytes_per_second'] / scale:.1f} {row.unit}"
    seconds = summary["seconds"]
    return f"{seconds:.2f} s" if seconds > 0.1 else f"{1e3 * seconds:.2f} ms"


def fallback(summary: dict) -> str:
    computed = summary["computed_in"]
    return "" if computed == summary["precision"] else f" (computed in {computed})"


def verdict(is_reached: bool) -> str:
    return "reached" if is_reached else "missed"


if __name__ == "__main__":
    sys.exit(main())
