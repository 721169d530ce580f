#include "nn/layers/layer.h"

#include "base/fields.h"
#include "base/format.h"

namespace ludus::nn {
namespace {

// Calls f(L{}) for every kind of layer L until it returns true.
template <std::size_t kIndex = 0, class F>
bool any_kind(F f) {
  if constexpr (kIndex < std::variant_size_v<Layer>) {
    return f(std::variant_alternative_t<kIndex, Layer>{}) || any_kind<kIndex + 1>(f);
  } else {
    return false;
  }
}

}  // namespace

std::string_view kind_of(const Layer& layer) {
  return std::visit([](const auto& l) { return l.kKind; }, layer);
}

std::vector<std::string> layer_kinds() {
  std::vector<std::string> kinds;
  any_kind([&](const auto& l) {
    kinds.emplace_back(l.kKind);
    return false;
  });
  return kinds;
}

Layer make_layer(std::string_view kind) {
  Layer layer;
  const bool known = any_kind([&](const auto& l) {
    if (l.kKind != kind) return false;
    layer = l;
    return true;
  });
  if (!known) {
    throw InvalidArgument(formatted("the kind of a layer must be one of {}, got \"{}\".{}", joined(layer_kinds()), kind,
                                    did_you_mean(kind, layer_kinds())));
  }
  return layer;
}

Dict layer_fields(const Layer& layer) {
  return std::visit([](const auto& l) { return fields_as_dict(l); }, layer);
}

void set_layer_fields(Layer& layer, const Dict& values, std::string_view owner) {
  std::visit([&](auto& l) { assign_fields(l, values, owner); }, layer);
}

std::vector<FieldInfo> layer_settings(const Layer& layer) {
  return std::visit([](const auto& l) { return describe_fields(l); }, layer);
}

Shape output_shape(const Layer& layer, std::span<const Shape> inputs) {
  return std::visit(
      [&](const auto& l) {
        l.check();
        const Shape output = l.output_shape(inputs);
        for (const std::int64_t extent : output) {
          if (extent > kMaxExtent) {
            throw ShapeMismatch(
                formatted("each extent of the output must be at most {}, got {}", kMaxExtent, to_text(output)));
          }
        }
        return output;
      },
      layer);
}

std::vector<ParameterSpec> parameters_of(const Layer& layer, std::span<const Shape> inputs) {
  return std::visit([&](const auto& l) { return l.parameters(inputs); }, layer);
}

}  // namespace ludus::nn
