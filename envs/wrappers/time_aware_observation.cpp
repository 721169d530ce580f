#include "envs/wrappers/time_aware_observation.h"

#include "base/format.h"
#include "envs/wrappers/time_limit.h"

namespace ludus::envs {
namespace {

std::int64_t time_limit_of(const EnvSpec& spec) {
  if (const auto limit = least_time_limit(spec)) return *limit;
  throw InvalidArgument(
      formatted("TimeAwareObservation needs a time limit, and {} has none; make it with max_episode_steps, or put "
                "TimeLimit inside",
                (spec.id.empty() ? "the environment" : spec.id)));
}

SpacePtr time_space(bool normalize, std::int64_t limit) {
  if (normalize) return std::make_unique<Box>(0.0, 1.0, Shape{1});
  return std::make_unique<Box>(0.0, static_cast<double>(limit), Shape{1}, DType::kInt32);
}

SpacePtr space_with_time(const Space& inside, SpacePtr time, const std::string& key) {
  std::vector<DictSpace::Part> named;
  if (const auto* tuple = dynamic_cast<const Tuple*>(&inside)) {
    std::vector<SpacePtr> parts;
    for (std::size_t i = 0; i < tuple->size(); ++i) parts.push_back(tuple->at(i).clone());
    parts.push_back(std::move(time));
    return std::make_unique<Tuple>(std::move(parts));
  }
  if (const auto* dict = dynamic_cast<const DictSpace*>(&inside)) {
    named.emplace_back(key, std::move(time));
    for (const std::string& name : dict->keys()) named.emplace_back(name, dict->at(name).clone());
  } else {
    named.emplace_back("obs", inside.clone());
    named.emplace_back("time", std::move(time));
  }
  return std::make_unique<DictSpace>(std::move(named));
}

}  // namespace

TimeAwareObservation::TimeAwareObservation(EnvPtr env, bool flatten, bool normalize_time,
                                           const std::string& dict_time_key)
    : ObservationWrapper(
          std::move(env),
          {"TimeAwareObservation",
           {{"flatten", flatten}, {"normalize_time", normalize_time}, {"dict_time_key", dict_time_key}}}),
      flatten_(flatten),
      normalize_time_(normalize_time),
      key_(dict_time_key),
      limit_(time_limit_of(inner().spec())),
      space_(space_with_time(inner().observation_space(), time_space(normalize_time, limit_), key_)) {
  if (!flatten) return;
  flat_space_ = space_->flattened();
  row_.resize(space_->flat_size());
}

Reset TimeAwareObservation::reset(std::optional<std::uint64_t> seed, const Dict& options) {
  time_ = 0;
  return ObservationWrapper::reset(seed, options);
}

void TimeAwareObservation::step_into(const Value& action, Step& out) {
  ++time_;
  try {
    ObservationWrapper::step_into(action, out);
  } catch (...) {
    --time_;  // an action that is refused takes no time
    throw;
  }
}

void TimeAwareObservation::observe(const Value& inside, Value& out) {
  if (!flatten_) {
    add_time(inside, out);
    return;
  }
  add_time(inside, with_time_);
  space_->flatten(with_time_, row_);
  const auto& box = static_cast<const Box&>(*flat_space_);
  Array& flat = array_in(out, box.dtype(), box.shape());
  for (std::size_t i = 0; i < row_.size(); ++i) flat.set(i, row_[i]);
}

void TimeAwareObservation::add_time(const Value& inside, Value& out) const {
  Value* place = nullptr;
  if (inside.is_list()) {
    if (!out.is_list() || out.as_list().size() != inside.as_list().size() + 1) out = List(inside.as_list().size() + 1);
    std::copy(inside.as_list().begin(), inside.as_list().end(), out.as_list().begin());
    place = &out.as_list().back();
  } else if (inside.is_dict()) {
    if (!out.is_dict()) out = Dict();
    for (const auto& [name, part] : inside.as_dict()) out.as_dict()[name] = part;
    place = &out.as_dict()[key_];
  } else {
    if (!out.is_dict()) out = Dict();
    out.as_dict()["obs"] = inside;
    place = &out.as_dict()["time"];
  }
  if (normalize_time_) {
    array_in(*place, DType::kFloat32, Shape{1}).set(0, static_cast<double>(time_) / static_cast<double>(limit_));
  } else {
    array_in(*place, DType::kInt32, Shape{1}).set(0, static_cast<double>(time_));
  }
}

std::unique_ptr<Wrapper> TimeAwareObservation::clone_around(EnvPtr env) const {
  return std::make_unique<TimeAwareObservation>(std::move(env), flatten_, normalize_time_, key_);
}

}  // namespace ludus::envs
