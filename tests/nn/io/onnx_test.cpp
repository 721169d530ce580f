#include "nn/io/onnx.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "base/file.h"
#include "base/protobuf.h"
#include "tests/support/scratch.h"

namespace ludus::io {
namespace {

using test_support::Scratch;

const std::filesystem::path kFiles = LUDUS_TEST_DATA "/onnx";

std::string message_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const FileError& error) {
    return error.what();
  }
  return "no error";
}

OnnxTensor floats(const std::string& name, std::initializer_list<float> values) {
  return onnx_tensor(name, Array::of(values));
}

// A model with every part that is written.
OnnxModel sample() {
  OnnxModel model{.producer_name = "test", .producer_version = "1"};
  model.metadata = {{"key", "value"}};
  model.graph_name = "sample";
  model.nodes.push_back({.op_type = "Op",
                         .inputs = {"x", "", "w"},
                         .outputs = {"y"},
                         .attributes = {{"f", 0.5f},
                                        {"i", std::int64_t{-3}},
                                        {"s", std::string("text")},
                                        {"t", floats("", {1, 2})},
                                        {"fs", std::vector<float>{1, 2}},
                                        {"is", std::vector<std::int64_t>{-1, 5}},
                                        {"ss", std::vector<std::string>{"a", "b"}}},
                         .name = "node",
                         .domain = "custom"});
  model.initializers = {floats("w", {1, -2, 3}), onnx_tensor("n", Array::of<std::int64_t>({-1, 0, 7})),
                        onnx_tensor("s", Array::scalar(2.5)), onnx_tensor("b", Array::of<bool>({true, false}))};
  model.inputs = {{.name = "x", .shape = {{{.name = "batch"}, {.value = 3}, {}}}}};
  model.outputs = {{.name = "y", .type = OnnxType::kInt64}};
  model.values = {{.name = "v", .shape = {{}}}};
  return model;
}

TEST(Onnx, WhatIsWrittenIsReadAgain) {
  const std::string bytes = to_onnx(sample());
  const OnnxModel model = parse_onnx(bytes);
  EXPECT_EQ(to_onnx(model), bytes);
  EXPECT_EQ(model.opset(), 13);
  EXPECT_EQ(model.ir_version, 7);
  EXPECT_EQ(model.metadata, sample().metadata);
  const OnnxNode& node = model.nodes.at(0);
  EXPECT_EQ(node.inputs, (std::vector<std::string>{"x", "", "w"}));
  EXPECT_EQ(std::get<float>(*node.find("f")), 0.5f);
  EXPECT_EQ(std::get<std::int64_t>(*node.find("i")), -3);
  EXPECT_EQ(std::get<std::string>(*node.find("s")), "text");
  EXPECT_EQ(std::get<OnnxTensor>(*node.find("t")).values, Array::of<float>({1, 2}));
  EXPECT_EQ(std::get<std::vector<std::int64_t>>(*node.find("is")), (std::vector<std::int64_t>{-1, 5}));
  EXPECT_EQ(node.find("none"), nullptr);
  EXPECT_EQ(model.initializers[1].values, Array::of<std::int64_t>({-1, 0, 7}));
  EXPECT_EQ(model.initializers[2].values, Array::scalar(2.5));
  EXPECT_EQ(model.inputs[0].shape->at(0), OnnxDimension{.name = "batch"});
  EXPECT_EQ(model.inputs[0].shape->at(1), OnnxDimension{.value = 3});
  EXPECT_FALSE(model.outputs[0].shape);
  EXPECT_TRUE(model.values[0].shape && model.values[0].shape->empty());

  const Scratch scratch;
  write_onnx(scratch / "sample.onnx", model);
  EXPECT_EQ(to_onnx(read_onnx(scratch / "sample.onnx")), bytes);
}

TEST(Onnx, ReadsFilesOfAnotherWriter) {
  const OnnxModel model = read_onnx(kFiles / "mlp.onnx");
  EXPECT_EQ(model.producer_name, "make_files.py");
  EXPECT_EQ(model.nodes.size(), 5u);
  EXPECT_EQ(model.nodes[0].op_type, "Gemm");
  EXPECT_EQ(model.initializers[0].values.shape(), (Shape{2, 3}));
  EXPECT_EQ(model.initializers[2].type, OnnxType::kFloat16);
  EXPECT_EQ(model.initializers[2].values,
            Array::of(std::span<const float>(std::vector<float>{1, -1, 0.5f}), Shape{3, 1}));
  EXPECT_EQ(model.initializers[3].values, Array::of<float>({1}));  // float_data, not raw_data
  EXPECT_EQ(parse_onnx(to_onnx(model)).initializers[2].type, OnnxType::kFloat16);
}

