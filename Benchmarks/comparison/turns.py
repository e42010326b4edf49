"""Programs that take turns: each waits, warm, while another is timed."""

import json
import statistics
import subprocess
import time
from dataclasses import dataclass

# Threads that wait by spinning have gone to sleep after this.
PAUSE = 0.2


class MeasurementFailed(Exception):
    pass


class Turn:
    """A program that times one run for each line that it is sent."""

    def __init__(self, command, environment, folder=None):
        self.command = [str(word) for word in command]
        self.process = subprocess.Popen(
            [*self.command, "--interactive"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=environment, cwd=folder, text=True,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def wait_until_ready(self):
        self._read()

    def seconds(self) -> float:
        time.sleep(PAUSE)
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self._read()["seconds"]

    def summary(self) -> dict:
        self.process.stdin.close()
        summary = self._read()
        self.process.wait()
        return summary | {"command": " ".join(self.command)}

    def _read(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            raise MeasurementFailed(
                f"{' '.join(self.command)}: ended with exit code {self.process.wait()}"
            )
        return json.loads(line)


@dataclass
class Comparison:
    ours: dict  # summaries
    peers: list[dict]
    ratios: list[float]  # of each peer: the median over rounds of its time for the work, over ours


def take_turns(ours: Turn, peers: list[Turn], repetitions: int) -> Comparison:
    """Ours, peer, peer, ours, peer, peer, …"""
    programs = [ours, *peers]
    for program in programs:
        program.wait_until_ready()
    rounds = [[program.seconds() for program in programs] for _ in range(repetitions)]
    summaries = [program.summary() for program in programs]

    def speedup(index: int) -> float:
        work = 1.0
        if "bytes" in summaries[0]["amounts"]:
            work = summaries[0]["amounts"]["bytes"] / summaries[index]["amounts"]["bytes"]
        return statistics.median(times[index] / times[0] * work for times in rounds)

    ratios = [speedup(index) for index in range(1, len(programs))]
    return Comparison(summaries[0], summaries[1:], ratios)
