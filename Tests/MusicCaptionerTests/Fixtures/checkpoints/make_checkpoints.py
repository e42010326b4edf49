"""Writes the small checkpoints of this folder.

Made with Python 3.11.7, torch 2.15.0, safetensors 0.8.0. Run in this folder:
python make_checkpoints.py. The files are checked in; running this is needed only to change
them. `expected.json` has every tensor that the readers must find, as
float32 numbers in row-major order (shape, values).
"""

import json
import os
import pickle
import zipfile
from collections import OrderedDict

import torch
from safetensors.torch import save_file

torch.manual_seed(7)
expected = {}


def note(name, tensors):
    expected[name] = {
        key: {"shape": list(t.shape), "values": [repr(v) for v in t.float().flatten().tolist()]}
        for key, t in tensors.items()
        if t.is_floating_point()
    }


def save(name, content, tensors, **options):
    torch.save(content, name, **options)
    note(name, tensors)


inf = float("inf")
special = torch.tensor([0.0, -0.0, 1.5, -2.25, 1e-7, 6e-8, 65504.0, inf, -inf, float("nan")])
base = torch.arange(24, dtype=torch.float32).reshape(4, 6) / 8

# Every floating type, and integers beside them.
types = OrderedDict(
    f32=special, f16=special.half(), bf16=special.bfloat16(), f64=special.double(),
    steps=torch.tensor([1, 2, 3]), mask=torch.tensor([True, False]),
    small=torch.zeros(2, dtype=torch.int8))
save("types.pth", types, types)

# Views: transposed, strided, offset, expanded, of one storage; narrow types too; empty and scalar.
views = OrderedDict(
    whole=base, transposed=base.t(), columns=base[:, 1:5:2], rows=base[1:3],
    expanded=base[0:1].expand(3, 6), half=base.half().t(), brain=base.bfloat16()[:, ::3],
    cube=base.reshape(2, 3, 4).permute(2, 0, 1),
    scalar=torch.tensor(3.5), empty=torch.zeros(0, 4))
save("views.pth", {"state_dict": views}, views)

# A DataParallel checkpoint with its optimiser, two tied parameters and a _metadata attribute.
layer = torch.nn.Linear(3, 2)
tied = torch.nn.Linear(3, 2)
tied.weight = layer.weight
modules = torch.nn.ModuleDict({"a": layer, "b": tied, "norm": torch.nn.BatchNorm1d(2)})
model = torch.nn.DataParallel(modules)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
(layer(torch.ones(1, 3)).sum() + tied(torch.ones(1, 3)).sum()).backward()
optimizer.step()
save("parallel.pth",
     {"epoch": 3, "loss": 0.25, "name": "tiny", "big": 1 << 40, "negative": -5,
      "flags": (None, True, {1, 2}, b"\x00\xff"),
      "size": torch.Size([1, 2]), "dtype": torch.bfloat16, "device": torch.device("cpu"),
      "state_dict": model.state_dict(), "optimizer": optimizer.state_dict()},
     {k.removeprefix("module."): v for k, v in model.state_dict().items()})

# Parameters instead of tensors, under "model", by a newer pickle protocol.
parameters = {"weight": torch.nn.Parameter(base[:2, :3].clone()),
              "bias": torch.nn.Parameter(base[0, :2].clone())}
save("protocol4.pth", {"model": parameters}, parameters, pickle_protocol=4)

# What isn't read, with a clear error.
torch.save(types, "legacy.pth", _use_new_zipfile_serialization=False)


def archive(name, pickled, records=(), compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(name, "w", compression) as z:
        for path, content in [("a/data.pkl", pickled), *records]:
            z.writestr(zipfile.ZipInfo(path), content, compress_type=compression)


class Hostile:
    def __reduce__(self):
        return os.system, ("touch hostile-was-here",)


for protocol in (0, 2, 4):
    archive(f"hostile-{protocol}.pth", pickle.dumps({"state_dict": {"w": Hostile()}}, protocol))

loop = []
loop.append(loop)
archive("self-reference.pth", pickle.dumps({"state_dict": loop, "model": {"loop": loop}}, 2))
archive("deflated.pth", pickle.dumps({"state_dict": {}}, 2), compression=zipfile.ZIP_DEFLATED)

# safetensors by the reference implementation, with metadata and integers.
tensors = {**{k: v.contiguous() for k, v in types.items()},
           "matrix": base, "empty": torch.zeros(0, 4), "scalar": torch.tensor(3.5)}
save_file(tensors, "types.safetensors", metadata={"format": "pt", "note": "ünïcödé \"quoted\""})
note("types.safetensors", tensors)

with open("expected.json", "w") as out:
    json.dump(expected, out, indent=1, sort_keys=True)
    out.write("\n")