// A tensor message: dims, data_type, and one field of elements.
std::string tensor_of(std::int64_t extent, std::int64_t type, const std::function<void(std::string&)>& elements) {
  std::string message;
  put_tag(message, 1, WireType::kVarint);
  put_varint(message, static_cast<std::uint64_t>(extent));
  put_tag(message, 2, WireType::kVarint);
  put_varint(message, static_cast<std::uint64_t>(type));
  put_bytes(message, 8, "t");
  elements(message);
  return message;
}

void put_packed(std::string& message, std::uint32_t field, std::initializer_list<std::uint64_t> values) {
  std::string packed;
  for (const std::uint64_t value : values) put_varint(packed, value);
  put_bytes(message, field, packed);
}

// 0x3C00 is 1 and 0xC000 -2 as float16; 0x3FC0 is 1.5 as bfloat16.
TEST(Onnx, ElementsAreReadFromTheFieldOfTheirType) {
  EXPECT_EQ(parse_onnx_tensor(tensor_of(2, 10,
                                        [](auto& m) {
                                          put_packed(m, 5, {0x3C00, 0xC000});
                                        }))
                .values,
            Array::of<float>({1, -2}));
  EXPECT_EQ(parse_onnx_tensor(tensor_of(1, 16, [](auto& m) { put_packed(m, 5, {0x3FC0}); })).values,
            Array::of<float>({1.5f}));
  EXPECT_EQ(parse_onnx_tensor(tensor_of(2, 3,
                                        [](auto& m) {
                                          put_packed(m, 5, {5, ~std::uint64_t{0}});
                                        }))
                .values,
            Array::of<std::int8_t>({5, -1}));
  EXPECT_EQ(parse_onnx_tensor(tensor_of(2, 9,
                                        [](auto& m) {
                                          put_packed(m, 5, {1, 0});
                                        }))
                .values,
            Array::of<bool>({true, false}));
  EXPECT_EQ(parse_onnx_tensor(tensor_of(1, 13, [](auto& m) { put_packed(m, 11, {1ull << 63}); })).values,
            Array::of<std::uint64_t>({1ull << 63}));
  EXPECT_EQ(
      parse_onnx_tensor(tensor_of(1, 11, [](auto& m) { put_bytes(m, 9, std::string("\0\0\0\0\0\0\xf8\x3f", 8)); }))
          .values,
      Array::of<double>({1.5}));
  EXPECT_EQ(parse_onnx_tensor(tensor_of(0, 1, [](auto&) {})).values.size(), 0u);
}

TEST(Onnx, InvalidTensorsAreOneSentence) {
  const auto message = [](std::int64_t extent, std::int64_t type, const std::function<void(std::string&)>& elements) {
    return message_of([&] { parse_onnx_tensor(tensor_of(extent, type, elements), "x.pb"); });
  };
  const auto raw = [](std::size_t count) {
    return [count](std::string& m) { put_bytes(m, 9, std::string(count, '\0')); };
  };
  EXPECT_EQ(message(3, 1, raw(8)), "x.pb: byte 0: tensor \"t\": its shape has 3 elements, and 2 are stored");
  EXPECT_EQ(message(1ll << 62, 1, raw(8)),
            "x.pb: byte 0: tensor \"t\": its shape has more than 2^40 elements, and 2 are stored");
  EXPECT_EQ(message(-2, 1, raw(8)), "x.pb: byte 0: tensor \"t\": each extent must be 0 or more, got -2");
  EXPECT_EQ(message(1, 1, raw(3)), "x.pb: byte 0: tensor \"t\": raw_data must be elements of 4 bytes, got 3 bytes");
  EXPECT_EQ(message(1, 8, raw(4)),
            "x.pb: byte 0: tensor \"t\": the type of the elements must be a number type or bool, got type 8");
  EXPECT_EQ(message(1, 99, raw(4)),
            "x.pb: byte 0: tensor \"t\": the type of the elements must be a number type or bool, got type 99");
  EXPECT_EQ(message(1, 1, [](auto& m) { put_packed(m, 7, {1}); }),
            "x.pb: byte 0: tensor \"t\": its elements are stored in the field of another type");
  EXPECT_EQ(message(1, 7, [&](auto& m) { put_packed(m, 7, {1}), put_bytes(m, 9, std::string(8, '\0')); }),
            "x.pb: byte 0: tensor \"t\": its elements are stored twice");
  EXPECT_EQ(
      message(1, 1, [](auto& m) { put_bytes(m, 13, ""); }),
      "x.pb: byte 0: tensor \"t\": its elements are in another file (external data), which is not supported; save the "
      "model in one file");
  EXPECT_EQ(message(1, 1, [](auto& m) { put_bytes(m, 6, "text"); }),
            "x.pb: byte 0: tensor \"t\": elements must be numbers, got strings");
  EXPECT_EQ(message(1, 1, [](auto& m) { put_bytes(m, 2, "text"); }),
            "x.pb: byte 0: TensorProto: the field data_type must be an integer");
}

