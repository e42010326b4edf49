#!/usr/bin/env python3
"""Compares MusicFacts with librosa where tempo, key and meter are known.

Benchmarks/facts.py --split valid prints a table for a split of shared/data/synthetic-music. Needs librosa, which is
no requirement of the other scripts: pip install librosa soundfile. librosa's tempo is that of
beat.beat_track; its key is the best correlation of the mean of chroma_cqt with the profiles of Krumhansl
and Kessler, as is usual, and the same with chroma_stft. Builds the program `facts` unless --facts names it.
"""

import argparse
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
NOTES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
ACCIDENTALS = {"#": 1, "b": -1, "sharp": 1, "flat": -1}
# Krumhansl and Kessler, "Tracing the dynamic changes in perceived tonal organization", 1982.
PROFILES = {
    "major": [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88],
    "minor": [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17],
}
# How far a listener's count may be from another's.
MULTIPLES = {"×2": 2, "÷2": 1 / 2, "×3": 3, "÷3": 1 / 3, "×3/2": 3 / 2, "×2/3": 2 / 3}


def main() -> int:
    arguments = parse()
    clips = truth(arguments.data, arguments.split)[: arguments.limit]
    program = arguments.facts or build()
    rows = {"ours": ours(program, [clip["path"] for clip in clips])}
    if not arguments.no_librosa:
        rows.update(librosas([clip["path"] for clip in clips]))
    print(f"{len(clips)} clips of {arguments.split}, {sum(c['drums'] for c in clips)} with drums\n")
    print_table(rows, clips)
    print()
    print_confidence(rows["ours"], clips)
    if arguments.output:
        lines = [{**clip, **{name: row[i] for name, row in rows.items()}} for i, clip in enumerate(clips)]
        arguments.output.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return 0


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--split", default="valid", choices=["train", "valid", "test"])
    parser.add_argument("--data", type=pathlib.Path, default=HERE.parents[1] / "shared/data/synthetic-music")
    parser.add_argument("--facts", type=pathlib.Path, help="the program, already built")
    parser.add_argument("--limit", type=int, help="only so many clips")
    parser.add_argument("--no-librosa", action="store_true")
    parser.add_argument("--output", type=pathlib.Path, help="write what was found as JSON lines")
    return parser.parse_args()


def build() -> pathlib.Path:
    command = ["swift", "build", "-c", "release", "--package-path", str(HERE), "--product", "facts"]
    subprocess.run(command, check=True, stdout=sys.stderr)
    return HERE / ".build/release/facts"


def pitch_class(note: str, accidental: str = "") -> int:
    return (NOTES[note] + ACCIDENTALS.get(accidental, 0)) % 12


def truth(data: pathlib.Path, split: str) -> list:
    clips = []
    for line in (data / "manifest.jsonl").read_text().splitlines():
        entry = json.loads(line)
        if entry["split"] != split:
            continue
        note, *accidental, mode = entry["key"].split()
        clips.append({
            "path": str(data / entry["audio"]), "tempo": entry["tempo_bpm"], "drums": entry["drums"],
            "key": (pitch_class(note, *accidental), mode), "meter": int(entry["metre"][0])})
    return clips


def ours(program: pathlib.Path, paths: list) -> list:
    lines = subprocess.run(
        [program], input="".join(path + "\n" for path in paths), check=True, capture_output=True, text=True)
    found = []
    for line in lines.stdout.splitlines():
        facts = json.loads(line)
        tempo, key, meter = (facts.get(name) or {} for name in ("tempo", "key", "meter"))
        found.append({
            "tempo": tempo.get("beats_per_minute"), "meter": meter.get("beats_per_bar"),
            "key": (pitch_class(*key["tonic"]), key["mode"]) if key else None,
            "confidence": {name: fact.get("confidence", 0) for name, fact in (
                ("tempo", tempo), ("key", key), ("meter", meter))}})
    return found


def librosas(paths: list) -> dict:
    import librosa
    import numpy

    def key(chroma):
        mean = chroma.mean(axis=1)
        scores = {
            (tonic, mode): numpy.corrcoef(numpy.roll(profile, tonic), mean)[0, 1]
            for mode, profile in PROFILES.items() for tonic in range(12)}
        return max(scores, key=scores.get)

    rows = {"librosa, chroma_cqt": [], "librosa, chroma_stft": []}
    for path in paths:
        samples, rate = librosa.load(path, sr=None)
        tempo = float(numpy.atleast_1d(librosa.beat.beat_track(y=samples, sr=rate)[0])[0])
        for kind in ("chroma_cqt", "chroma_stft"):
            chroma = getattr(librosa.feature, kind)(y=samples, sr=rate)
            rows[f"librosa, {kind}"].append({"tempo": tempo, "key": key(chroma), "meter": None})
    return rows


def is_close(found, true) -> bool:
    return found is not None and abs(found / true - 1) <= 0.04


def is_right(fact: str, found: dict, clip: dict) -> bool:
    if fact == "tempo":
        return is_close(found["tempo"], clip["tempo"])
    return found[fact] is not None and found[fact] == clip[fact]


def share(values) -> str:
    values = list(values)
    return f"{100 * sum(values) / len(values):.1f} %" if values else "–"


def print_table(rows: dict, clips: list):
    columns = ["tempo, drums", "tempo, all", *MULTIPLES, "key and mode", "relative key", "meter", "3 found"]
    print("| | " + " | ".join(columns) + " |\n|---|" + "---|" * len(columns))
    for name, row in rows.items():
        pairs = list(zip(row, clips))
        cells = [
            share(is_right("tempo", f, c) for f, c in pairs if c["drums"]),
            share(is_right("tempo", f, c) for f, c in pairs)]
        cells += [share(is_close(f["tempo"], c["tempo"] * m) for f, c in pairs) for m in MULTIPLES.values()]
        cells += [share(is_right("key", f, c) for f, c in pairs), share(is_relative(f, c) for f, c in pairs)]
        if name == "ours":
            cells += [
                share(is_right("meter", f, c) for f, c in pairs),
                share(is_right("meter", f, c) for f, c in pairs if c["meter"] == 3)]
        else:
            cells += ["–", "–"]
        print(f"| {name} | " + " | ".join(cells) + " |")


def is_relative(found: dict, clip: dict) -> bool:
    """A minor for C major, or the other way around."""
    if found["key"] is None or found["key"][1] == clip["key"][1]:
        return False
    step = 9 if clip["key"][1] == "major" else 3
    return found["key"][0] == (clip["key"][0] + step) % 12


def print_confidence(row: list, clips: list):
    print("| ours, by confidence | from 0.8 | right | 0.5 to 0.8 | right | below | right | nil |\n|---|" + "---|" * 7)
    for fact in ("tempo", "key", "meter"):
        graded = [(f["confidence"][fact], is_right(fact, f, c)) for f, c in zip(row, clips)]
        cells = []
        for low, high in ((0.8, 2), (0.5, 0.8), (1e-9, 0.5)):
            part = [right for confidence, right in graded if low <= confidence < high]
            cells += [share(low <= confidence < high for confidence, _ in graded), share(part)]
        print(f"| {fact} | " + " | ".join(cells) + f" | {share(c == 0 for c, _ in graded)} |")


if __name__ == "__main__":
    sys.exit(main())
