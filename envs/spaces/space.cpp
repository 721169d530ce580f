#include "envs/spaces/space.h"

#include <algorithm>
#include <array>
#include <random>
#include <string_view>
#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "envs/spaces/dict.h"
#include "envs/spaces/element.h"
#include "envs/spaces/graph.h"
#include "envs/spaces/multi_binary.h"
#include "envs/spaces/multi_discrete.h"
#include "envs/spaces/one_of.h"
#include "envs/spaces/sequence.h"
#include "envs/spaces/text.h"
#include "envs/spaces/tuple.h"

namespace ludus::envs {
namespace {

struct Kind {
  std::string_view name;
  SpacePtr (*from_spec)(const Dict& spec);
};

constexpr std::array kKinds{
    Kind{"Box", &Box::from_spec},
    Kind{"Dict", &DictSpace::from_spec},
    Kind{"Discrete", &Discrete::from_spec},
    Kind{"Graph", &Graph::from_spec},
    Kind{"MultiBinary", &MultiBinary::from_spec},
    Kind{"MultiDiscrete", &MultiDiscrete::from_spec},
    Kind{"OneOf", &OneOf::from_spec},
    Kind{"Sequence", &Sequence::from_spec},
    Kind{"Text", &TextSpace::from_spec},
    Kind{"Tuple", &Tuple::from_spec},
};

// Compares as numbers; Array's operator== compares bytes.
bool same_numbers(const Array& a, const Array& b) {
  if (a.dtype() != b.dtype() || a.shape() != b.shape()) return false;
  return dispatch(a.dtype(), [&](auto zero) {
    using T = decltype(zero);
    return std::ranges::equal(a.data<T>(), b.data<T>());
  });
}

bool same_spec(const Value& a, const Value& b) {
  if (a.is_array() && b.is_array()) return same_numbers(a.as_array(), b.as_array());
  if (a.is_list() && b.is_list()) return std::ranges::equal(a.as_list(), b.as_list(), same_spec);
  if (a.is_dict() && b.is_dict()) {
    return std::equal(
        a.as_dict().begin(), a.as_dict().end(), b.as_dict().begin(), b.as_dict().end(),
        [](const Dict::Entry& x, const Dict::Entry& y) { return x.first == y.first && same_spec(x.second, y.second); });
  }
  return a == b;
}

}  // namespace

bool Space::equals(const Space& other) const {
  return same_spec(to_spec(), other.to_spec());
}

Value Space::seed(std::uint64_t seed) {
  generator_.emplace(seed);
  return static_cast<std::int64_t>(seed);
}

Value Space::seed_with(const Value& seeds) {
  return seed(checked_seed(seeds));
}

Generator& Space::generator() {
  if (!generator_) {
    // 128 bits, as NumPy uses for an unseeded generator
    std::random_device device;
    generator_.emplace(SeedSequence({device(), device(), device(), device()}));
  }
  return *generator_;
}

SpacePtr space_from_spec(const Dict& spec) {
  const Value& type = spec_field(spec, "type");
  if (!type.is_string()) {
    throw InvalidArgument(
        formatted("the field \"type\" of a space's description must be a string, got {}", type.describe()));
  }
  std::vector<std::string> known;
  for (const Kind& kind : kKinds) {
    if (kind.name == type.as_string()) return kind.from_spec(spec);
    known.emplace_back(kind.name);
  }
  throw InvalidArgument(formatted("the type of a space must be one of {}, got \"{}\".{}", joined(known),
                                  type.as_string(), did_you_mean(type.as_string(), known)));
}

}  // namespace ludus::envs
