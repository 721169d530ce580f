#include "nn/data/example.h"

#include "base/format.h"

namespace ludus::data {
namespace {

// Calls `read` and adds the name of the field to its error.
template <class Read>
decltype(auto) reading(std::string_view name, Read&& read) {
  try {
    return read();
  } catch (TypeMismatch& error) {
    error.prepend(formatted("field \"{}\"", name));
    throw;
  }
}

}  // namespace

std::string Origin::text() const {
  if (!file) return {};
  switch (unit) {
    case Unit::kLine: return formatted("{}:{}", *file, number);
    case Unit::kRecord: return formatted("{}, record {}", *file, number);
    case Unit::kRow: return formatted("{}, row {}", *file, number);
    case Unit::kFile: break;
  }
  return *file;
}

const Array& Example::array(std::string_view name) const {
  const Value& value = at(name);
  return reading(name, [&]() -> const Array& { return value.as_array(); });
}

Array& Example::array(std::string_view name) {
  return const_cast<Array&>(std::as_const(*this).array(name));
}

const std::string& Example::text(std::string_view name) const {
  const Value& value = at(name);
  return reading(name, [&]() -> const std::string& { return value.as_string(); });
}

std::int64_t Example::integer(std::string_view name) const {
  const Value& value = at(name);
  return reading(name, [&] { return value.as_int(); });
}

double Example::number(std::string_view name) const {
  const Value& value = at(name);
  return reading(name, [&] { return value.as_double(); });
}

}  // namespace ludus::data
