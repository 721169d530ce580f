#include "envs/wrappers/vector/dict_info_to_list.h"

#include "envs/spaces/element.h"

namespace ludus::envs::vector {
namespace {

// Element i along the first axis.
Value element(const Array& array, std::size_t i) {
  if (array.shape().rank() == 1) {
    if (array.dtype() == DType::kBool) return array.data<bool>()[i];
    return is_floating(array.dtype()) ? Value(array.get(i)) : Value(integer_at(array, i));
  }
  Array part(array.dtype(), Shape(std::span(array.shape().begin() + 1, array.shape().rank() - 1)));
  const std::size_t bytes = part.bytes().size();
  std::ranges::copy(array.bytes().subspan(i * bytes, bytes), part.bytes().begin());
  return part;
}

}  // namespace

List info_to_list(const Dict& info, std::size_t n) {
  List result(n, Dict());
  for (const auto& [key, value] : info) {
    if (key.starts_with("_")) continue;
    const Value* mask = info.find("_" + key);
    const List parts = value.is_dict() ? info_to_list(value.as_dict(), n) : List();
    for (std::size_t i = 0; i < n; ++i) {
      if (mask && !mask->as_array().data<bool>()[i]) continue;
      Value& entry = result[i].as_dict()[key];
      entry = value.is_dict() ? parts[i] : value.is_list() ? value.as_list().at(i) : element(value.as_array(), i);
    }
  }
  return result;
}

}  // namespace ludus::envs::vector
