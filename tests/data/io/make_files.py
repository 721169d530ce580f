#!/usr/bin/env python3
"""Makes the files beside it, which the tests of nn/io read: by NumPy, gzip and zlib, and for TFRecord by the
few lines below, which share nothing with the C++ code.

  tests/data/io/make_files.py

The files are kept in the repository; the values that the tests expect follow from the formulas here.
"""
import gzip
import struct
import zlib
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent


def npy():
    for name, dtype in [("bool", "?"), ("int8", "i1"), ("uint8", "u1"), ("int16", "<i2"), ("uint16", "<u2"), ("int32", "<i4"),
                        ("uint32", "<u4"), ("int64", "<i8"), ("uint64", "<u8"), ("float16", "<f2"), ("float32", "<f4"),
                        ("float64", "<f8"), ("big_int16", ">i2"), ("big_float16", ">f2"), ("big_float64", ">f8")]:
        # 0, 3, 6, … 15; bool: false, then true
        np.save(HERE / f"{name}.npy", (np.arange(6).reshape(2, 3) * 3).astype(dtype))
    np.save(HERE / "fortran.npy", np.asfortranarray(np.arange(24, dtype="<i4").reshape(2, 3, 4)))
    np.save(HERE / "scalar.npy", np.float64(2.5))
    np.save(HERE / "empty.npy", np.zeros((0, 3), "<f4"))
    np.save(HERE / "text.npy", np.array(["a", "b"]))
    np.save(HERE / "record.npy", np.array([(1, 2.0)], dtype=[("a", "<i4"), ("b", "<f8")]))
    with open(HERE / "version2.npy", "wb") as file:
        np.lib.format.write_array(file, np.arange(3, dtype="<i8"), version=(2, 0))
    arrays = {"x": np.arange(12, dtype="<f4").reshape(4, 3), "y": np.array([0, 1, 0, 1], "<i8"),
              "column": np.asfortranarray(np.arange(8, dtype="<f8").reshape(4, 2))}
    np.savez(HERE / "stored.npz", **arrays)
    np.savez_compressed(HERE / "deflated.npz", **arrays)


def idx():
    images = (np.arange(3 * 4 * 5) % 256).astype("u1").reshape(3, 4, 5)
    body = struct.pack(">BBBBIII", 0, 0, 8, 3, 3, 4, 5) + images.tobytes()
    (HERE / "images.idx").write_bytes(body)
    (HERE / "images.idx.gz").write_bytes(gzip.compress(body, mtime=0))
    (HERE / "labels.idx").write_bytes(struct.pack(">BBBBI", 0, 0, 8, 1, 3) + bytes([7, 0, 9]))
    for code, dtype in [(9, ">i1"), (0x0B, ">i2"), (0x0C, ">i4"), (0x0D, ">f4"), (0x0E, ">f8")]:
        body = struct.pack(">BBBBI", 0, 0, code, 1, 4) + np.array([-2, -1, 0, 100], dtype).tobytes()
        (HERE / f"type{code}.idx").write_bytes(body)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def record(data):
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", crc32c(length)) + data + struct.pack("<I", crc32c(data))


def varint(number):
    number &= (1 << 64) - 1
    out = b""
    while number >= 0x80:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def field(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def example(packed, **features):
    entries = b""
    for name, (kind, values) in features.items():
        if kind == 1:
            content = b"".join(field(1, value) for value in values)
        elif kind == 2:
            content = field(1, struct.pack(f"<{len(values)}f", *values)) if packed else b"".join(
                varint(1 << 3 | 5) + struct.pack("<f", value) for value in values)
        else:
            content = field(1, b"".join(map(varint, values))) if packed else b"".join(
                varint(1 << 3) + varint(value) for value in values)
        entries += field(1, field(1, name.encode()) + field(2, field(kind, content)))
    return field(1, entries)


def tfrecord():
    # record i: an image of raw float32, its label, weights, names; the second half with numbers that are not packed
    records = b"".join(
        record(example(i < 2, image=(1, [np.full(4, i, "<f4").tobytes()]), label=(3, [i - 1]),
                       weights=(2, [0.5 * i, -1.0]), names=(1, [b"a", b"b" * i]))) for i in range(4))
    (HERE / "examples.tfrecord").write_bytes(records)
    (HERE / "examples.tfrecord.gz").write_bytes(gzip.compress(records, mtime=0))
    (HERE / "examples.tfrecord.zlib").write_bytes(zlib.compress(records))
    damaged = bytearray(records)
    damaged[len(records) // 4 + 40] ^= 1  # in the data of record 1
    (HERE / "damaged.tfrecord").write_bytes(damaged)


if __name__ == "__main__":
    npy()
    idx()
    tfrecord()
