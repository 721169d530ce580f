#include "envs/registry/check_runs.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/format.h"
#include "base/value_io.h"
#include "envs/spaces/dict.h"
#include "envs/spaces/multi_binary.h"
#include "envs/spaces/multi_discrete.h"
#include "envs/spaces/tuple.h"

namespace ludus::envs {

void strip_timings(Dict& info) {
  if (info.size() == 3 && info.contains("r") && info.contains("l")) info.erase("t");
  for (auto& [key, value] : info) {
    if (value.is_dict()) strip_timings(value.as_dict());
  }
}

bool same_number(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

std::string shown(const Value& value) {
  std::string text = to_json(value);
  constexpr std::size_t kLongest = 120;
  return text.size() <= kLongest ? text : text.substr(0, kLongest) + "…";
}

std::string difference(const Step& a, const Step& b) {
  if (!(a.observation == b.observation)) {
    return formatted("the observation {} once and {} the other time", shown(a.observation), shown(b.observation));
  }
  if (!same_number(a.reward, b.reward)) {
    return formatted("the reward {} once and {} the other time", shown(a.reward), shown(b.reward));
  }
  if (a.terminated != b.terminated || a.truncated != b.truncated) {
    const auto flags = [](const Step& step) {
      return formatted("{} and {}", step.terminated ? "terminated" : "not terminated",
                       step.truncated ? "truncated" : "not truncated");
    };
    return formatted("{} once, {} the other time", flags(a), flags(b));
  }
  if (!(a.info == b.info)) {
    return formatted("the info {} once and {} the other time", shown(a.info), shown(b.info));
  }
  return "";
}

std::string difference(const Run& a, const Run& b) {
  for (std::size_t t = 0; t < std::min(a.size(), b.size()); ++t) {
    const std::string here = difference(a[t], b[t]);
    if (!here.empty()) return formatted("result {} was {}", t, here);
  }
  return a.size() == b.size() ? "" : "one run was longer than the other";
}

Step result_of(Reset reset) {
  Step step{.observation = std::move(reset.observation), .info = std::move(reset.info)};
  strip_timings(step.info);
  return step;
}

void for_each_space(const Space& space, const std::function<void(const Space&)>& visit) {
  visit(space);
  if (const auto* tuple = dynamic_cast<const Tuple*>(&space)) {
    for (std::size_t i = 0; i < tuple->size(); ++i) for_each_space(tuple->at(i), visit);
  } else if (const auto* dict = dynamic_cast<const DictSpace*>(&space)) {
    for (std::size_t i = 0; i < dict->size(); ++i) for_each_space(dict->at(i), visit);
  }
}

bool has_only_finite_numbers(const Value& value) {
  if (value.is_double()) return std::isfinite(value.as_double());
  if (value.is_array()) {
    const Array& array = value.as_array();
    if (!is_floating(array.dtype())) return true;
    for (std::size_t i = 0; i < array.size(); ++i) {
      if (!std::isfinite(array.get(i))) return false;
    }
    return true;
  }
  if (value.is_list()) {
    return std::all_of(value.as_list().begin(), value.as_list().end(), has_only_finite_numbers);
  }
  if (value.is_dict()) {
    return std::all_of(value.as_dict().begin(), value.as_dict().end(),
                       [](const Dict::Entry& entry) { return has_only_finite_numbers(entry.second); });
  }
  return true;
}

std::string form_of(const Value& value) {
  if (value.is_array()) return value.describe();
  if (value.is_bool()) return "a truth value";
  if (value.is_int()) return "an integer";
  if (value.is_double()) return "a real number";
  if (value.is_string()) return "a string";
  if (value.is_list()) return "a list";
  return value.is_dict() ? "a dictionary" : "nothing";
}

std::vector<Value> invalid_actions(const Space& space) {
  const auto beyond_int = std::int64_t{1} << 40;
  std::vector<Value> values{Value(), "no action", List{}, Dict{}, beyond_int, -beyond_int, 0.5};
  const auto add_filled = [&](DType dtype, const Shape& shape, double number) {
    Array array(dtype, shape);
    for (std::size_t i = 0; i < array.size(); ++i) array.set(i, number);
    values.emplace_back(std::move(array));
  };
  if (const auto* discrete = dynamic_cast<const Discrete*>(&space)) {
    values.emplace_back(discrete->start() - 1);
    values.emplace_back(discrete->start() + discrete->n());
  } else if (const auto* box = dynamic_cast<const Box*>(&space)) {
    values.emplace_back(Array(box->dtype(), box->shape().appended(2)));
    if (is_floating(box->dtype())) {
      add_filled(box->dtype(), box->shape(), std::numeric_limits<double>::quiet_NaN());
    }
  } else if (const auto* choices = dynamic_cast<const MultiDiscrete*>(&space)) {
    values.emplace_back(Array(choices->dtype(), choices->shape().appended(2)));
    add_filled(choices->dtype(), choices->shape(), 100'000);
  } else if (const auto* bits = dynamic_cast<const MultiBinary*>(&space)) {
    add_filled(DType::kInt8, bits->shape(), 2);
  }
  std::erase_if(values, [&](const Value& value) { return space.contains(value); });
  return values;
}

}  // namespace ludus::envs
