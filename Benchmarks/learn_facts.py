#!/usr/bin/env python3
"""Learns the weights of MusicFacts and writes Sources/MusicCaptioner/Facts/FactWeights.swift.

From the training split of shared/data/synthetic-music alone; the validation split is only scored.
Needs numpy and scipy. The program `facts` (see facts.py) computes the features, so what is learned fits
what is computed. Run it again, and build again, whenever a feature changes. About five minutes.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy
from scipy.optimize import minimize

import facts

TARGET = facts.HERE.parent / "Sources/MusicCaptioner/Facts/FactWeights.swift"
CANDIDATES = 40 * numpy.exp(0.02 * numpy.arange(90))
TEMPO, KEY, METER = 271, 48, 35  # features
# For each squared weight. In held-out fifths of the training split, 0.3 finds the tempo of 97.1 % of the clips with
# drums, 1 of 96.0 %, 3 of 94.6 %. That was measured after the test split had been scored with 1, which has
# been left as it was, so that the score is that of the weights.
PENALTY = 1.0
METER_PENALTY = 2.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=pathlib.Path, default=facts.HERE.parents[1] / "shared/data/synthetic-music")
    parser.add_argument("--facts", type=pathlib.Path, help="the program, already built")
    arguments = parser.parse_args()
    program = arguments.facts or facts.build()
    clips = {split: facts.truth(arguments.data, split) for split in ("train", "valid")}
    numbers = {split: features(program, clips[split]) for split in clips}

    tempo_sets = {s: (n[:, : 90 * TEMPO].reshape(-1, 90, TEMPO), tempo_targets(clips[s])) for s, n in numbers.items()}
    tempo = logit(*tempo_sets["train"])
    report("tempo", tempo, tempo_sets)
    key_sets = {s: (key_features(n[:, 90 * TEMPO:][:, :KEY]), key_targets(clips[s])) for s, n in numbers.items()}
    key = logit(*key_sets["train"])
    report("key", key, key_sets)

    # At tempi as the finished program will find them in music that it doesn't know.
    guesses = {"train": held_out_tempi(*tempo_sets["train"]), "valid": best(tempo_sets["valid"][0] @ tempo)}
    meter_sets = {
        s: (features(program, clips[s], guesses[s])[:, -METER:], numpy.array([c["meter"] == 3 for c in clips[s]]))
        for s in clips}
    meter, bias = regression(*meter_sets["train"])
    for split, (x, y) in meter_sets.items():
        print(f"meter, {split}: {100 * numpy.mean((x @ meter + bias > 0) == y):.1f} % right")
    TARGET.write_text(swift(tempo, key, meter, bias))
    return 0


def features(program, clips, tempi=None):
    lines = [c["path"] if tempi is None else f"{c['path']}\t{t}" for c, t in zip(clips, tempi or [None] * len(clips))]
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "numbers"
        subprocess.run([program, "--numbers", path], input="\n".join(lines) + "\n", text=True, check=True)
        return numpy.fromfile(path, numpy.float32).reshape(len(clips), -1).astype(float)


def tempo_targets(clips):
    return numpy.stack([abs(numpy.log(CANDIDATES / clip["tempo"])) < 0.035 for clip in clips])


def key_targets(clips):
    places = [clip["key"][0] + (0 if clip["key"][1] == "major" else 12) for clip in clips]
    return numpy.eye(24, dtype=bool)[places]


def key_features(shares):
    """[clips, keys, features]: the shares from each tonic on, for major, for minor, and 1 for minor."""
    parts = shares.reshape(len(shares), -1, 12)
    result = numpy.zeros((len(shares), 24, 2 * KEY + 1))
    for tonic in range(12):
        turned = numpy.roll(parts, -tonic, axis=2).reshape(len(shares), KEY)
        result[:, tonic, :KEY] = turned
        result[:, 12 + tonic, KEY: 2 * KEY] = turned
        result[:, 12 + tonic, -1] = 1
    return result


def logit(x, targets, penalty=PENALTY):
    """The weights with which the softmax of x·w gives the targets the highest probability."""
    flat = x.reshape(-1, x.shape[-1])

    def loss(w):
        scores = (flat @ w).reshape(targets.shape)
        chances = numpy.exp(scores - scores.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        right = chances * targets
        total = right.sum(axis=1, keepdims=True) + 1e-12
        gradient = flat.T @ (chances - right / total).ravel() + 2 * penalty * w
        return -numpy.log(total).sum() + penalty * (w @ w), gradient

    return minimize(loss, numpy.zeros(x.shape[-1]), jac=True, method="L-BFGS-B", options={"maxiter": 300}).x


def regression(x, y):
    """Weights and bias of a logistic regression; the penalty is on those of standardized features."""
    mean, deviation = x.mean(axis=0), x.std(axis=0) + 1e-6
    z, sign = (x - mean) / deviation, numpy.where(y, 1, -1)

    def loss(w):
        margins = sign * (z @ w[:-1] + w[-1])
        pull = -sign / (1 + numpy.exp(margins))
        gradient = numpy.append(z.T @ pull + 2 * METER_PENALTY * w[:-1], pull.sum())
        return numpy.logaddexp(0, -margins).sum() + METER_PENALTY * (w[:-1] @ w[:-1]), gradient

    w = minimize(loss, numpy.zeros(x.shape[1] + 1), jac=True, method="L-BFGS-B").x
    weights = w[:-1] / deviation
    return weights, w[-1] - mean @ weights


def best(scores):
    return list(CANDIDATES[scores.argmax(axis=1)])


def held_out_tempi(x, targets, folds=3):
    tempi = [None] * len(x)
    for fold in range(folds):
        out = numpy.arange(len(x)) % folds == fold
        weights = logit(x[~out], targets[~out])
        for index, tempo in zip(numpy.flatnonzero(out), best(x[out] @ weights)):
            tempi[index] = tempo
    return tempi


def report(name, weights, sets):
    for split, (x, targets) in sets.items():
        chosen = (x @ weights).argmax(axis=1)
        print(f"{name}, {split}: {100 * targets[numpy.arange(len(x)), chosen].mean():.1f} % right", flush=True)


def rows(values, width):
    lines = [values[i: i + width] for i in range(0, len(values), width)]
    return "".join("    " + ", ".join(f"{value:.3f}" for value in line) + ",\n" for line in lines)


def teeth(values):
    text = ""
    for index, name in enumerate(("Below 200 Hz", "To 800 Hz", "To 2.5 kHz", "Above", "All")):
        part = values[20 * index:][:20]
        text += f"    // {name}: periods, rates.\n" + rows(part[:11], 11) + rows(part[11:], 9)
    pairs = ("Below 200 Hz with up to 2.5 kHz", "Below 200 Hz with above 2.5 kHz", "Up to 800 Hz with above 2.5 kHz")
    for index, name in enumerate(pairs):
        text += f"    // {name}: periods.\n" + rows(values[100 + 11 * index:][:11], 11)
    return text


def swift(tempo, key, meter, bias) -> str:
    return f"""/// How much each number of ``TempoChoice/features(of:at:)`` counts.
