"""Makes the tokenizer fixture: what Hugging Face's `tokenizers` does with our own sentences.

Made with tokenizers 0.23.3 (Python 3.11): python make_tokenizer_fixture.py
Writes, beside itself, tokenizer.json, vocab.json, merges.txt and golden.json. The sentences are
written for this test; nothing is copied from a dataset.
"""
import itertools
import json
import pathlib
import random

import tokenizers
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

HERE = pathlib.Path(__file__).parent
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]


def sentences():
    tempos = ["slow", "steady", "fast", "very fast"]
    leads = ["a warm flute", "a bright trumpet", "an e-guitar", "two violins", "a soft piano"]
    moods = ["calm and dreamy", "sad, almost bitter", "cheerful!", "tense…", "like a summer's evening"]
    drums = ["there aren't any drums", "drums at 120 bpm", "a 4/4 beat with hi-hats", "hand claps"]
    for i, (tempo, lead, mood, drum) in enumerate(itertools.product(tempos, leads, moods, drums)):
        if i % 3 == 0:
            yield f"This is a {tempo} piece in which {lead} plays the melody; it sounds {mood}. {drum}"
        elif i % 3 == 1:
            yield f"{lead.capitalize()} leads a {tempo} song, {drum}, and the mood is {mood}"
        else:
            yield f"You'll hear {drum} while {lead} enters: {tempo}, {mood}"
    yield "Café naïve, über-laut, señor: ¡música! 音楽 音楽 музыка музыка 🎵🎵🎵"
    yield "aaaa aaaaaaa aaaaaaaaaaaa abababab babababa  \n\n  aaaa"


CASES = [
    "", " ", "  ", "\n", " \n ", "\t\t", "a", " a", "  a", "a ", "a  ", "a\n\nb", "a \n b", "\r\nx\r\n",
    "This is a slow piece.", "You'll hear it's we've I'm they're don't he'd", "'s 's''s '", "DON'T I'LL",
    "120bpm 4/4, 12½ ²³ Ⅷ ٣", "café", "cafe\u0301", "e\u0301 \u00e9 A\u030a \u00c5 \u212b", "\u1112\u1161\u11ab 한",
    "non\u00a0breaking\u3000wide\u2009thin\u0085next\u2028line\u200bzero\ufeff", "\x00\x1c\x1d\x1e\x1f\x7f",
    "🎵🎶 👨‍👩‍👧 🇩🇪 1️⃣ 👍🏽", "\U0010ffff\ue000\ufffd", "\u088f\u0c5c\ua7ce\U00010940 \U000323b0 \U00011de0",
    "<s>x</s>", "a <mask> b", "a \n <mask>  b", "a<mask>b", " <mask> <mask>", "<pad><unk>< s ><S>", "<<s>s>",
    "  <s>  ", "x\u00a0<mask>", "<mask", "mask>", "_under_score_ --- ... !?", "한글 ไทย हिन्दी עברית العربية",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "ababababababab", "a" * 200, "music " * 40, "\u0301\u0301 \u0301",
]
DECODE = [[0, 2], [2, 0, 1, 1], [3, 5], [10 ** 6, 40], [259], [40, 41, 42]]


def random_texts(count, seed=7):
    draw = random.Random(seed)
    pools = [
        "abcdefghij   ''stmd",
        " \t\n\r\u00a0\u2009\u3000\u0085\u001c",
        "éàüñçßøÅ\u0301\u0308\u030a",
        "0123456789½²Ⅷ٣",
        ".,!?;:-_()<>/&%$#@…—“”",
        "音楽音музыкаμουσική한국어",
        "🎵🎸👍🏽\u200d\ufe0f",
    ]
    pieces = ["<mask>", "<s>", "</s>", "'ll", "'re", " the", " melody", " piece", "  "]
    for _ in range(count):
        parts = []
        for _ in range(draw.randint(1, 8)):
            if draw.random() < 0.3:
                parts.append(draw.choice(pieces))
            else:
                pool = draw.choice(pools)
                parts.append("".join(draw.choice(pool) for _ in range(draw.randint(1, 5))))
        yield "".join(parts)


def trained(captions, size, minimum_frequency):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size - 1,
        min_frequency=minimum_frequency,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(captions, trainer)
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True)])
    tokenizer.post_processor = processors.RobertaProcessing(
        ("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False
    )
    return tokenizer


def pieces(tokenizer):
    vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    assert [i for _, i in vocabulary] == list(range(len(vocabulary)))
    merges = [list(m) for m in json.loads(tokenizer.to_str())["model"]["merges"]]
    return [t for t, _ in vocabulary], merges


def main():
    captions = list(sentences())
    tokenizer = trained(captions, 500, 2)
    tokenizer.save(str(HERE / "tokenizer.json"), pretty=False)
    tokens, merges = pieces(tokenizer)
    (HERE / "vocab.json").write_text(json.dumps({t: i for i, t in enumerate(tokens)}, ensure_ascii=True))
    lines = ["#version: 0.2"] + [" ".join(m) for m in merges]
    (HERE / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")

    decode = [list(ids) for ids in DECODE]
    draw = random.Random(11)
    for length in [1, 2, 3, 4, 6, 9] * 25:
        decode.append([draw.randrange(4, 260) for _ in range(length)])
    learned = []
    for size, minimum in [(261, 2), (300, 2), (420, 1), (5000, 3), (5000, 1)]:
        tokens, merges = pieces(trained(captions, size, minimum))
        learned.append({"size": size, "minimum_frequency": minimum, "tokens": tokens[260:], "merges": merges})
    golden = {
        "made_with": {"tokenizers": tokenizers.__version__},
        "captions": captions,
        "encode": [[text, tokenizer.encode(text).ids] for text in CASES + list(random_texts(300))],
        "decode": [
            [ids, tokenizer.decode(ids), tokenizer.decode(ids, skip_special_tokens=False)] for ids in decode
        ],
        "learned": learned,
    }
    (HERE / "golden.json").write_text(json.dumps(golden, ensure_ascii=True, separators=(",", ":")) + "\n")


main()
