#!/usr/bin/env python3
"""Writes the ONNX files of this folder with Debian's python3-onnx 1.12; the tests compute their outputs by hand.

  /usr/bin/python3 tests/data/onnx/make_files.py
"""
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HERE = Path(__file__).resolve().parent


def save(name, nodes, inputs, outputs, initializers, opset):
    graph = helper.make_graph(nodes, name, inputs, outputs, initializers)
    model = helper.make_model(graph, producer_name="make_files.py", opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = 7
    onnx.checker.check_model(model)
    onnx.save(model, str(HERE / f"{name}.onnx"))


def constant(name, values, dtype=np.float32):
    return numpy_helper.from_array(np.array(values, dtype), name)


# y = relu(x W + b) V + 1: Gemm, and a matrix of float16 behind Cast
save(
    "mlp",
    [
        helper.make_node("Gemm", ["x", "fc1.weight", "fc1.bias"], ["h"], name="first"),
        helper.make_node("Relu", ["h"], ["r"]),
        helper.make_node("Cast", ["half"], ["wide"], to=TensorProto.FLOAT),
        helper.make_node("MatMul", ["r", "wide"], ["p"], name="second"),
        helper.make_node("Add", ["p", "one"], ["y"]),
    ],
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 2])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", 1])],
    [
        constant("fc1.weight", [[1, 0, -1], [0, 2, 1]]),
        constant("fc1.bias", [0.5, 0, -1]),
        constant("half", [[1], [-1], [0.5]], np.float16),
        # as numbers of the message, not as raw bytes
        helper.make_tensor("one", TensorProto.FLOAT, [1], [1.0]),
    ],
    13,
)

# sums of 2 x 2 windows with a row and a column of zeros behind, as TensorFlow pads, then the reshape that torch exports
save(
    "sums",
    [
        helper.make_node("Conv", ["x", "ones"], ["c"], pads=[0, 0, 1, 1], kernel_shape=[2, 2]),
        helper.make_node("Shape", ["c"], ["s"]),
        helper.make_node("Constant", [], ["zero"], value=helper.make_tensor("", TensorProto.INT64, [], [0])),
        helper.make_node("Gather", ["s", "zero"], ["n"], axis=0),
        helper.make_node("Unsqueeze", ["n"], ["n1"], axes=[0]),
        helper.make_node("Constant", [], ["rest"], value=helper.make_tensor("", TensorProto.INT64, [1], [-1])),
        helper.make_node("Concat", ["n1", "rest"], ["shape"], axis=0),
        helper.make_node("Reshape", ["c", "shape"], ["y"]),
    ],
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 1, 3, 3])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", 9])],
    [constant("ones", np.ones((1, 1, 2, 2)))],
    11,
)