///
/// Maximum likelihood with a quadratic penalty ({PENALTY:g} for each squared weight) on the 1,500
/// training clips of `shared/data/synthetic-music`: music of many styles, but composed by a program.
/// The features know neither that data's gaps between slow, medium and fast nor its tags; what is
/// learned is where accents fall. `Benchmarks/learn_facts.py` writes this file.
enum TempoWeights {{
  static let values: [Float] = [
{teeth(tempo[:133])}    // The same, times the logarithm of the tempo.
{teeth(tempo[133:266])}    // The tempo, its square, and what the density of onsets makes of them.
{rows(tempo[266:], 5)}  ]
}}

/// The profiles of ``KeyChoice``, learned from the same clips in the same way.
///
/// From the tonic upwards in semitones: the notes of the whole range, those of the bass, major triads
/// and minor triads. At the end, what is added to the mode's score.
enum KeyWeights {{
  static let major: [Float] = [
{rows(list(key[:KEY]) + [0], 12)}  ]
  static let minor: [Float] = [
{rows(list(key[KEY: 2 * KEY]) + [key[-1]], 12)}  ]
}}

/// The logistic regression of ``MeterChoice``, learned from the same clips, of which nine in a
/// hundred have three beats; that share is in the bias.
enum MeterWeights {{
  /// For the five onset curves, then the harmony and its bass, five comparisons each.
  static let values: [Float] = [
{rows(meter, 5)}  ]
  static let bias: Float = {bias:.3f}
}}
"""


if __name__ == "__main__":
    sys.exit(main())
