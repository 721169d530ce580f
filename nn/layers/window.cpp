#include "nn/layers/window.h"

#include <algorithm>

#include "base/fields.h"
#include "base/format.h"

namespace ludus::nn {

void read_field(const Value& value, Padding& field) {
  if (!value.is_string()) {
    std::vector<std::int64_t> sizes;
    ludus::read_field(value, sizes);
    field = Padding::of(std::move(sizes));
    return;
  }
  const std::string& name = value.as_string();
  if (name != "valid" && name != "same") {
    throw InvalidArgument(formatted(
        "padding must be \"valid\", \"same\" or the padding of every dimension, such as [1, 1], got \"{}\"", name));
  }
  field = name == "same" ? Padding::same() : Padding::valid();
}

Value show_field(const Padding& field) {
  switch (field.kind) {
    case Padding::Kind::kValid: return "valid";
    case Padding::Kind::kSame: return "same";
    case Padding::Kind::kExplicit: break;
  }
  return ludus::show_field(field.sizes);
}

namespace layers {
namespace {

std::int64_t ceil_divide(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

}  // namespace

void check_padding(const Padding& padding, std::size_t dimensions) {
  if (padding.kind == Padding::Kind::kExplicit) check_dimensions("padding", padding.sizes, dimensions, 0);
}

Margins margins(const Window& window, const Padding& padding, std::size_t d, std::int64_t extent) {
  switch (padding.kind) {
    case Padding::Kind::kValid: return {0, 0};
    case Padding::Kind::kExplicit: {
      const std::int64_t size = at_dimension(padding.sizes, d);
      return {size, size};
    }
    case Padding::Kind::kSame: break;
  }
  const std::int64_t count = ceil_divide(extent, window.stride);
  const std::int64_t total = std::max<std::int64_t>((count - 1) * window.stride + window.span() - extent, 0);
  return {total / 2, total - total / 2};
}

std::int64_t window_count(const Window& window, const Padding& padding, std::size_t d, std::int64_t extent, bool ceil) {
  if (extent == kFree) return kFree;
  if (padding.kind == Padding::Kind::kSame) return ceil_divide(extent, window.stride);
  const Margins margin = margins(window, padding, d, extent);
  const std::int64_t room = extent + margin.before + margin.after - window.span();
  if (room < 0) return -1;
  std::int64_t count = (ceil ? ceil_divide(room, window.stride) : room / window.stride) + 1;
  if (ceil && (count - 1) * window.stride >= extent + margin.before) --count;
  return count;
}

}  // namespace layers
}  // namespace ludus::nn
