#include "envs/spaces/tuple.h"

#include "base/format.h"
#include "envs/spaces/element.h"
#include "envs/spaces/parts.h"

namespace ludus::envs {

SpacePtr Tuple::clone() const {
  return std::make_unique<Tuple>(*this);
}

bool Tuple::has_form(const Value& value) const {
  return value.is_list() && value.as_list().size() == size();
}

std::string Tuple::form() const {
  return formatted("a list of {}", size());
}

Dict Tuple::to_spec() const {
  return {{"type", kind()}, {"spaces", specs_of(spaces())}};
}

SpacePtr Tuple::from_spec(const Dict& spec) {
  return std::make_unique<Tuple>(spec_spaces(spec));
}

std::string Tuple::to_string() const {
  std::string text = "Tuple(";
  for (std::size_t i = 0; i < size(); ++i) text += (i == 0 ? "" : ", ") + at(i).to_string();
  return text + ")";
}

void Tuple::from_row_into(std::span<const double> row, Value& out) const {
  check_length(row.size(), row_size());
  if (!has_form(out)) out = List(size());
  for (std::size_t i = 0; i < size(); ++i) {
    const std::size_t length = at(i).row_size();
    at(i).from_row_into(row.first(length), out.as_list()[i]);
    row = row.subspan(length);
  }
}

}  // namespace ludus::envs
