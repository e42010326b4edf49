"""Encoding captions with Hugging Face's tokenizers, on one thread."""

import pathlib
import random

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

from . import shapes


def invented_words(source: random.Random) -> list[str]:
    onsets = ["", *"bcdfghjklmnprstvw", "br", "ch", "cl", "dr", "gr", "pl", "sh", "st", "th", "tr"]
    nuclei = ["a", "e", "i", "o", "u", "ai", "ea", "ie", "ou"]
    codas = ["", "", "", "n", "r", "s", "l", "t", "m", "ck", "ng", "st"]

    def word() -> str:
        return "".join(
            source.choice(onsets) + source.choice(nuclei) + source.choice(codas)
            for _ in range(source.choice([1, 1, 2, 2, 3]))
        )

    return [word() for _ in range(shapes.LEXICON_WORDS)]


def invented_lines(lexicon: list[str], source: random.Random) -> list[str]:
    """Captions of invented words, as frequent as the words of a language are (Zipf)."""
    weights = [1 / (rank + 3) for rank in range(len(lexicon))]
    words = source.choices(lexicon, weights, k=shapes.TEXT_WORDS)
    lines, begin = [], 0
    while begin < len(words):
        end = begin + source.randint(12, 60)
        commas = (source.choice(["", "", "", "", "", "", ","]) for _ in range(begin, end))
        sentence = " ".join(map("".join, zip(words[begin:end], commas)))
        lines.append(sentence.capitalize() + ".")
        begin = end
    return lines


def write_files(folder: pathlib.Path):
    """tokenizer.json, learnt from the text, and text.txt: for both sides."""
    source = random.Random(5)
    lexicon = invented_words(source)
    lines = invented_lines(lexicon, source)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.train_from_iterator(
        # Each word once more, so that the rare ones fill the vocabulary.
        lines + [" " + word for word in lexicon],
        trainers.BpeTrainer(
            vocab_size=shapes.VOCABULARY,
            min_frequency=1,
            special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.RobertaProcessing(
        ("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False
    )
    assert tokenizer.get_vocab_size() == shapes.VOCABULARY, tokenizer.get_vocab_size()
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "text.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def encode(folder: pathlib.Path):
    """A function that encodes the text line by line; and the text's bytes."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    text = (folder / "text.txt").read_text(encoding="utf-8")
    lines = text.splitlines()

    def run():
        for line in lines:
            tokenizer.encode(line).ids

    return run, len(text.encode("utf-8"))
