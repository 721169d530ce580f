"""An independent reader of safetensors files (json, struct and numpy), and a check of the file that
nn_write_safetensors wrote.  Usage: read_safetensors.py WRITER FILE"""

import json
import struct
import subprocess
import sys

import numpy

DTYPES = {
    "BOOL": "?", "U8": "u1", "I8": "i1", "I16": "<i2", "U16": "<u2", "F16": "<f2", "I32": "<i4", "U32": "<u4",
    "F32": "<f4", "F64": "<f8", "I64": "<i8", "U64": "<u8",
}


def load(path):
    with open(path, "rb") as file:
        content = file.read()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length].decode("utf-8"))
    data = content[8 + length :]
    metadata = header.pop("__metadata__", {})
    tensors, covered = {}, []
    for name, facts in header.items():
        begin, end = facts["data_offsets"]
        dtype = numpy.dtype(DTYPES[facts["dtype"]])
        assert begin % dtype.itemsize == 0, f"{name} is not aligned"
        tensors[name] = numpy.frombuffer(data[begin:end], dtype).reshape(facts["shape"])
        covered.append((begin, end))
    reached = 0
    for begin, end in sorted(covered):
        assert begin == reached, f"a hole or an overlap at byte {begin}"
        reached = end
    assert reached == len(data), "bytes after the last tensor"
    assert (8 + length) % 8 == 0, "the data is not aligned"
    return tensors, metadata


def check(path):
    tensors, metadata = load(path)
    assert metadata == {"format": "ludus", "note": 'naïve "quotes" and a\nnew line'}, metadata

    kinds = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"]
    expected_names = {f"grid/{kind}" for kind in kinds} | {"flags", "steps", "empty", "value/configuration"}
    assert set(tensors) == expected_names, sorted(tensors)
    for kind in kinds:
        grid = tensors[f"grid/{kind}"]
        expected = numpy.arange(6).reshape(2, 3)
        if kind.startswith("float"):
            expected = expected / 2
        assert grid.dtype == numpy.dtype(kind) and grid.shape == (2, 3), (kind, grid.dtype, grid.shape)
        assert numpy.array_equal(grid, expected), (kind, grid)
    assert tensors["flags"].tolist() == [False, True, False]
    assert tensors["steps"].shape == () and int(tensors["steps"]) == 2**53 + 1
    assert tensors["empty"].shape == (0, 4)
    # CBOR of {"seed": 7}: a map of one, a text of four letters, the number 7
    assert tensors["value/configuration"].tobytes() == b"\xa1\x64seed\x07", tensors["value/configuration"].tobytes()


if __name__ == "__main__":
    writer, path = sys.argv[1:]
    subprocess.run([writer, path], check=True)
    check(path)
    print("names, shapes, types, numbers and metadata are as written")
