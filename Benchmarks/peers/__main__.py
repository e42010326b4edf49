"""Measures one case: python -m peers CASE [--peer NAME] [--precision P] …

Prints JSON, as Sources/benchmarks does: with --interactive one line when it is ready, one for
every line on standard input, and at the end of the input a summary; else the summary alone.
"""

import argparse
import json
import os
import pathlib
import resource
import statistics
import sys
import time


def main():
    arguments = parse()
    # These libraries read the variable once, when they are loaded.
    os.environ.setdefault("OMP_NUM_THREADS", str(arguments.threads))
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    import torch

    torch.set_num_threads(arguments.threads)
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    run, amounts = prepare(arguments)
    for _ in range(arguments.warmups):
        run()
    samples = []

    def measure() -> float:
        begin = time.perf_counter()
        for _ in range(arguments.inner):
            run()
        samples.append((time.perf_counter() - begin) / arguments.inner)
        return samples[-1]

    if arguments.interactive:
        print(json.dumps({"ready": True}), flush=True)
        for _ in sys.stdin:
            print(json.dumps({"seconds": measure()}), flush=True)
    else:
        for _ in range(arguments.repetitions):
            measure()
    print(json.dumps(summary(arguments, samples, amounts, torch)), flush=True)


def parse():
    parser = argparse.ArgumentParser(prog="peers", description=__doc__.splitlines()[0])
    parser.add_argument("case", choices=sorted(CASES))
    parser.add_argument("--peer", default="torch", help="torch, torch-compiled or ctranslate2")
    parser.add_argument("--precision", default="float32", choices=["float32", "bfloat16", "int8"])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--clips", type=int, help="of a training step")
    parser.add_argument("--tokens", type=int, help="of each of its captions")
    parser.add_argument("--width", type=int, help="of the model in a training step")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--warmups", type=int, default=2)
    parser.add_argument("--inner", type=int, default=1, help="calls timed together")
    parser.add_argument("--files", type=pathlib.Path, help="folder of the tokenizer case's files")
    parser.add_argument("--interactive", action="store_true")
    return parser.parse_args()


def prepare(arguments):
    """What to run, and what one run gets done: names of amounts to numbers."""
    return CASES[arguments.case](arguments)


def training_step(arguments):
    from . import shapes

    shapes.WIDTH = arguments.width or shapes.WIDTH
    lengths = (arguments.tokens or shapes.TOKENS,) * (arguments.clips or shapes.CLIPS)
    return training(arguments, lengths)


def training_step_captions(arguments):
    from . import shapes

    return training(arguments, shapes.CAPTION_LENGTHS)


def training(arguments, lengths):
    from . import shapes
    from .training import training_step

    compiles = arguments.peer == "torch-compiled"
    amounts = {
        "tokens": sum(lengths),
        "clips": len(lengths),
        "tokens_per_caption": sum(lengths) / len(lengths),
        "width": shapes.WIDTH,
    }
    return training_step(lengths, arguments.precision, compiles), amounts


def caption_clip(arguments):
    return captioning(arguments, 1)


def caption_song(arguments):
    from . import shapes

    return captioning(arguments, shapes.SONG_CHUNKS)


def captioning(arguments, clip_count):
    from . import captioning

    if arguments.peer == "ctranslate2":
        run = captioning.ctranslate2(clip_count, arguments.precision, arguments.threads)
    else:
        run = captioning.hugging_face(clip_count, arguments.precision)
    return run, {"clips": clip_count}


def log_mel(arguments):
    from .features import log_mel

    return log_mel(), {"clips": 1}


def adamw(arguments):
    from .training import adamw_step

    step, parameters = adamw_step()
    return step, {"bytes": 28 * parameters, "parameters": parameters}


def memory_update(arguments):
    from .training import memory_update

    run, count = memory_update()
    return run, {"bytes": count}


def memory_read(arguments):
    from .training import memory_read

    run, count = memory_read()
    return run, {"bytes": count}


def tokenizer(arguments):
    from .text import encode

    run, count = encode(arguments.files)
    return run, {"bytes": count}


CASES = {
    "training-step": training_step,
    "training-step-captions": training_step_captions,
    "caption-clip": caption_clip,
    "caption-song": caption_song,
    "log-mel": log_mel,
    "adamw": adamw,
    "memory-update": memory_update,
    "memory-read": memory_read,
    "tokenizer": tokenizer,
}


def summary(arguments, samples, amounts, torch):
    ordered = sorted(samples) or [float("nan")]
    result = {
        "case": arguments.case,
        "peer": arguments.peer,
        "precision": arguments.precision,
        "threads": arguments.threads,
        "seconds": statistics.median(ordered),
        "minimum": ordered[0],
        "p95": ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))],
        "samples": samples,
        "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1_024,
        "isa": torch.backends.cpu.get_cpu_capability(),
        "version": version(arguments.peer),
        "amounts": amounts,
    }
    if "bytes" in amounts:
        result["bytes_per_second"] = amounts["bytes"] / result["seconds"]
    return result


def version(peer: str) -> str:
    from importlib.metadata import version

    names = ["ctranslate2"] if peer == "ctranslate2" else ["torch", "transformers", "tokenizers"]
    return ", ".join(f"{name} {version(name)}" for name in names)


if __name__ == "__main__":
    main()
