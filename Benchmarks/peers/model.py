"""The official model in PyTorch: six convolutions, sinusoids, BART-base, random weights."""

import math

import torch
from torch import nn
from torch.nn import functional
from transformers import BartConfig, BartForConditionalGeneration
from transformers.modeling_outputs import BaseModelOutput

from . import shapes


def bart_configuration() -> BartConfig:
    return BartConfig(
        vocab_size=shapes.VOCABULARY,
        d_model=shapes.WIDTH,
        encoder_layers=6,
        decoder_layers=6,
        encoder_attention_heads=shapes.WIDTH // 64,
        decoder_attention_heads=shapes.WIDTH // 64,
        encoder_ffn_dim=4 * shapes.WIDTH,
        decoder_ffn_dim=4 * shapes.WIDTH,
        dropout=0.1,
        attention_dropout=0.1,
        activation_dropout=0.1,
    )


def sinusoids(length: int, width: int) -> torch.Tensor:
    """Whisper's, [length, width]."""
    step = math.log(10_000) / (width // 2 - 1)
    rates = torch.exp(-step * torch.arange(width // 2))
    angles = torch.arange(length)[:, None] * rates[None, :]
    return torch.cat([angles.sin(), angles.cos()], dim=1)


class CaptionModel(nn.Module):
    """Log-mel [batch, frames, mels] and decoder tokens in, scores of the next tokens out."""

    def __init__(self):
        super().__init__()
        widths = (shapes.MELS,) + (shapes.WIDTH,) * len(shapes.STRIDES)
        self.convolutions = nn.ModuleList(
            nn.Conv1d(widths[i], widths[i + 1], 3, stride=stride, padding=1)
            for i, stride in enumerate(shapes.STRIDES)
        )
        self.register_buffer("positions", sinusoids(shapes.POSITIONS, shapes.WIDTH))
        self.bart = BartForConditionalGeneration(bart_configuration())

    def encoder_inputs(self, log_mel: torch.Tensor) -> torch.Tensor:
        x = log_mel.transpose(1, 2)
        for convolution in self.convolutions:
            x = functional.gelu(convolution(x))
        return x.transpose(1, 2) + self.positions

    def forward(self, log_mel: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        return self.bart(
            inputs_embeds=self.encoder_inputs(log_mel), decoder_input_ids=tokens, use_cache=False
        ).logits

    @torch.inference_mode()
    def generate(self, log_mel: torch.Tensor) -> torch.Tensor:
        """Token ids [batch, shapes.DECODED_TOKENS]."""
        encoder = self.bart.get_encoder()
        memory = encoder(inputs_embeds=self.encoder_inputs(log_mel)).last_hidden_state
        return self.bart.generate(
            encoder_outputs=BaseModelOutput(last_hidden_state=memory),
            attention_mask=torch.ones(memory.shape[:2], dtype=torch.long),
            num_beams=shapes.BEAMS,
            min_length=shapes.DECODED_TOKENS,
            max_length=shapes.DECODED_TOKENS,
            early_stopping=True,
            do_sample=False,
        )


def log_mel(count: int) -> torch.Tensor:
    """Clips that sound like nothing: [count, frames, mels] in the range of decibels."""
    generator = torch.Generator().manual_seed(7)
    return 20 * torch.randn(count, shapes.FRAMES, shapes.MELS, generator=generator) - 30
