"""The table: what is measured, against whom, and what the goal is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Peer:
    name: str  # what peers/__main__.py calls it
    precision: str = "float32"
    case: str | None = None  # where it is not the row's

    @property
    def title(self) -> str:
        names = {"torch": "PyTorch", "torch-compiled": "torch.compile", "ctranslate2": "CTranslate2"}
        return f"{names[self.name]} {self.precision}" + (f" {self.case}" if self.case else "")


@dataclass(frozen=True)
class Row:
    name: str
    title: str
    case: str
    precision: str
    peers: tuple[Peer, ...]
    goal: float  # how many times the fastest peer's speed
    memory_goal: float | None = None  # at most so many times the peers' peak memory
    threads: int = 2
    inner: int = 1  # runs that are timed together
    repetitions: int = 5
    # Speed is work per second: AdamW's bytes are compared with the memory's.
    unit: str = "s"


TORCH = Peer("torch")
TORCH_BFLOAT16 = Peer("torch", "bfloat16")
COMPILED_BFLOAT16 = Peer("torch-compiled", "bfloat16")

ROWS = (
    Row("step-float32", "training step, batch 8 × 64 tokens, float32", "training-step", "float32",
        (TORCH,), 2.2, memory_goal=0.9),
    Row("step-bfloat16", "training step, batch 8 × 64 tokens, bfloat16", "training-step", "bfloat16",
        (TORCH_BFLOAT16, COMPILED_BFLOAT16), 1.7, memory_goal=0.9),
    Row("captions-float32", "the same, captions of 20–110 tokens, float32", "training-step-captions",
        "float32", (TORCH,), 1.3 * 2.2),
    Row("captions-bfloat16", "the same, captions of 20–110 tokens, bfloat16",
        "training-step-captions", "bfloat16", (TORCH_BFLOAT16, COMPILED_BFLOAT16), 1.3 * 1.7),
    Row("clip-float32", "one 10 s clip, beam 5, 128 tokens, float32", "caption-clip", "float32",
        (TORCH,), 4.5),
    Row("clip-bfloat16", "one 10 s clip, beam 5, 128 tokens, bfloat16", "caption-clip", "bfloat16",
        (TORCH_BFLOAT16,), 4, repetitions=9),
    Row("clip-int8", "one 10 s clip, beam 5, 128 tokens, int8", "caption-clip", "int8",
        (Peer("ctranslate2", "int8"),), 5),
    Row("song", "18 chunks (three minutes), int8", "caption-song", "int8", (TORCH_BFLOAT16,), 4,
        repetitions=2),
    Row("log-mel", "log-mel of a 10 s clip, one thread", "log-mel", "float32", (TORCH,), 2.5,
        threads=1, inner=50, repetitions=15),
    Row("adamw", "AdamW over all parameters, of the memory's speed", "adamw", "float32",
        (Peer("torch", case="memory-update"),), 0.75, unit="GB/s", repetitions=15),
    Row("tokenizer", "tokenizer encode, one thread", "tokenizer", "float32", (TORCH,), 1, threads=1,
        unit="MB/s", repetitions=9),
)
