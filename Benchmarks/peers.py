#!/usr/bin/env python3
"""Times what MusicCaptioner is compared with, on the same shapes and random weights.

  peers.py CASE [--precision float32|bfloat16|int8] [--threads 2] [--repetitions 5] [--compile]

Cases: training-step, training-step-captions, caption-clip, caption-song, log-mel, adamw, tokenizer.
Prints one JSON line. The model is the official one: six convolutions, sinusoids, BART-base's encoder
and decoder with their own positions and embedding LayerNorm (148.6 M parameters).
"""
import argparse
import json
import random
import resource
import statistics
import sys
import time

import torch
from torch import nn

WIDTH, VOCABULARY = 768, 50265


def official_model():
    from transformers import BartConfig, BartForConditionalGeneration

    config = BartConfig(
        vocab_size=VOCABULARY, d_model=WIDTH, encoder_layers=6, decoder_layers=6,
        encoder_attention_heads=12, decoder_attention_heads=12, encoder_ffn_dim=3072,
        decoder_ffn_dim=3072, dropout=0.1, attention_dropout=0.1, activation_dropout=0.1)

    class CaptionModel(nn.Module):
        def __init__(self):
            super().__init__()
            self.convolutions = nn.ModuleList(
                [nn.Conv1d(128, WIDTH, 3, padding=1)]
                + [nn.Conv1d(WIDTH, WIDTH, 3, stride=2, padding=1) for _ in range(5)])
            self.register_buffer("positions", torch.randn(32, WIDTH))
            self.bart = BartForConditionalGeneration(config)

        def listen(self, mel):  # [batch, frames, mels] → [batch, 32, width]
            x = mel.transpose(1, 2)
            for convolution in self.convolutions:
                x = nn.functional.gelu(convolution(x))
            return x.transpose(1, 2) + self.positions

        def forward(self, mel, inputs, mask):
            return self.bart(
                inputs_embeds=self.listen(mel), decoder_input_ids=inputs,
                decoder_attention_mask=mask).logits

    return CaptionModel()


def caption_lengths(case):
    """Eight captions of 64 tokens, or of 20 to 110 as real ones have; the same for all systems."""
    if case == "training-step":
        return [64] * 8
    return [20, 33, 41, 48, 57, 66, 83, 110]


def training_step(case, precision, compiled):
    model = official_model().train()
    lengths = caption_lengths(case)
    generator = torch.Generator().manual_seed(0)
    mel = torch.randn(8, 1001, 128, generator=generator)
    tokens = torch.randint(3, VOCABULARY, (8, max(lengths)), generator=generator)
    mask = torch.zeros(8, max(lengths), dtype=torch.long)
    labels = tokens.clone()
    for row, length in enumerate(lengths):
        mask[row, :length] = 1
        labels[row, length:] = -100
    inputs = torch.cat([torch.full((8, 1), 2), tokens[:, :-1]], 1)
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1, ignore_index=-100)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0.01)
    forward = torch.compile(model) if compiled else model

    def step():
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
            logits = forward(mel, inputs, mask)
        loss = criterion(logits.float().reshape(-1, VOCABULARY), labels.reshape(-1))
        loss.backward()
        optimizer.step()

    return step


def decoding(clips, precision):
    model = official_model().eval()
    if precision == "bfloat16":
        model = model.to(torch.bfloat16)
    mel = torch.randn(clips, 1001, 128).to(next(model.parameters()).dtype)

    def run():
        with torch.no_grad():
            encoded = model.bart.model.encoder(inputs_embeds=model.listen(mel))
            model.bart.generate(
                encoder_outputs=encoded, num_beams=5, max_length=128, min_length=128,
                no_repeat_ngram_size=3, early_stopping=True)

    return run


def translation(clips, precision):
    """CTranslate2's BART on 32 source tokens: encoder and decoder, without the convolutions."""
    import tempfile

    import ctranslate2
    from transformers import BartTokenizerFast
    from tokenizers import Tokenizer, models

    folder = tempfile.mkdtemp()
    bart = official_model().bart
    bart.save_pretrained(folder + "/hf")
    words = {f"w{i}": i for i in range(VOCABULARY)}
    for i, name in enumerate(["<s>", "<pad>", "</s>", "<unk>", "<mask>"]):
        words.pop(f"w{i}")
        words[name] = i
    inner = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
    BartTokenizerFast(tokenizer_object=inner).save_pretrained(folder + "/hf")
    ctranslate2.converters.TransformersConverter(folder + "/hf").convert(
        folder + "/ct2", quantization=None if precision == "float32" else precision)
    translator = ctranslate2.Translator(
        folder + "/ct2", device="cpu", intra_threads=torch.get_num_threads(), inter_threads=1)
    source = [["<s>"] + [f"w{10 + i}" for i in range(30)] + ["</s>"]] * clips

    def run():
        translator.translate_batch(
            source, beam_size=5, max_decoding_length=127, min_decoding_length=127,
            no_repeat_ngram_size=3)

    return run


def log_mel():
    torch.set_num_threads(1)
    samples = torch.randn(160_000)
    window = torch.hann_window(1024)
    bank = torch.rand(513, 128)

    def run():
        spectrum = torch.stft(
            samples, 1024, 160, window=window, center=True, return_complex=True)
        power = spectrum.real**2 + spectrum.imag**2
        10 * torch.log10(torch.clamp(power.T @ bank, min=1e-10))

    return run


def adamw():
    parameters = [nn.Parameter(torch.randn(148_600_000 // 64, 64))]
    parameters[0].grad = torch.randn_like(parameters[0])
    optimizer = torch.optim.AdamW(parameters, lr=1e-4, weight_decay=0.01, fused=True)
    return optimizer.step


def tokenizer(path, text_path):
    import os

    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(path)
    lines = open(text_path, encoding="utf-8").read().split("\n")

    def run():
        for line in lines:
            tokenizer.encode(line)

    return run


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case")
    parser.add_argument("--peer", default="pytorch", choices=["pytorch", "ctranslate2"])
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--tokenizer", help="a tokenizer.json")
    parser.add_argument("--text", help="lines to encode")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    clips = {"caption-clip": 1, "caption-song": 18}.get(options.case)
    if options.case.startswith("training-step"):
        run = training_step(options.case, options.precision, options.compile)
    elif clips and options.peer == "ctranslate2":
        run = translation(clips, options.precision)
    elif clips:
        run = decoding(clips, options.precision)
    elif options.case == "log-mel":
        run = log_mel()
    elif options.case == "adamw":
        run = adamw()
    elif options.case == "tokenizer":
        run = tokenizer(options.tokenizer, options.text)
    else:
        sys.exit(f"unknown case {options.case}")
    run()
    seconds = []
    for _ in range(options.repetitions):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    print(json.dumps({
        "case": options.case, "system": options.peer + (" compiled" if options.compile else ""),
        "precision": options.precision, "threads": options.threads,
        "seconds": statistics.median(seconds), "best": min(seconds),
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))


if __name__ == "__main__":
    main()
