"""Makes idf.json: scores of bert_score with `idf=True` for pairs of our own, with this folder's BERT.

Run as `python make_idf.py` with torch, transformers and bert_score. Made with torch 2.15.0, transformers
5.24.0 and bert_score 0.3.13.
"""

import json
import pathlib

import bert_score

FOLDER = pathlib.Path(__file__).parent

PAIRS = [
    ("A slow piano melody with drums", ["The slow guitar melody, with a drum"]),
    ("Café music!", ["cafe music", "the music on a guitar"]), ("piano", ["guitars and drums"]),
    ("slow music", ["slow music with a piano", "music"]), ("same words here", ["same words here"]),
    ("the music the music", ["the slow music, slowly"]), ("zzz unseen words 7", ["a melody"]),
]


def main():
    golden = {"pairs": PAIRS, "scores": {}}
    for layer in (1, 2):
        found = bert_score.score(
            [a for a, _ in PAIRS], [b for _, b in PAIRS], model_type=str(FOLDER), num_layers=layer,
            use_fast_tokenizer=True, idf=True, nthreads=1)
        golden["scores"][str(layer)] = [[float(x) for x in row] for row in zip(*found)]
    (FOLDER / "idf.json").write_text(json.dumps(golden, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
