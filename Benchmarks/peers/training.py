"""One training step in PyTorch: forward, label-smoothed loss, backward, AdamW."""

import torch
from torch.nn import functional

from . import shapes
from .model import CaptionModel, log_mel

PADDING = 1
START = 2


def training_step(lengths: tuple[int, ...], precision: str, compiles: bool):
    """A function that takes one step on one batch, padded to its longest caption."""
    torch.manual_seed(0)
    model = CaptionModel().train()
    # The fused step is the fastest of PyTorch's.
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0.01, fused=True)
    clips = log_mel(len(lengths))
    targets = torch.full((len(lengths), max(lengths)), PADDING)
    generator = torch.Generator().manual_seed(11)
    for row, length in enumerate(lengths):
        targets[row, :length] = torch.randint(
            4, shapes.VOCABULARY, (length,), generator=generator
        )
    tokens = torch.cat([torch.full((len(lengths), 1), START), targets[:, :-1]], dim=1)

    def loss_of(clips, tokens, targets):
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
            logits = model(clips, tokens)
            return functional.cross_entropy(
                logits.flatten(0, 1), targets.flatten(), ignore_index=PADDING, label_smoothing=0.1
            )

    if compiles:
        loss_of = torch.compile(loss_of)

    def step():
        optimizer.zero_grad()
        loss = loss_of(clips, tokens, targets)
        loss.backward()
        optimizer.step()
        loss.item()

    return step


def adamw_step():
    """A step of PyTorch's fused AdamW alone, over as many parameters; and their number."""
    model = CaptionModel()
    parameters = list(model.parameters())
    for parameter in parameters:
        parameter.grad = torch.full_like(parameter, 1e-3)
    optimizer = torch.optim.AdamW(parameters, lr=1e-4, weight_decay=0.01, fused=True)
    return optimizer.step, sum(parameter.numel() for parameter in parameters)


def memory_update():
    """Reads and writes a gigabyte in place, the kind of traffic that AdamW is; and its bytes."""
    numbers = torch.ones(1 << 28)
    return (lambda: numbers.mul_(1.0)), 2 * 4 * numbers.numel()


def memory_read():
    """Reads a gigabyte; and its bytes."""
    numbers = torch.ones(1 << 28)
    return (lambda: numbers.sum().item()), 4 * numbers.numel()
