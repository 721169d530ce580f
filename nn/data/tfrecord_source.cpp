#include "nn/data/tfrecord_source.h"

#include <cstring>
#include <limits>
#include <memory>

#include "base/format.h"
#include "nn/data/steps.h"
#include "nn/io/tfrecord.h"

namespace ludus::data {
namespace {

enum class Content : std::uint8_t { kBytes, kTfExample };

class TfRecordStage final : public Stage {
 public:
  TfRecordStage(const std::filesystem::path& path, const TfRecordOptions& options, Content content)
      : reader_(path, options.compression),
        broken_(options.broken),
        content_(content),
        file_(std::make_shared<const std::string>(path.string())) {}

  bool next(Example& example) override { return advance(&example); }

  std::uint64_t skip(std::uint64_t count) override {
    // which records are left out only their conversion tells
    const bool convert = broken_.action == BrokenRecords::Action::kSkip && content_ == Content::kTfExample;
    Example ignored;
    std::uint64_t skipped = 0;
    while (skipped < count && advance(convert ? &ignored : nullptr)) ++skipped;
    return skipped;
  }

 private:
  // Reads up to the next record that is not broken, and converts it if `example` is not null.
  bool advance(Example* example) {
    while (!ended_) {
      std::string_view record;
      try {
        if (!reader_.next(record)) break;
      } catch (const io::BrokenRecord& error) {
        rethrow_or_report(broken_, error);
        ended_ = error.last();
        continue;
      }
      if (!example) return true;
      const Origin origin{.file = file_, .number = reader_.records() - 1, .unit = Origin::Unit::kRecord};
      try {
        *example = converted(record);
      } catch (FileError& error) {
        error.prepend(origin.text());
        rethrow_or_report(broken_, error);
        continue;
      }
      example->origin = origin;
      return true;
    }
    ended_ = true;
    return false;
  }

  Example converted(std::string_view record) const {
    if (content_ == Content::kTfExample) return to_example(io::parse_tf_example(record));
    return {{"record", std::string(record)}};
  }

  io::TfRecordReader reader_;
  const BrokenRecords& broken_;
  Content content_;
  std::shared_ptr<const std::string> file_;
  bool ended_ = false;
};

class TfRecordNode final : public Node {
 public:
  TfRecordNode(std::filesystem::path path, std::shared_ptr<const TfRecordOptions> options, Content content)
      : path_(std::move(path)), options_(std::move(options)), content_(content) {
    TfRecordStage(path_, *options_, content_);  // complain about a missing file now
  }
  StagePtr open(const Pass&) const override { return std::make_unique<TfRecordStage>(path_, *options_, content_); }
  std::string order() const override { return text(); }
  std::string key() const override { return formatted("{}({})", text(), file_key(path_.string())); }
  std::string varies() const override { return {}; }

 private:
  std::string text() const {
    return formatted("{}{}", content_ == Content::kBytes ? "tfrecord" : "tf_example",
                     options_->broken.action == BrokenRecords::Action::kSkip ? " skipping broken" : "");
  }
  std::filesystem::path path_;
  std::shared_ptr<const TfRecordOptions> options_;
  Content content_;
};

Dataset from_records(const std::vector<std::filesystem::path>& paths, TfRecordOptions options, Content content) {
  const auto shared = std::make_shared<const TfRecordOptions>(std::move(options));
  std::vector<Dataset> datasets;
  for (const auto& path : paths) datasets.emplace_back(std::make_shared<TfRecordNode>(path, shared, content));
  return concatenate(datasets);
}

[[noreturn]] void not_a_feature(const std::string& name, const Value& value) {
  throw TypeMismatch(
      formatted("field \"{}\": tf.Example holds byte strings, numbers and their lists, not {}; convert it by a "
                "map()",
                name, value.describe()));
}

io::Feature feature_of(const std::string& name, const Value& value) {
  if (value.is_null()) return std::monostate();
  if (value.is_string()) return io::BytesList{value.as_string()};
  if (value.is_bool()) return io::Int64List{value.as_bool() ? 1 : 0};
  if (value.is_int()) return io::Int64List{value.as_int()};
  if (value.is_double()) return io::FloatList{static_cast<float>(value.as_double())};
  if (value.is_list()) {
    io::BytesList texts;
    for (const Value& element : value.as_list()) {
      if (!element.is_string()) not_a_feature(name, value);
      texts.push_back(element.as_string());
    }
    return texts;
  }
  if (!value.is_array()) not_a_feature(name, value);

  const Array& array = value.as_array();
  if (is_floating(array.dtype())) {
    const Array floats = array.cast(DType::kFloat32);
    return io::FloatList(floats.data<float>().begin(), floats.data<float>().end());
  }
  if (array.dtype() == DType::kUInt64) {
    for (const std::uint64_t number : array.data<std::uint64_t>()) {
      if (number <= std::numeric_limits<std::int64_t>::max()) continue;
      throw TypeMismatch(formatted("field \"{}\": tf.Example holds integers below 2^63, got {}", name, number));
    }
  }
  const Array integers = array.cast(DType::kInt64);
  return io::Int64List(integers.data<std::int64_t>().begin(), integers.data<std::int64_t>().end());
}

}  // namespace

Dataset from_tfrecord(const std::vector<std::filesystem::path>& paths, TfRecordOptions options) {
  return from_records(paths, std::move(options), Content::kBytes);
}
Dataset from_tfrecord(const std::filesystem::path& path, TfRecordOptions options) {
  return from_records({path}, std::move(options), Content::kBytes);
}
Dataset from_tf_example(const std::vector<std::filesystem::path>& paths, TfRecordOptions options) {
  return from_records(paths, std::move(options), Content::kTfExample);
}
Dataset from_tf_example(const std::filesystem::path& path, TfRecordOptions options) {
  return from_records({path}, std::move(options), Content::kTfExample);
}

Example to_example(const io::TfExample& features) {
  Example example;
  for (const auto& [name, feature] : features) {
    Value& field = example[name];
    if (const auto* bytes = std::get_if<io::BytesList>(&feature)) {
      if (bytes->size() == 1) {
        field = bytes->front();
      } else {
        List list;
        for (const std::string& value : *bytes) list.emplace_back(value);
        field = std::move(list);
      }
    } else if (const auto* floats = std::get_if<io::FloatList>(&feature)) {
      field = Array::of(std::span<const float>(*floats));
    } else if (const auto* integers = std::get_if<io::Int64List>(&feature)) {
      field = Array::of(std::span<const std::int64_t>(*integers));
    }
  }
  return example;
}

io::TfExample to_features(const Example& example) {
  io::TfExample features;
  for (const auto& [name, value] : example) features.emplace_back(name, feature_of(name, value));
  return features;
}

Array decode_raw(std::string_view bytes, DType dtype, const Shape& shape) {
  Array array(dtype, shape);
  if (array.bytes().size() != bytes.size()) {
    throw InvalidArgument(formatted("decode_raw: an array of {} of shape {} has {} bytes, got {}", name_of(dtype),
                                    shape.to_string(), array.bytes().size(), bytes.size()));
  }
  if (!bytes.empty()) std::memcpy(array.bytes().data(), bytes.data(), bytes.size());
  if (dtype == DType::kBool) {
    for (std::byte& byte : array.bytes()) byte = byte == std::byte{0} ? std::byte{0} : std::byte{1};
  }
  return array;
}

}  // namespace ludus::data
