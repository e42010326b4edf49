"""Makes the tables of this folder, and what pyarrow itself reads from each Parquet file.

python3 -m venv venv && venv/bin/pip install -r requirements.txt && venv/bin/python make_tables.py
"""
import datetime
import decimal
import gzip
import io
import json
import math
import pathlib
import wave

import pyarrow as pa
import pyarrow.parquet as pq

FOLDER = pathlib.Path(__file__).parent


def plain(value):
    """What our reader makes of a value of pyarrow's."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return value


def write(name, table, expected, **options):
    """Writes a table; pyarrow's own reading of it must be the same for all files of one name."""
    pq.write_table(table, FOLDER / f"{name}.parquet", **options)
    rows = pq.read_table(FOLDER / f"{name}.parquet").to_pylist()
    text = "".join(json.dumps(plain(row), ensure_ascii=False) + "\n" for row in rows)
    file = FOLDER / f"{expected}.jsonl"
    if expected in seen:
        assert file.read_text() == text, name
    seen.add(expected)
    file.write_text(text)


seen = set()


N = 40
TEXTS = [f"Caption {i}: ☂ " + "la " * (i % 7) if i % 5 else None for i in range(N)]
TAGS = [None if i % 9 == 0 else [] if i % 9 == 1 else
        [None if (i + j) % 6 == 0 else f"tag {(i * j) % 11}" for j in range(i % 5 + 1)]
        for i in range(N)]
TABLE = pa.table({
    "id": pa.array(range(N), pa.int64()),
    "caption": pa.array(TEXTS, pa.string()),
    "tags": pa.array(TAGS, pa.list_(pa.string())),
    "nested": pa.array([None if i % 4 == 0 else [TAGS[i] or [], ["x"]] for i in range(N)],
                       pa.list_(pa.list_(pa.string()))),
    "meta": pa.array([None if i % 6 == 0 else {"year": i if i % 2 else None,
                                               "words": TAGS[i]} for i in range(N)],
                     pa.struct([("year", pa.int32()), ("words", pa.list_(pa.string()))])),
    "fixed": pa.array([f"{i:04}".encode() for i in range(N)], pa.binary(4)),
})
TYPES = pa.table({
    "truth": pa.array([i % 3 == 0 if i % 7 else None for i in range(N)], pa.bool_()),
    "int8": pa.array([i - 20 for i in range(N)], pa.int8()),
    "uint8": pa.array([i * 6 for i in range(N)], pa.uint8()),
    "uint32": pa.array([2**32 - 1 - i for i in range(N)], pa.uint32()),
    "uint64": pa.array([2**64 - 1 - i for i in range(N)], pa.uint64()),
    "int32": pa.array([(-1)**i * 7**(i % 10) for i in range(N)], pa.int32()),
    "int64": pa.array([(-1)**i * 3**i for i in range(N)], pa.int64()),
    "half": pa.array([i / 8 - 2 for i in range(N)], pa.float16()),
    "float": pa.array([i / 3 if i % 4 else float("nan") for i in range(N)], pa.float32()),
    "double": pa.array([i / 7 if i % 4 else float("inf") for i in range(N)], pa.float64()),
    "decimal": pa.array([decimal.Decimal(i * 12345 - 200000) / 1000 for i in range(N)],
                        pa.decimal128(20, 3)),
    "date": pa.array([datetime.date(1969, 1, 1) + datetime.timedelta(days=977 * i)
                      for i in range(N)]),
    "time": pa.array([datetime.time(i % 24, i, i, 1000 * i) for i in range(N)], pa.time64("us")),
    "stamp": pa.array([datetime.datetime(1960, 2, 29) + datetime.timedelta(days=500 * i, seconds=i)
                       for i in range(N)], pa.timestamp("ms")),
    "nothing": pa.nulls(N),
})


def sound(number):
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(number.to_bytes(2, "little") * 320)
    return data.getvalue()


def main():
    for codec in ["none", "snappy", "gzip", "zstd"]:
        for version in ["1.0", "2.0"]:
            write(f"{codec}-v{version[0]}", TABLE, "table", compression=codec, data_page_version=version,
                  row_group_size=17, data_page_size=64, write_batch_size=8)
    write("plain", TABLE, "table", use_dictionary=False)
    write("small-dictionary", TABLE, "table", dictionary_pagesize_limit=60, data_page_size=64,
          write_batch_size=4)
    write("checksums", TABLE, "table", write_page_checksum=True)
    write("legacy-lists", TABLE, "table", use_compliant_nested_type=False)
    write("deltas", TABLE.drop_columns("fixed"), "deltas", use_dictionary=False, column_encoding={
        "id": "DELTA_BINARY_PACKED", "caption": "DELTA_BYTE_ARRAY",
        "tags.list.element": "DELTA_LENGTH_BYTE_ARRAY"})
    write("types", TYPES, "types")
    write("types-plain", TYPES, "types", use_dictionary=False, data_page_version="2.0",
          store_decimal_as_integer=True)
    write("types-split", TYPES, "types", use_dictionary=False, column_encoding={
        "float": "BYTE_STREAM_SPLIT", "double": "BYTE_STREAM_SPLIT",
        "int32": "BYTE_STREAM_SPLIT", "int64": "BYTE_STREAM_SPLIT", "half": "BYTE_STREAM_SPLIT"})
    write("types-96", TYPES.select(["stamp"]), "types-96", use_deprecated_int96_timestamps=True)
    write("empty", TABLE.slice(0, 0), "empty")
    pq.write_table(TABLE, FOLDER / "brotli.parquet", compression="brotli")

    clips = pa.array([None if i == 3 else {"bytes": sound(i), "path": f"{i}.wav"}
                      for i in range(6)],
                     pa.struct([("bytes", pa.binary()), ("path", pa.string())]))
    clips = pa.table({"audio": clips, "caption": [f"Sound {i}." for i in range(6)],
                      "tags": [["a", f"b{i}"] for i in range(6)]})
    pq.write_table(clips.slice(0, 4), FOLDER / "train-00000-of-00002.parquet", row_group_size=3)
    pq.write_table(clips.slice(4), FOLDER / "train-00001-of-00002.parquet", compression="none",
                   use_dictionary=False, data_page_version="2.0")

    either = pa.array([{"bytes": sound(0), "path": "0.wav"}, {"bytes": None, "path": "1.wav"},
                       {"bytes": None, "path": None}],
                      pa.struct([("bytes", pa.binary()), ("path", pa.string())]))
    either = pa.table({"audio": either, "caption": [f"Sound {i}." for i in range(3)]})
    pq.write_table(either, FOLDER / "bytes-or-path.parquet")

    # Two files joined, as `cat` does; and a gigabyte of spaces.
    lines = [b'{"audio": "a.wav", "caption": "One."}\n', b'{"audio": "b.wav", "caption": "Two."}\n']
    (FOLDER / "joined.jsonl.gz").write_bytes(b"".join(gzip.compress(line) for line in lines))
    zstd = pa.Codec("zstd", compression_level=19)
    (FOLDER / "joined.jsonl.zst").write_bytes(b"".join(bytes(zstd.compress(line)) for line in lines))
    (FOLDER / "bomb.jsonl.zst").write_bytes(bytes(zstd.compress(b" " * 2**30)))


main()
