#!/usr/bin/env python3
"""Cuts synthetic-music for the ladder of experiments in miniature (Docs/EXPERIMENTS.md).

    Configs/experiments/make_splits.py ../shared/data/synthetic-music > Configs/experiments/splits.json

As in the paper, the music of pretraining is not that of fine-tuning, and there is more of it. Two
styles are kept out of training altogether, to test on music unlike it.
"""
import json
import pathlib
import sys

WITHHELD_STYLES = {"reggae", "waltz"}
# One clip in so many of the training split is for fine-tuning.
FINE_TUNING_SHARE = 5

folder = pathlib.Path(sys.argv[1])
splits = {name: [] for name in ["pretrain", "finetune", "valid", "test", "unlike"]}
position = 0
for line in (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
    clip = json.loads(line)
    if clip["style"] in WITHHELD_STYLES:
        name = "unlike"
    elif clip["split"] == "train":
        name = "pretrain" if position % FINE_TUNING_SHARE else "finetune"
        position += 1
    else:
        name = clip["split"]
    splits[name].append(clip["id"])
json.dump(splits, sys.stdout, separators=(",", ":"))
print()
