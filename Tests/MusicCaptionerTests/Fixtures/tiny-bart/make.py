"""Makes this folder: a very small random caption model, and what Hugging Face transformers generates
with it. Run as `python make.py` with torch, transformers and safetensors.

The goldens here were made with transformers 5.23.0 and torch 2.15.0. Arguments whose defaults have
changed are given explicitly, so that the meaning is that of transformers 4.26.1.
"""

import json
import math
import pathlib

import torch
from safetensors.torch import save_file
from torch import nn
from transformers import BartConfig, BartForConditionalGeneration
from transformers.modeling_outputs import BaseModelOutput

FOLDER = pathlib.Path(__file__).parent
# The bias makes ends likely enough that captions come out at all lengths.
SEED, END_BIAS = 3, 2.6
MELS, FRAMES, STRIDES, CLIPS = 4, 39, [1, 2], 6
SIZES = dict(
    vocab_size=40, max_position_embeddings=40, d_model=16, encoder_layers=1, decoder_layers=1,
    encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=32, decoder_ffn_dim=32,
    scale_embedding=False, bos_token_id=0, pad_token_id=1, eos_token_id=2, decoder_start_token_id=2)

# Every option of beam search, alone and with others.
BASE = dict(num_beams=5, max_length=30, min_length=2, length_penalty=1.0, no_repeat_ngram_size=3,
            repetition_penalty=1.0, early_stopping=True)
SETTINGS = {
    "default": {},
    "greedy": dict(num_beams=1),
    "greedy_no_rules": dict(num_beams=1, no_repeat_ngram_size=0, min_length=0),
    "greedy_repetition_penalty": dict(num_beams=1, repetition_penalty=1.4),
    "beams_2": dict(num_beams=2),
    "beams_7": dict(num_beams=7),
    "not_early": dict(early_stopping=False),
    "not_early_long": dict(early_stopping=False, length_penalty=2.0),
    "not_early_short": dict(early_stopping=False, length_penalty=-1.0),
    **{f"not_early_{beams}_{penalty}":
       dict(early_stopping=False, num_beams=beams, length_penalty=penalty)
       for beams in (2, 3, 4) for penalty in (0.3, 0.6, 1.0, 1.4, 3.0)},
    "length_penalty_0": dict(length_penalty=0.0),
    "length_penalty_2": dict(length_penalty=2.0),
    "length_penalty_minus_1": dict(length_penalty=-1.0),
    "ngram_0": dict(no_repeat_ngram_size=0),
    "ngram_2": dict(no_repeat_ngram_size=2),
    "ngram_1": dict(no_repeat_ngram_size=1),
    "repetition_penalty_1.3": dict(repetition_penalty=1.3),
    "repetition_penalty_0.8": dict(repetition_penalty=0.8),
    "min_length_15": dict(min_length=15),
    "max_length_8": dict(max_length=8),
    "min_and_max_length_10": dict(min_length=10, max_length=10),
    "all": dict(num_beams=4, length_penalty=0.7, no_repeat_ngram_size=2, repetition_penalty=1.2,
                min_length=6, max_length=25, early_stopping=False),
}


