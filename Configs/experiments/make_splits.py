#!/usr/bin/env python3
"""Splits synthetic-music for the experiments in miniature (Docs/EXPERIMENTS.md).

    Configs/experiments/make_splits.py ../shared/data/synthetic-music > Configs/experiments/splits.json

As in the paper, pretraining uses other music than fine-tuning, and more of it. Two styles are left
out of training altogether, for testing on music unlike it.
"""
import json
import pathlib
import sys

WITHHELD_STYLES = {"reggae", "waltz"}
# One in this many clips of the training split is used for fine-tuning.
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