TEST(Onnx, InvalidModelsAreOneSentence) {
  EXPECT_EQ(message_of([] { parse_onnx("", "m.onnx"); }),
            "m.onnx: an ONNX model must have a graph, got none in 0 bytes");
  OnnxModel model = sample();
  model.opsets.clear();
  EXPECT_EQ(message_of([&] { parse_onnx(to_onnx(model), "m.onnx"); }),
            "m.onnx: an ONNX model must state the version of its operators (opset_import)");
  EXPECT_NE(message_of([] { parse_onnx("not a model", "m.onnx"); }).find("m.onnx: byte 0: ModelProto: "),
            std::string::npos);

  // an attribute that holds a graph: type GRAPH is 5
  std::string attribute, node, graph, bytes;
  put_bytes(attribute, 1, "body");
  put_tag(attribute, 20, WireType::kVarint);
  put_varint(attribute, 5);
  put_bytes(node, 3, "loop");
  put_bytes(node, 4, "Loop");
  put_bytes(node, 5, attribute);
  put_bytes(graph, 1, node);
  put_bytes(bytes, 7, graph);
  EXPECT_EQ(message_of([&] { parse_onnx(bytes, "m.onnx"); }),
            "m.onnx: byte 18: node \"loop\" (Loop): attribute \"body\": the type must be FLOAT, INT, STRING, TENSOR, "
            "FLOATS, INTS "
            "or STRINGS, got type 5; subgraphs and lists of tensors are not supported");
  EXPECT_THROW(read_onnx(kFiles / "no_such_file.onnx"), FileError);
}

// Cut anywhere, a file gives an error that begins with its name, or is whole without what follows.
TEST(Onnx, EveryTruncationIsAnError) {
  const std::string bytes = to_onnx(sample());
  std::size_t readable = 0;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    try {
      parse_onnx(std::string_view(bytes).substr(0, size), "m.onnx");
      ++readable;
    } catch (const FileError& error) {
      EXPECT_TRUE(std::string_view(error.what()).starts_with("m.onnx: ")) << error.what();
    }
  }
  EXPECT_EQ(readable, 1u);  // without the metadata, which come last
}

// Any single byte replaced by any of a few values: an error or a model, no crash.
TEST(Onnx, DamagedBytesDoNotCrash) {
  const std::string bytes = read_text(kFiles / "mlp.onnx");
  std::size_t rejected = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (const char value : {'\x00', '\x7f', '\x80', '\xff'}) {
      std::string damaged = bytes;
      damaged[i] = value;
      try {
        parse_onnx(damaged);
      } catch (const FileError&) {
        ++rejected;
      }
    }
  }
  EXPECT_GT(rejected, bytes.size());
}

TEST(Onnx, TensorsAreWrittenInTheirType) {
  OnnxModel model = sample();
  model.initializers = {{.name = "w", .type = OnnxType::kInt64, .values = Array::of<float>({1})}};
  EXPECT_THROW(to_onnx(model), InvalidArgument);
}

}  // namespace
}  // namespace ludus::io
