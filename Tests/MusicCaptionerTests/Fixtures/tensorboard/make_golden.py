"""Writes golden.tfevents, what TensorBoardWriterTests expects byte for byte, with TensorBoard's own
messages and record writer, and reads it back with TensorBoard's own reader.

    pip install -r requirements.txt && python make_golden.py
"""

import pathlib

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboard.compat.proto.types_pb2 import DT_STRING
from tensorboard.summary.writer.record_writer import RecordWriter

TIME = 1_700_000_000.25
SCALARS = [
    ("train/epoch", 2.5),
    ("train/loss", 3.125),
    ("train/tag_loss", 0.0),
    ("train/learning_rate", 4.5e-4),
    ("train/gradient_norm", float("inf")),
    ("train/examples_per_second", 61.25),
    ("train/tokens_per_second", 2_400.0),
    ("validation/loss", 2.75),
    ("validation/bleu4", 0.125),
    ("train/skipped", 3.0),
]
CAPTION = "a slow café ballad for piano, 静かな夜 🎹, " + "and more " * 20


def scalar(tag, value):
    return Summary.Value(tag=tag, simple_value=value)


def text(tag, value):
    return Summary.Value(
        tag=tag,
        metadata=SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name="text")),
        tensor=TensorProto(
            dtype=DT_STRING,
            string_val=[value.encode("utf-8")],
            tensor_shape=TensorShapeProto(dim=[TensorShapeProto.Dim(size=1)]),
        ),
    )


events = [
    Event(wall_time=TIME, file_version="brain.Event:2"),
    Event(wall_time=TIME, step=1_001, session_log=SessionLog(status=SessionLog.START)),
    Event(wall_time=TIME, step=1_010, summary=Summary(value=[scalar(*s) for s in SCALARS])),
    Event(
        wall_time=TIME,
        step=1_010,
        summary=Summary(
            value=[text("samples/clips/1.wav", CAPTION + "  \n*reference:* a piano ballad")]
        ),
    ),
    Event(
        wall_time=TIME,
        step=5_000_000_000,
        summary=Summary(value=[text("samples/2", "")]),
    ),
]

path = pathlib.Path(__file__).parent / "golden.tfevents"
with open(path, "wb") as file:
    writer = RecordWriter(file)
    for event in events:
        writer.write(event.SerializeToString(deterministic=True))
    writer.flush()

reader = EventAccumulator(str(path))
reader.Reload()
for tag, value in SCALARS:
    (event,) = reader.Scalars(tag)
    assert event.step == 1_010 and event.wall_time == TIME, event
    assert event.value == value or abs(event.value / value - 1) < 1e-6, (tag, event)
(sample,) = reader.Tensors("samples/clips/1.wav")
assert sample.tensor_proto.string_val[0].decode("utf-8").startswith(CAPTION)
assert reader.SummaryMetadata("samples/clips/1.wav").plugin_data.plugin_name == "text"
assert reader.Tensors("samples/2")[0].step == 5_000_000_000
print(f"{path.name}: {len(events)} events written and read back")
