#include "runs/tensorboard.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <limits>
#include <map>

#include "base/checkpoint.h"
#include "base/crc32c.h"
#include "base/file.h"
#include "base/value_io.h"
#include "runs/metrics_log.h"
#include "tests/runs/fake_training.h"
#include "tests/support/scratch.h"

namespace ludus::runs {
namespace {

using test_support::Scratch;

// A second reader of event files, which checks every sum: (step, tag, value) of each scalar.
struct Scalar {
  std::int64_t step;
  std::string tag;
  float value;
  friend bool operator==(const Scalar&, const Scalar&) = default;
};

std::uint64_t varint(std::string_view data, std::size_t& at) {
  std::uint64_t number = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<std::uint8_t>(data.at(at++));
    number |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (!(byte & 0x80)) return number;
  }
}

template <class F>
void each_field(std::string_view data, F&& visit) {
  for (std::size_t at = 0; at < data.size();) {
    const std::uint64_t tag = varint(data, at);
    std::uint64_t number = 0;
    std::string_view bytes;
    switch (tag & 7) {
      case 0: number = varint(data, at); break;
      case 1: bytes = data.substr(at, 8), at += 8; break;
      case 2: {
        const std::uint64_t size = varint(data, at);
        bytes = data.substr(at, size), at += size;
        break;
      }
      case 5: bytes = data.substr(at, 4), at += 4; break;
      default: FAIL() << "a wire type that events do not have";
    }
    visit(static_cast<int>(tag >> 3), number, bytes);
  }
}

std::vector<Scalar> read_events(const std::filesystem::path& path) {
  const std::string file = read_text(path);
  const auto mask = [](std::uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xA282EAD8u; };
  std::vector<Scalar> scalars;
  for (std::size_t at = 0; at < file.size();) {
    std::uint64_t length = 0;
    std::uint32_t length_crc = 0, data_crc = 0;
    std::memcpy(&length, file.data() + at, 8);
    std::memcpy(&length_crc, file.data() + at + 8, 4);
    EXPECT_EQ(length_crc, mask(crc32c(std::string_view(file).substr(at, 8))));
    const std::string_view data = std::string_view(file).substr(at + 12, length);
    std::memcpy(&data_crc, file.data() + at + 12 + length, 4);
    EXPECT_EQ(data_crc, mask(crc32c(data)));
    at += 16 + length;

    std::int64_t step = 0;
    each_field(data, [&](int field, std::uint64_t number, std::string_view bytes) {
      if (field == 2) step = static_cast<std::int64_t>(number);
      if (field != 5) return;
      each_field(bytes, [&](int, std::uint64_t, std::string_view value) {
        Scalar scalar{step, "", 0};
        each_field(value, [&](int part, std::uint64_t, std::string_view content) {
          if (part == 1) scalar.tag = content;
          if (part == 2) std::memcpy(&scalar.value, content.data(), 4);
        });
        scalars.push_back(scalar);
      });
    });
  }
  return scalars;
}

TEST(TensorBoard, ScalarsAreReadBackAndCutBack) {
  const Scratch folder;
  std::filesystem::path file;
  {
    TensorBoardWriter writer(folder.path(), [] { return 1700000000.5; });
    writer.append(1000, {{"train/loss", 0.25}, {"rollout/ep_rew_mean", 20}});
    writer.append(300000, {{"train/loss", 0.125}});
    writer.flush();
    file = writer.path();
  }
  EXPECT_EQ(file.filename(), "events.out.tfevents.1700000000.ludus");
  const std::vector<Scalar> all{
      {1000, "rollout/ep_rew_mean", 20}, {1000, "train/loss", 0.25f}, {300000, "train/loss", 0.125f}};
  EXPECT_EQ(read_events(file), all);

  // a kill leaves a record half written
  const std::string whole = read_text(file);
  std::ofstream(file, std::ios::app | std::ios::binary) << whole.substr(0, 15);
  TensorBoardWriter again(folder.path(), [] { return 1800000000.0; });
  EXPECT_EQ(again.path(), file);
  EXPECT_EQ(again.rows(), 2);
  again.truncate_to(1);
  again.append(2000, {{"train/loss", 1}});
  again.flush();
  EXPECT_EQ(read_events(file), (std::vector<Scalar>{all[0], all[1], {2000, "train/loss", 1}}));
  EXPECT_THROW(again.truncate_to(9), FileError);
}

TEST(TensorBoard, ATemporaryFileOfAKilledProcessDoesNotCount) {
  const Scratch folder;
  std::ofstream(folder / "events.out.tfevents.1600000000.ludus.tmp4711") << "half";
  const TensorBoardWriter first(folder.path(), [] { return 1700000000.0; });
  EXPECT_EQ(first.path().filename(), "events.out.tfevents.1700000000.ludus");
  // of two finished files always the same
  std::filesystem::copy_file(first.path(), folder / "events.out.tfevents.1800000000.ludus");
  EXPECT_EQ(TensorBoardWriter(folder.path(), [] { return 1900000000.0; }).path(), first.path());
}

// Bytes that no kill can have left: the file is kept as it is, and named.
TEST(TensorBoard, ADamagedFileIsNotTruncated) {
  const Scratch folder;
  std::filesystem::path file;
  {
    TensorBoardWriter writer(folder.path(), [] { return 1700000000.5; });
    writer.append(1000, {{"train/loss", 0.25}});
    writer.flush();
    file = writer.path();
  }
  const std::string whole = read_text(file);
  for (const std::size_t place : {std::size_t{3}, std::size_t{9}, whole.size() - 7, whole.size() - 1}) {
    std::string damaged = whole;
    damaged[place] = static_cast<char>(damaged[place] ^ 0x10);
    std::ofstream(file, std::ios::binary) << damaged;
    EXPECT_THROW(TensorBoardWriter(folder.path(), [] { return 1800000000.0; }), FileError) << place;
    EXPECT_EQ(read_text(file), damaged);
  }
}

// --- messages, decoded by the reader of this file

struct Field {
  int id;
  std::uint64_t number;
  std::string bytes;
};

std::vector<Field> fields_of(std::string_view message) {
  std::vector<Field> fields;
  each_field(message, [&](int id, std::uint64_t number, std::string_view bytes) {
    fields.push_back({id, number, std::string(bytes)});
  });
  return fields;
}

// All fields `id` of a message.
std::vector<Field> all(std::string_view message, int id) {
  std::vector<Field> fields = fields_of(message);
  std::erase_if(fields, [&](const Field& field) { return field.id != id; });
  return fields;
}

// The only field at the end of a path of fields: {5, 1} is the value of the summary of an event.
Field only(std::string_view message, const std::vector<int>& path) {
  Field field{0, 0, std::string(message)};
  for (const int id : path) {
    const std::vector<Field> found = all(field.bytes, id);
    EXPECT_EQ(found.size(), 1u) << "field " << id;
    if (found.empty()) return {};
    field = found[0];
  }
  return field;
}

template <class Number>
Number number_of(const Field& field) {
  Number number{};
  EXPECT_EQ(field.bytes.size(), sizeof number);
  std::memcpy(&number, field.bytes.data(), std::min(field.bytes.size(), sizeof number));
  return number;
}

std::vector<double> doubles_of(const Field& field) {
  std::vector<double> numbers(field.bytes.size() / sizeof(double));
  std::memcpy(numbers.data(), field.bytes.data(), numbers.size() * sizeof(double));
  return numbers;
}

// The data of every record, whose checksums are right.
std::vector<std::string> events_of(const std::filesystem::path& path) {
  const std::string file = read_text(path);
  const auto mask = [](std::uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xA282EAD8u; };
  std::vector<std::string> events;
  for (std::size_t at = 0; at < file.size();) {
    std::uint64_t length = 0;
    std::uint32_t length_crc = 0, data_crc = 0;
    std::memcpy(&length, file.data() + at, 8);
    std::memcpy(&length_crc, file.data() + at + 8, 4);
    EXPECT_EQ(length_crc, mask(crc32c(std::string_view(file).substr(at, 8))));
    events.push_back(file.substr(at + 12, length));
    std::memcpy(&data_crc, file.data() + at + 12 + length, 4);
    EXPECT_EQ(data_crc, mask(crc32c(events.back())));
    at += 16 + length;
  }
  return events;
}

// Writes by `write`, and returns the events behind that of the version.
template <class Write>
std::vector<std::string> written_events(Write write) {
  const Scratch folder;
  TensorBoardWriter writer(folder.path(), [] { return 1700000000.5; });
  write(writer);
  writer.flush();
  std::vector<std::string> events = events_of(writer.path());
  EXPECT_EQ(only(events[0], {3}).bytes, "brain.Event:2");
  for (const std::string& event : events) EXPECT_EQ(number_of<double>(only(event, {1})), 1700000000.5);
  events.erase(events.begin());
  EXPECT_EQ(static_cast<std::int64_t>(events.size()), writer.rows());
  return events;
}

TEST(TensorBoard, Histograms) {
  // 1.1^k · 10⁻¹²: 0.5 lies below the edge 0.5199…, 0 below the smallest positive edge
  const std::vector<float> numbers{
      0.5f, -2.0f, 0.5f, 0.0f, std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()};
  const auto events = written_events([&](TensorBoardWriter& writer) {
    const std::pair<std::string, Histogram> entries[] = {{"weights/a", Histogram::of(numbers)},
                                                         {"weights/empty", Histogram::of({})}};
    writer.append_summary(7, histogram_summary(entries));
  });
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(only(events[0], {2}).number, 7u);
  const auto values = all(only(events[0], {5}).bytes, 1);
  ASSERT_EQ(values.size(), 2u);
  EXPECT_EQ(only(values[0].bytes, {1}).bytes, "weights/a");
  const std::string histogram = only(values[0].bytes, {5}).bytes;
  EXPECT_EQ(number_of<double>(only(histogram, {1})), -2.0);
  EXPECT_EQ(number_of<double>(only(histogram, {2})), 0.5);
  EXPECT_EQ(number_of<double>(only(histogram, {3})), 4.0);
  EXPECT_EQ(number_of<double>(only(histogram, {4})), -1.0);
  EXPECT_EQ(number_of<double>(only(histogram, {5})), 4.5);
  const std::vector<double> edges = doubles_of(only(histogram, {6})), counts = doubles_of(only(histogram, {7}));
  ASSERT_EQ(edges.size(), counts.size());
  double total = 0;
  for (std::size_t i = 0; i < edges.size(); ++i) {
    const double left = i == 0 ? -1e300 : edges[i - 1];
    double expected = 0;
    for (const double x : {0.5, -2.0, 0.5, 0.0}) expected += x >= left && x < edges[i];
    EXPECT_EQ(counts[i], expected) << edges[i];
    EXPECT_LT(left, edges[i]);
    total += counts[i];
  }
  EXPECT_EQ(total, 4.0);
  EXPECT_EQ(counts.front(), 1.0);
  EXPECT_EQ(counts.back(), 2.0);
  EXPECT_NEAR(edges.back() / (edges[edges.size() - 2]), 1.1, 1e-9);
  EXPECT_EQ(only(only(values[1].bytes, {5}).bytes, {6}).bytes, "");
}

TEST(TensorBoard, ImagesArePngFiles) {
  // 3 x 5 pixels: two red ones, black, two blue ones; black; two red ones, black
  const SummaryImage colours{.height = 3, .width = 5, .pixels = {255, 0, 0, 254, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0, 253,
                                                                 0,   0, 0, 0,   0, 0, 0, 0, 0, 0, 0, 0,   0, 0, 0,
                                                                 255, 0, 0, 254, 0, 0, 0, 0, 0, 0, 0, 0,   0, 0, 0}};
  const auto events =
      written_events([&](TensorBoardWriter& writer) { writer.append_summary(3, image_summary("samples", colours)); });
  const std::string value = only(events.at(0), {5, 1}).bytes;
  EXPECT_EQ(only(value, {1}).bytes, "samples");
  const std::string image = only(value, {4}).bytes;
  EXPECT_EQ(only(image, {1}).number, 3u);
  EXPECT_EQ(only(image, {2}).number, 5u);
  EXPECT_EQ(only(image, {3}).number, 3u);

  // signature, then chunks of length, type, data and their CRC-32
  const std::string png = only(image, {4}).bytes;
  ASSERT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1a\n");
  std::string types, data;
  for (std::size_t at = 8; at < png.size();) {
    const auto big_endian = [&](std::size_t from) {
      std::uint32_t number = 0;
      for (std::size_t i = 0; i < 4; ++i) number = number << 8 | static_cast<std::uint8_t>(png.at(from + i));
      return number;
    };
    const std::size_t size = big_endian(at);
    const std::string chunk = png.substr(at + 4, 4 + size);
    EXPECT_EQ(big_endian(at + 8 + size),
              crc32(0, reinterpret_cast<const Bytef*>(chunk.data()), static_cast<uInt>(chunk.size())));
    types += chunk.substr(0, 4) + " ";
    if (chunk.starts_with("IHDR")) {
      EXPECT_EQ(chunk.substr(4), std::string("\0\0\0\5\0\0\0\3\10\2\0\0\0", 13));
    }
    if (chunk.starts_with("IDAT")) data = chunk.substr(4);
    at += 12 + size;
  }
  EXPECT_EQ(types, "IHDR IDAT IEND ");
  std::string rows(100, '?');
  uLongf size = rows.size();
  ASSERT_EQ(uncompress(reinterpret_cast<Bytef*>(rows.data()), &size, reinterpret_cast<const Bytef*>(data.data()),
                       static_cast<uLong>(data.size())),
            Z_OK);
  const std::string r("\xff\0\0\xfe\0\0", 6), b("\0\0\xff\0\0\xfd", 6), black(3, '\0'), filter(1, '\0');
  EXPECT_EQ(rows.substr(0, size),
            filter + r + black + b + filter + std::string(15, '\0') + filter + r + std::string(9, '\0'));

  EXPECT_THROW(png_of({.height = 2, .width = 2, .pixels = {1, 2, 3}}), InvalidArgument);
}

TEST(TensorBoard, Texts) {
  const auto events =
      written_events([](TensorBoardWriter& writer) { writer.append_summary(4, text_summary("notes", "**bold**")); });
  const std::string value = only(events.at(0), {5, 1}).bytes;
  EXPECT_EQ(only(value, {1}).bytes, "notes");
  EXPECT_EQ(only(value, {8, 1}).number, 7u);        // DT_STRING
  EXPECT_EQ(only(value, {8, 2, 2, 1}).number, 1u);  // of shape (1)
  EXPECT_EQ(only(value, {8, 8}).bytes, "**bold**");
  EXPECT_EQ(only(value, {9, 1, 1}).bytes, "text");
}

TEST(TensorBoard, Hyperparameters) {
  const Dict settings{{"algorithm", "dqn"},     {"learning_rate", 0.25}, {"double_q", true},
                      {"hidden", List{64, 32}}, {"max", Value()},        {"steps", 1000}};
  const auto events = written_events([&](TensorBoardWriter& writer) {
    writer.append_summary(0, experiment_summary(settings, {"eval/mean_reward"}, 12.5));
    writer.append_summary(0, session_start_summary(settings, 13.5));
    writer.append_summary(900, session_end_summary(SessionStatus::kSuccess, 14.5));
  });
  ASSERT_EQ(events.size(), 3u);
  const auto content = [&](std::size_t i, const char* tag, int field) {
    const std::string value = only(events[i], {5, 1}).bytes;
    EXPECT_EQ(only(value, {1}).bytes, tag);
    EXPECT_EQ(only(value, {9, 1, 1}).bytes, "hparams");
    EXPECT_EQ(only(value, {8, 1}).number, 1u);
    return only(value, {9, 1, 2, field}).bytes;
  };
  const std::string experiment = content(0, "_hparams_/experiment", 2);
  EXPECT_EQ(number_of<double>(only(experiment, {3})), 12.5);
  std::string infos;
  for (const Field& info : all(experiment, 4)) {
    infos += only(info.bytes, {1}).bytes + ":" + std::to_string(only(info.bytes, {4}).number) + " ";
  }
  EXPECT_EQ(infos, "algorithm:1 learning_rate:3 double_q:2 hidden:1 steps:3 ");
  EXPECT_EQ(only(experiment, {5, 1, 2}).bytes, "eval/mean_reward");

  const std::string session = content(1, "_hparams_/session_start_info", 3);
  EXPECT_EQ(number_of<double>(only(session, {5})), 13.5);
  std::map<std::string, std::string> values;
  for (const Field& entry : all(session, 1)) {
    const Field value = fields_of(only(entry.bytes, {2}).bytes).at(0);
    values[only(entry.bytes, {1}).bytes] = value.id == 2   ? std::to_string(number_of<double>(value))
                                           : value.id == 4 ? (value.number ? "true" : "false")
                                                           : value.bytes;
  }
  EXPECT_EQ(values, (std::map<std::string, std::string>{{"algorithm", "dqn"},
                                                        {"learning_rate", "0.250000"},
                                                        {"double_q", "true"},
                                                        {"hidden", "[64,32]"},
                                                        {"steps", "1000.000000"}}));
  const std::string end = content(2, "_hparams_/session_end_info", 4);
  EXPECT_EQ(only(end, {1}).number, 1u);
  EXPECT_EQ(number_of<double>(only(end, {2})), 14.5);
}

TEST(TensorBoard, Graphs) {
  const auto events = written_events([](TensorBoardWriter& writer) {
    const GraphNode nodes[] = {{.name = "image", .op = "Placeholder", .output_shape = {-1, 3}},
                               {.name = "head/dense",
                                .op = "dense",
                                .inputs = {"image"},
                                .output_shape = {-1, 2},
                                .attributes = {{"units", "2"}}}};
    writer.append_graph(nodes);
  });
  const std::string graph = only(events.at(0), {4}).bytes;
  EXPECT_GT(only(graph, {4, 1}).number, 0u);
  const auto nodes = all(graph, 1);
  ASSERT_EQ(nodes.size(), 2u);
  EXPECT_EQ(only(nodes[0].bytes, {1}).bytes, "image");
  EXPECT_EQ(only(nodes[0].bytes, {2}).bytes, "Placeholder");
  EXPECT_EQ(only(nodes[1].bytes, {1}).bytes, "head/dense");
  EXPECT_EQ(only(nodes[1].bytes, {3}).bytes, "image");
  const auto attributes = all(nodes[1].bytes, 5);
  ASSERT_EQ(attributes.size(), 2u);
  EXPECT_EQ(only(attributes[0].bytes, {1}).bytes, "_output_shapes");
  const auto extents = all(only(attributes[0].bytes, {2, 1, 7}).bytes, 2);
  ASSERT_EQ(extents.size(), 2u);
  EXPECT_EQ(static_cast<std::int64_t>(only(extents[0].bytes, {1}).number), -1);
  EXPECT_EQ(only(extents[1].bytes, {1}).number, 2u);
  EXPECT_EQ(only(attributes[1].bytes, {1}).bytes, "units");
  EXPECT_EQ(only(attributes[1].bytes, {2, 2}).bytes, "2");
}

TEST(TensorBoard, TestReaderReadsPyTorchsFile) {
  // proves the test's reader, and with it the checksums, on a file that SummaryWriter wrote
  const char* folder = std::getenv("LUDUS_DATA_DIR");
  const std::filesystem::path data = folder ? folder : std::filesystem::path(LUDUS_SOURCE_DIR) / "../shared/data";
  const auto sample = data / "formats/tfevents";
  if (!std::filesystem::exists(sample)) GTEST_SKIP() << "skipped: no data";
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(sample)) {
    if (entry.path().extension() != ".json") continue;
    const Value expected = from_json(read_text(entry.path()));
    const std::vector<std::string> events = events_of(std::filesystem::path(entry.path()).replace_extension());
    ASSERT_EQ(events.size(), expected.as_list().size());
    for (std::size_t i = 0; i < events.size(); ++i) {
      const Dict& event = expected.as_list()[i].as_dict();
      EXPECT_NEAR(number_of<double>(only(events[i], {1})), event.at("wall_time").as_double(), 1e-6);
      const auto steps = all(events[i], 2);
      EXPECT_EQ(steps.empty() ? 0 : static_cast<std::int64_t>(steps[0].number), event.at("step").as_int());
      if (const Value* version = event.find("file_version")) {
        EXPECT_EQ(only(events[i], {3}).bytes, version->as_string());
      }
      const Value* values = event.find("values");
      const auto summaries = all(events[i], 5);
      ASSERT_EQ(summaries.size(), values ? 1u : 0u);
      if (!values) continue;
      const auto written = all(summaries[0].bytes, 1);
      ASSERT_EQ(written.size(), values->as_list().size());
      for (std::size_t k = 0; k < written.size(); ++k) {
        const Dict& value = values->as_list()[k].as_dict();
        EXPECT_EQ(only(written[k].bytes, {1}).bytes, value.at("tag").as_string());
        EXPECT_EQ(number_of<float>(only(written[k].bytes, {2})),
                  static_cast<float>(value.at("simple_value").as_double()));
      }
    }
    ++files;
  }
  EXPECT_GT(files, 0u);
}

