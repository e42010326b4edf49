"""Captions with Hugging Face's classes on a model folder as we wrote it, and compares with our captions.

    caption CLIPS --model MODEL --format jsonl --output captions.jsonl
    python Scripts/check-hugging-face.py MODEL captions.jsonl

CLIPS are WAV files of 16-bit samples at the model's rate, mono. Made for torch 2.15.0, safetensors 0.8.0, numpy, and
transformers 4.26.1 (tokenizers 0.13.3), which the official code pins. Later transformers ignore the decoding options in
config.json; there, the script passes them as `GenerationConfig.from_pretrained(MODEL, config_file_name="config.json")`.
Models with `clip_summary` are not covered.
"""
import json
import sys
import wave

import numpy as np
import torch
import torch.nn.functional as F
import transformers
from safetensors.torch import load_file
from transformers import AutoTokenizer, BartConfig, BartForConditionalGeneration, BartTokenizer
from transformers import GenerationConfig, MBartConfig, MBartForConditionalGeneration


def log_mel(samples, audio):
    """As torchaudio's Spectrogram, MelScale and AmplitudeToDB in the official code: [mels, frames]."""
    window = torch.hann_window(audio["fft_size"])
    spectrum = torch.stft(
        samples, audio["fft_size"], audio["hop_length"], window=window, center=True, pad_mode="reflect",
        return_complex=True)
    power = spectrum.real ** 2 if audio["spectrum"] == "real_part" else spectrum.abs() ** 2
    hertz = torch.linspace(0, audio["sample_rate"] // 2, audio["fft_size"] // 2 + 1, dtype=torch.float64)
    mel = lambda f: 2595 * np.log10(1 + f / 700)
    points = np.linspace(mel(audio["lowest_frequency"]), mel(audio["highest_frequency"]), audio["mel_count"] + 2)
    edges = torch.tensor(700 * (10 ** (points / 2595) - 1))
    slopes = edges[None] - hertz[:, None]
    widths = edges[1:] - edges[:-1]
    bank = torch.minimum(-slopes[:, :-2] / widths[:-1], slopes[:, 2:] / widths[1:]).clamp(min=0).float()
    x = 10 * torch.log10((bank.T @ power).clamp(min=1e-10))
    if audio.get("mean"):
        x = (x - torch.tensor(audio["mean"])[:, None]) / torch.tensor(audio["deviation"])[:, None]
    return x


def front_end(x, weights, config):
    """[mels, frames] → [positions, width]"""
    strides = config["conv_strides"]
    names = ["conv1"] + [f"conv_stack.{i}" for i in range(len(strides) - 1)]
    if config.get("whiten_input"):
        x = weights["audio_encoder.whitening"] @ x
    x = x[None]
    for name, stride in zip(names, strides):
        name = "audio_encoder." + name
        x = F.gelu(F.conv1d(x, weights[name + ".weight"], weights[name + ".bias"], stride=stride, padding=1))
    return x[0].T + weights["audio_encoder.positional_embedding"]


def samples(path, start, seconds, rate):
    with wave.open(path) as file:
        assert file.getframerate() == rate and file.getnchannels() == 1 and file.getsampwidth() == 2, path
        file.setpos(round(start * rate))
        data = np.frombuffer(file.readframes(round(seconds * rate)), "<i2") / np.float32(32768)
    return F.pad(torch.tensor(data), (0, round(seconds * rate) - len(data)))


def main(folder, captions):
    config = json.load(open(folder + "/config.json"))
    audio = config["audio"]
    weights = load_file(folder + "/model.safetensors")
    mbart = config["model_type"] == "mbart"
    configuration = (MBartConfig if mbart else BartConfig).from_pretrained(folder)
    bart = (MBartForConditionalGeneration if mbart else BartForConditionalGeneration)(configuration).eval()
    missing, unexpected = bart.load_state_dict(
        {k[len("bart."):]: v for k, v in weights.items() if k.startswith("bart.")}, strict=False)
    tied = ("lm_head.weight", "embed_tokens.weight")
    assert not unexpected and all(name.endswith(tied) for name in missing), (missing, unexpected)
    bart.tie_weights()
    options = {}
    if int(transformers.__version__.split(".")[0]) >= 5:
        options["generation_config"] = GenerationConfig.from_pretrained(folder, config_file_name="config.json")
    tokenizers = [AutoTokenizer.from_pretrained(folder), BartTokenizer.from_pretrained(folder)]

    equal = count = 0
    for line in open(captions):
        ours = json.loads(line)
        clip = samples(ours["audio"], ours["start"], audio["clip_seconds"], audio["sample_rate"])
        with torch.no_grad():
            embedded = front_end(log_mel(clip, audio), weights, config)[None]
            encoded = bart.model.encoder(inputs_embeds=embedded, return_dict=True)
            start = torch.tensor([[config["decoder_start_token_id"]]])
            tokens = bart.generate(encoder_outputs=encoded, decoder_input_ids=start, **options)[0].tolist()
        texts = [t.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=True) for t in tokenizers]
        ids = [t(ours["caption"])["input_ids"] for t in tokenizers]
        same = tokens == ours["tokens"] and all(t == ours["caption"] for t in texts) and ids[0] == ids[1]
        if not same:
            print(ours["audio"], ours["start"], ours["tokens"], tokens, ours["caption"], texts, sep="\n  ")
        equal += same
        count += 1
    print(f"{equal} of {count} captions are equal (transformers {transformers.__version__})")
    return 0 if equal == count else 1


sys.exit(main(*sys.argv[1:]))
