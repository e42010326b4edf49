"""Writes beside-2.pth and beside-4.pth: a tensor under the names of several wrappers, and beside it what people save.

Made with Python 3.11.7, torch 2.15.0, numpy 2.4.6. Run in this folder: python make_beside.py. The tensor is
`a.weight`, the numbers 0 to 5 in two rows.
"""
import argparse
import collections
import datetime
import decimal
import pathlib
import random
import types

import numpy as np
import torch

generator = np.random.default_rng(1)
random.seed(1)
np.random.seed(1)
beside = {
    "epoch": np.int64(3), "loss": np.float32(0.5), "flag": np.bool_(True), "name": np.str_("x"),
    "array": np.arange(6.0).reshape(2, 3), "objects": np.array([1, "a", None], dtype=object),
    "numpy_state": ("MT19937", np.arange(4, dtype=np.uint32), 1, 0, 0.0), "generator": generator,
    "generator_state": generator.bit_generator.state, "python_state": random.getstate()[2],
    "args": argparse.Namespace(lr=1e-4, betas=(0.9, 0.999)), "path": pathlib.PurePosixPath("/a/b"),
    "time": datetime.datetime(2026, 1, 2), "delta": datetime.timedelta(3), "number": decimal.Decimal("1.5"),
    "lists": collections.defaultdict(list, {"a": [1]}), "counter": collections.Counter("hello"),
    "queue": collections.deque([1, 2], maxlen=3), "space": types.SimpleNamespace(x=1), "complex": 1 + 2j,
    "big": 1 << 100, "negative": -(1 << 80), "bytes": bytearray(b"abc"), "range": range(3), "slice": slice(1, 2),
    "dtype": torch.bfloat16, "numpy_dtype": np.dtype("float32"), "device": torch.device("cuda:0"),
    "size": torch.Size([1, 2]), "layout": torch.strided, "version": torch.__version__,
    "complex_tensor": torch.zeros(2, dtype=torch.complex64), "steps": torch.tensor(3),
}
weight = torch.nn.Parameter(torch.arange(6.0).reshape(2, 3))
weight.note = "an attribute"
for protocol in (2, 4):
    torch.save(
        {**beside, "state_dict": {"module._orig_mod.a._checkpoint_wrapped_module.weight": weight}},
        f"beside-{protocol}.pth", pickle_protocol=protocol)