// The settings of a training: at its start once, and at its end, which a checkpoint does not count.
TEST(MetricsLog, HyperparametersFrameATraining) {
  const Scratch folder;
  FakeTraining training;
  const auto tags_of_events = [&](const MetricsLog& log) {
    std::string tags;
    auto events = events_of(const_cast<MetricsLog&>(log).events().path());
    for (std::size_t i = 1; i < events.size(); ++i) {
      tags += only(events[i], {5, 1, 1}).bytes + " ";
    }
    return tags;
  };
  Checkpoint checkpoint;
  {
    MetricsLog log(folder.path(), {"train/loss"}, 1, {.hyperparameters = {{"learning_rate", 0.5}}});
    log.on_start(training);
    log.flush();
    EXPECT_EQ(tags_of_events(log), "_hparams_/experiment _hparams_/session_start_info ");
    log.on_end(training);
    EXPECT_EQ(tags_of_events(log), "_hparams_/experiment _hparams_/session_start_info _hparams_/session_end_info ");
    StateWriter writer(checkpoint.writer("log"));
    log.write_state(writer);
  }
  MetricsLog log(folder.path(), {"train/loss"}, 1, {.hyperparameters = {{"learning_rate", 0.5}}});
  StateReader reader(checkpoint.reader("log"));
  log.read_state(reader);
  reader.commit();
  log.on_start(training);
  log.flush();
  EXPECT_EQ(tags_of_events(log), "_hparams_/experiment _hparams_/session_start_info ");

  // an interrupted training has not ended
  training.request_stop({StopReason::Kind::kInterrupted, "interrupted"});
  log.on_end(training);
  EXPECT_EQ(tags_of_events(log), "_hparams_/experiment _hparams_/session_start_info ");
}

}  // namespace
}  // namespace ludus::runs
