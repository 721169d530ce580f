#!/usr/bin/env python3
"""Evaluates ONNX models with NumPy, operator by operator, as the specification states them (opset 13).

  onnx_reference.py FOLDER [TOLERANCE]

Checks every FOLDER/NAME.onnx with ONNX's own checker and shape inference, runs it on FOLDER/NAME.input_0.npy, … and
compares the results with FOLDER/NAME.output_0.npy, …: numbers by |a - b| / max(1, |b|), which must be at most 1e-5 or
TOLERANCE, integers exactly. Prints every file that fails, the number of files and the largest difference. Exit code 1
if a file fails, or if there is none.
"""
import functools
import math
import sys
from itertools import product
from pathlib import Path

import numpy as np
import onnx
from numpy.lib.stride_tricks import sliding_window_view
from onnx import helper, numpy_helper


def same_upper(extent, stride, span):
    total = max((-(-extent // stride) - 1) * stride + span - extent, 0)
    return total // 2, total - total // 2


def window_settings(x, kernel, a):
    """Strides, dilations and (before, after) of every spatial dimension."""
    count = len(kernel)
    strides, dilations = a.get("strides", [1] * count), a.get("dilations", [1] * count)
    auto_pad = a.get("auto_pad", b"NOTSET")
    if auto_pad == b"SAME_UPPER":
        pads = [same_upper(x.shape[d + 2], strides[d], (kernel[d] - 1) * dilations[d] + 1) for d in range(count)]
    else:
        assert auto_pad in (b"NOTSET", b"VALID"), auto_pad
        flat = a.get("pads", [0] * 2 * count)
        pads = [(flat[d], flat[d + count]) for d in range(count)]
    return strides, dilations, pads


def windows(x, kernel, strides, dilations, pads, value, ceil=False, beyond=None):
    """(batch, channels, positions …, kernel …); `beyond`: the elements behind the padding, for the last window of ceil"""
    extra = [(0, 0)] * (2 + len(pads))
    for d, (before, after) in enumerate(pads if ceil else []):
        extent, span = x.shape[d + 2], (kernel[d] - 1) * dilations[d] + 1
        steps = -(-(extent + before + after - span) // strides[d])
        if steps * strides[d] >= extent + before:  # a window must begin inside the input or its padding before
            steps -= 1
        extra[d + 2] = (0, max(steps * strides[d] + span - extent - before - after, 0))
    x = np.pad(x, [(0, 0), (0, 0), *pads], constant_values=value)
    x = np.pad(x, extra, constant_values=value if beyond is None else beyond)
    axes = tuple(range(2, x.ndim))
    view = sliding_window_view(x, [(k - 1) * d + 1 for k, d in zip(kernel, dilations)], axes)
    return view[(slice(None), slice(None), *(slice(None, None, s) for s in strides),
                 *(slice(None, None, d) for d in dilations))]


def conv(x, w, b=None, **a):
    kernel, group = w.shape[2:], a.get("group", 1)
    strides, dilations, pads = window_settings(x, kernel, a)
    parts = windows(x, kernel, strides, dilations, pads, 0)
    n = len(kernel)
    results = []
    for part, rows in zip(np.split(parts, group, 1), np.split(w, group, 0)):
        y = np.tensordot(part, rows, ([1, *range(2 + n, 2 + 2 * n)], [1, *range(2, 2 + n)]))
        results.append(np.moveaxis(y, -1, 1))
    y = np.concatenate(results, 1)
    return y if b is None else y + b.reshape(-1, *[1] * n)


def conv_transpose(x, w, b=None, **a):
    kernel, group = w.shape[2:], a.get("group", 1)
    strides, dilations, pads = window_settings(x, kernel, a)
    n = len(kernel)
    extra = a.get("output_padding", [0] * n)
    size = [strides[d] * (x.shape[d + 2] - 1) + (kernel[d] - 1) * dilations[d] + 1 + extra[d] for d in range(n)]
    results = []
    for part, rows in zip(np.split(x, group, 1), np.split(w, group, 0)):
        y = np.zeros((x.shape[0], w.shape[1], *size), x.dtype)
        for k in product(*map(range, kernel)):
            places = tuple(slice(k[d] * dilations[d], k[d] * dilations[d] + strides[d] * (x.shape[d + 2] - 1) + 1,
                                 strides[d]) for d in range(n))
            y[(slice(None), slice(None), *places)] += np.moveaxis(np.tensordot(part, rows[(..., *k)], ([1], [0])), -1, 1)
        results.append(y)
    y = np.concatenate(results, 1)[(slice(None), slice(None), *(slice(p[0], s - p[1]) for p, s in zip(pads, size)))]
    return y if b is None else y + b.reshape(-1, *[1] * n)


def max_pool(x, **a):
    kernel = a["kernel_shape"]
    parts = windows(x, kernel, *window_settings(x, kernel, a), -np.inf, a.get("ceil_mode", 0))
    return parts.max(tuple(range(-len(kernel), 0)))


def average_pool(x, **a):
    kernel = a["kernel_shape"]
    strides, dilations, pads = window_settings(x, kernel, a)
    sums = windows(x, kernel, strides, dilations, pads, 0, a.get("ceil_mode", 0)).sum(tuple(range(-len(kernel), 0)))
    counts = windows(np.ones_like(x[:1, :1]), kernel, strides, dilations, pads, a.get("count_include_pad", 0),
                     a.get("ceil_mode", 0), beyond=0)
    return sums / counts.sum(tuple(range(-len(kernel), 0)))


def resize(x, roi, scales, **a):
    mode, transform = a["mode"], a["coordinate_transformation_mode"]
    for axis, scale in enumerate(scales):
        if scale == 1:
            continue
        places = np.arange(int(x.shape[axis] * scale))
        if mode == b"nearest":
            assert transform == b"asymmetric" and a["nearest_mode"] == b"floor"
            x = np.take(x, np.floor(places / scale).astype(int), axis)
        else:
            assert mode == b"linear" and transform == b"half_pixel"
            at = np.clip((places + 0.5) / scale - 0.5, 0, x.shape[axis] - 1)
            low = np.floor(at).astype(int)
            high = np.minimum(low + 1, x.shape[axis] - 1)
            weight = (at - low).astype(x.dtype).reshape([-1 if d == axis else 1 for d in range(x.ndim)])
            x = np.take(x, low, axis) * (1 - weight) + np.take(x, high, axis) * weight
    return x


def spatial(x):
    return tuple(range(2, x.ndim))


def channels(numbers, x):
    return numbers.reshape(-1, *[1] * (x.ndim - 2))


def batch_normalization(x, scale, bias, mean, variance, **a):
    c = lambda numbers: channels(numbers, x)
    return (x - c(mean)) / np.sqrt(c(variance) + np.float32(a.get("epsilon", 1e-5))) * c(scale) + c(bias)


def instance_normalization(x, scale, bias, **a):
    centred = x - x.mean(spatial(x), keepdims=True)
    variance = np.square(centred).mean(spatial(x), keepdims=True)
    return centred / np.sqrt(variance + np.float32(a.get("epsilon", 1e-5))) * channels(scale, x) + channels(bias, x)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softplus(x):
    return np.logaddexp(x, np.zeros_like(x))


def recurrent(step, states, x, w, r, b, a):
    """Every hidden state (time, directions, batch, units), and the last state of each kind."""
    sequences, finals = [], []
    for d in range(w.shape[0]):
        order = range(x.shape[0]) if d == 0 else reversed(range(x.shape[0]))
        state = [np.zeros((x.shape[1], r.shape[2]), x.dtype)] * states
        hidden = np.zeros((x.shape[0], x.shape[1], r.shape[2]), x.dtype)
        wb, rb = np.split(b[d], 2) if b is not None else (0, 0)
        for t in order:
            state = step(x[t], state, w[d], r[d], wb, rb)
            hidden[t] = state[0]
        sequences.append(hidden)
        finals.append(state)
    assert w.shape[0] == (2 if a.get("direction", b"forward") == b"bidirectional" else 1)
    return [np.stack(sequences, 1), *(np.stack([f[i] for f in finals]) for i in range(states))]


def gru(x, w, r, b=None, **a):
    assert a.get("linear_before_reset", 0) == 1

    def step(x, state, w, r, wb, rb):
        h = state[0]
        xz, xr, xh = np.split(x @ w.T + wb, 3, 1)
        hz, hr, hh = np.split(h @ r.T + rb, 3, 1)
        z = sigmoid(xz + hz)
        return [(1 - z) * np.tanh(xh + sigmoid(xr + hr) * hh) + z * h]

    return recurrent(step, 1, x, w, r, b, a)


def lstm(x, w, r, b=None, **a):
    def step(x, state, w, r, wb, rb):
        i, o, f, c = np.split(x @ w.T + wb + state[0] @ r.T + rb, 4, 1)
        cell = sigmoid(f) * state[1] + sigmoid(i) * np.tanh(c)
        return [sigmoid(o) * np.tanh(cell), cell]

    return recurrent(step, 2, x, w, r, b, a)


def gemm(x, w, b=0, **a):
    x, w = x.T if a.get("transA", 0) else x, w.T if a.get("transB", 0) else w
    return np.float32(a.get("alpha", 1)) * (x @ w) + np.float32(a.get("beta", 1)) * b


def reshape(x, shape):
    return x.reshape([x.shape[i] if n == 0 else n for i, n in enumerate(shape)])


def pad(x, pads, value=np.float32(0), **a):
    assert a.get("mode", b"constant") == b"constant"
    return np.pad(x, list(zip(pads[:x.ndim], pads[x.ndim:])), constant_values=value)


def slice_(x, starts, ends, axes):
    index = [slice(None)] * x.ndim
    for start, end, axis in zip(starts, ends, axes):
        index[axis] = slice(start, end)
    return x[tuple(index)]


def shrink(x, **a):
    limit, bias = np.float32(a.get("lambd", 0.5)), np.float32(a.get("bias", 0))
    return np.where(x < -limit, x + bias, np.where(x > limit, x - bias, 0)).astype(x.dtype)


def log_softmax(x, **a):
    shifted = x - x.max(a.get("axis", -1), keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(a.get("axis", -1), keepdims=True))


def one_hot(indices, depth, values, **a):
    assert a.get("axis", -1) == -1
    return np.where(indices[..., None] == np.arange(int(depth)), values[1], values[0])


OPERATORS = {
    "Add": lambda x, y: x + y,
    "ArgMax": lambda x, **a: np.expand_dims(x.argmax(a.get("axis", 0)), a.get("axis", 0))
    if a.get("keepdims", 1) else x.argmax(a.get("axis", 0)),
    "AveragePool": average_pool,
    "BatchNormalization": batch_normalization,
    "Cast": lambda x, **a: x.astype(helper.mapping.TENSOR_TYPE_TO_NP_TYPE[a["to"]]),
    "Clip": lambda x, low=None, high=None: np.clip(x, low, high),
    "Concat": lambda *x, **a: np.concatenate(x, a["axis"]),
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    "Div": lambda x, y: x / y,
    "Elu": lambda x, **a: np.where(x > 0, x, np.float32(a.get("alpha", 1)) * np.expm1(np.minimum(x, 0))),
    "Erf": lambda x: np.vectorize(math.erf)(x).astype(x.dtype),
    "Flatten": lambda x, **a: x.reshape(math.prod(x.shape[:a.get("axis", 1)]), -1),
    "GRU": gru,
    "Gather": lambda x, indices, **a: np.take(x, indices, a.get("axis", 0)),
    "Gemm": gemm,
    "GlobalAveragePool": lambda x: x.mean(spatial(x), keepdims=True),
    "GlobalMaxPool": lambda x: x.max(spatial(x), keepdims=True),
    "Greater": lambda x, y: x > y,
    "GreaterOrEqual": lambda x, y: x >= y,
    "HardSigmoid": lambda x, **a: np.clip(
        np.float32(a.get("alpha", 0.2)) * x + np.float32(a.get("beta", 0.5)), np.float32(0), np.float32(1)),
    "Identity": lambda x: x,
    "InstanceNormalization": instance_normalization,
    "LSTM": lstm,
    "LeakyRelu": lambda x, **a: np.where(x < 0, np.float32(a.get("alpha", 0.01)) * x, x),
    "LogSoftmax": log_softmax,
    "MatMul": lambda x, y: x @ y,
    "Max": lambda *x: functools.reduce(np.maximum, x),
    "MaxPool": max_pool,
    "Min": lambda *x: functools.reduce(np.minimum, x),
    "Mul": lambda x, y: x * y,
    "Neg": lambda x: -x,
    "OneHot": one_hot,
    "PRelu": lambda x, slope: np.where(x < 0, slope * x, x),
    "Pad": pad,
    "Pow": lambda x, y: x**y,
    "ReduceMean": lambda x, **a: x.mean(tuple(a["axes"]), keepdims=bool(a.get("keepdims", 1))),
    "Relu": lambda x: np.maximum(x, 0),
    "Reshape": reshape,
    "Resize": resize,
    "Selu": lambda x, **a: np.float32(a["gamma"]) * np.where(x > 0, x, np.float32(a["alpha"]) * np.expm1(np.minimum(x, 0))),
    "Shape": lambda x: np.array(x.shape, np.int64),
    "Shrink": shrink,
    "Sigmoid": sigmoid,
    "Slice": slice_,
    "Softmax": lambda x, **a: np.exp(log_softmax(x, **a)),
    "Softplus": softplus,
    "Softsign": lambda x: x / (1 + np.abs(x)),
    "Sqrt": np.sqrt,
    "Sub": lambda x, y: x - y,
    "Tanh": np.tanh,
    "Transpose": lambda x, **a: x.transpose(a["perm"]),
}


def run(model, inputs):
    values = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    names = [i.name for i in model.graph.input if i.name not in values]
    assert len(names) == len(inputs), f"{len(names)} inputs, {len(inputs)} arrays"
    values.update(zip(names, inputs))
    values[""] = None
    for node in model.graph.node:
        arguments = [values[name] for name in node.input]
        while arguments and arguments[-1] is None:
            arguments.pop()
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        outputs = OPERATORS[node.op_type](*arguments, **attributes)
        for name, value in zip(node.output, outputs if isinstance(outputs, list) else [outputs]):
            values[name] = np.asarray(value)
    return [values[o.name] for o in model.graph.output]


def difference(file):
    model = onnx.load(str(file))
    onnx.checker.check_model(model, full_check=True)
    arrays = {}
    for kind in ("input", "output"):
        files = [file.parent / f"{file.stem}.{kind}_{i}.npy" for i in range(len(getattr(model.graph, kind)))]
        arrays[kind] = [np.load(f) for f in files if f.exists()]
    largest = 0.0
    results = run(model, arrays["input"])
    assert len(results) == len(arrays["output"]), f"{len(results)} outputs, {len(arrays['output'])} arrays"
    for info, result, expected in zip(model.graph.output, results, arrays["output"]):
        assert result.shape == expected.shape, f"shape {result.shape}, expected {expected.shape}"
        stated = helper.mapping.TENSOR_TYPE_TO_NP_TYPE[info.type.tensor_type.elem_type]
        assert result.dtype == stated, f"type {result.dtype}, stated is {stated}"
        if result.dtype.kind != "f":
            assert (result == expected).all(), f"{(result != expected).sum()} integers differ"
        elif result.size:
            largest = max(largest, float((np.abs(result - expected) / np.maximum(1, np.abs(expected))).max()))
    return largest


def main(folder, tolerance=1e-5):
    files = sorted(Path(folder).glob("*.onnx"))
    failed, largest = not files, 0.0
    for file in files:
        try:
            d = difference(file)
            largest = max(largest, d)
            assert d <= float(tolerance), f"differs by {d:.2g}"
        except Exception as error:  # noqa: BLE001, whatever is wrong with a file is reported with its name
            failed = True
            print(f"{file.name}: {error!r}")
    print(f"{len(files)} files, largest difference {largest:.2g}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