def sinusoids(length, channels):
    increment = math.log(10000) / (channels // 2 - 1)
    inverse = torch.exp(-increment * torch.arange(channels // 2, dtype=torch.float64))
    angles = torch.arange(length, dtype=torch.float64)[:, None] * inverse[None, :]
    return torch.cat([angles.sin(), angles.cos()], dim=1).float()


def make_model():
    torch.manual_seed(SEED)
    config = BartConfig(**SIZES, activation_function="gelu", dropout=0.0,
                        forced_bos_token_id=0, forced_eos_token_id=2)
    bart = BartForConditionalGeneration(config).eval()
    convolutions = [nn.Conv1d(MELS, 16, 3, stride=1, padding=1),
                    nn.Conv1d(16, 16, 3, stride=2, padding=1)]
    with torch.no_grad():
        for name, parameter in bart.named_parameters():
            # Far from their usual start, so that what comes out has some life in it.
            if "norm" in name:
                parameter.add_(0.2 * torch.randn_like(parameter))
            else:
                deviation = 1.0 if "embed" in name or "shared" in name else 0.35
                parameter.copy_(deviation * torch.randn_like(parameter))
        bart.final_logits_bias.copy_(0.5 * torch.randn(1, SIZES["vocab_size"]))
        bart.final_logits_bias[0, 2] += END_BIAS
        bart.model.shared.weight.mul_(0.6)
    return bart, convolutions


def encode(bart, convolutions, mel):
    x = mel.transpose(1, 2)
    for convolution in convolutions:
        x = nn.functional.gelu(convolution(x))
    x = x.transpose(1, 2) + sinusoids(x.shape[2], 16)
    return bart.model.encoder(inputs_embeds=x).last_hidden_state


def tensors(bart, convolutions):
    named = {"bart." + name: value for name, value in bart.state_dict().items()
             if not name.endswith("embed_tokens.weight") and not name.startswith("lm_head")}
    named["audio_encoder.conv1.weight"] = convolutions[0].weight
    named["audio_encoder.conv1.bias"] = convolutions[0].bias
    named["audio_encoder.conv_stack.0.weight"] = convolutions[1].weight
    named["audio_encoder.conv_stack.0.bias"] = convolutions[1].bias
    return {name: value.detach().clone().contiguous() for name, value in named.items()}


def generate(bart, memory, arguments):
    beams = arguments["num_beams"]
    used = {key: value for key, value in arguments.items()
            if beams > 1 or key not in ("length_penalty", "early_stopping")}
    with torch.no_grad():
        out = bart.generate(
            encoder_outputs=BaseModelOutput(last_hidden_state=memory),
            **used, num_return_sequences=beams, do_sample=False, forced_bos_token_id=0, forced_eos_token_id=2,
            return_dict_in_generate=True, output_scores=True)
    clips = []
    for clip in range(memory.shape[0]):
        rows = range(clip * beams, (clip + 1) * beams)
        sequences = []
        for row in rows:
            tokens = out.sequences[row].tolist()
            end = tokens.index(2, 1) if 2 in tokens[1:] else len(tokens) - 1
            sequences.append(tokens[:end + 1])
        outcome = {"sequences": sequences}
        if beams > 1:
            outcome["scores"] = [round(float(out.sequences_scores[row]), 7) for row in rows]
        outcome["sum_logprobs"] = [
            round(log_probability(bart, memory[clip:clip + 1], tokens), 6) for tokens in sequences]
        clips.append(outcome)
    return clips


def log_probability(bart, memory, tokens):
    with torch.no_grad():
        logits = bart(encoder_outputs=BaseModelOutput(last_hidden_state=memory),
                      decoder_input_ids=torch.tensor([tokens[:-1]])).logits[0]
    scores = logits.double().log_softmax(-1)
    return sum(float(scores[i, token]) for i, token in enumerate(tokens[1:]) if i > 0)


def main():
    torch.set_num_threads(1)
    bart, convolutions = make_model()
    mel = 2 * torch.randn(CLIPS, FRAMES, MELS)
    with torch.no_grad():
        memory = encode(bart, convolutions, mel)
    generation = {}
    for name, changes in SETTINGS.items():
        arguments = {**BASE, **changes}
        generation[name] = {"arguments": arguments,
                            "chunks": generate(bart, memory, arguments)}
        lengths = [[len(s) for s in c["sequences"]] for c in generation[name]["chunks"]]
        print(name, lengths)
    save_file(tensors(bart, convolutions), FOLDER / "model.safetensors")
    save_file({"mel": mel, "memory": memory}, FOLDER / "golden.safetensors")
    json.dump({**SIZES, "conv_strides": STRIDES}, open(FOLDER / "config.json", "w"), indent=1)
    with open(FOLDER / "golden.json", "w") as file:
        json.dump({"generation": generation}, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
