"""Captioning in Hugging Face transformers and in CTranslate2."""

import json
import pathlib
import tempfile

import torch

from . import shapes
from .model import CaptionModel, bart_configuration, log_mel


def hugging_face(clip_count: int, precision: str, batch_size: int = 0):
    """A function that captions the clips with beam search, a batch at a time."""
    torch.manual_seed(0)
    model = CaptionModel().eval()
    clips = log_mel(clip_count)
    if precision == "bfloat16":
        model, clips = model.to(torch.bfloat16), clips.to(torch.bfloat16)

    def caption():
        for batch in clips.split(batch_size or clip_count):
            tokens = model.generate(batch)
            assert tokens.shape[1] == shapes.DECODED_TOKENS, tokens.shape

    return caption


def ctranslate2(clip_count: int, precision: str, threads: int):
    """The same decoder in CTranslate2. It has no convolutions and takes token ids, so its encoder
    reads as many tokens as there are positions, and the convolutions go uncounted: in its favour.
    """
    import ctranslate2 as library
    from ctranslate2.converters import TransformersConverter
    from transformers import BartForConditionalGeneration

    torch.manual_seed(0)
    # Beside its tokens, each source must end as the library's BART expects.
    source = [f"w{index}" for index in range(4, 4 + shapes.POSITIONS - 2)]
    with tempfile.TemporaryDirectory() as folder:
        saved, converted = pathlib.Path(folder) / "saved", pathlib.Path(folder) / "converted"
        configuration = bart_configuration()
        # The converter asks for what transformers no longer writes.
        configuration.normalize_before, configuration.normalize_embedding = False, True
        BartForConditionalGeneration(configuration).save_pretrained(saved)
        write_tokenizer(saved)
        TransformersConverter(str(saved)).convert(str(converted), quantization=precision)
        translator = library.Translator(
            str(converted), compute_type=precision, inter_threads=1, intra_threads=threads
        )

    def caption():
        results = translator.translate_batch(
            [["<s>"] + source + ["</s>"]] * clip_count,
            beam_size=shapes.BEAMS,
            # Neither counts the start token, nor the end.
            min_decoding_length=shapes.DECODED_TOKENS - 1,
            max_decoding_length=shapes.DECODED_TOKENS - 1,
        )
        for result in results:
            assert len(result.hypotheses[0]) >= shapes.DECODED_TOKENS - 2

    return caption


def write_tokenizer(folder: pathlib.Path):
    """A tokenizer of invented words, for a converter that wants one."""
    names = ["<s>", "<pad>", "</s>", "<unk>"]
    names += [f"w{index}" for index in range(len(names), shapes.VOCABULARY - 1)] + ["<mask>"]
    (folder / "vocab.json").write_text(json.dumps({name: i for i, name in enumerate(names)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "BartTokenizer"}')
