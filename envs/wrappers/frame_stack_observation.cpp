#include "envs/wrappers/frame_stack_observation.h"

#include <algorithm>

#include "base/format.h"
#include "envs/spaces/batch.h"
#include "envs/spaces/element.h"
#include "envs/spaces/zero_element.h"
#include "envs/wrappers/wrapper_arguments.h"

namespace ludus::envs {
namespace {

// null for "reset"
Value checked_padding(const Value& padding, const Space& space) {
  if (padding == Value("reset")) return {};
  if (padding == Value("zero")) return zero_element(space);
  if (space.contains(padding)) return padding;
  throw InvalidArgument(
      formatted("FrameStackObservation: padding_type must be \"reset\", \"zero\" or an observation of {}, got {}",
                space.to_string(), padding.describe()));
}

}  // namespace

FrameStackObservation::FrameStackObservation(EnvPtr env, std::int64_t stack_size, const Value& padding)
    : ObservationWrapper(std::move(env),
                         {"FrameStackObservation", {{"stack_size", stack_size}, {"padding_type", padding}}}),
      padding_argument_(padding),
      padding_(checked_padding(padding, inner().observation_space())),
      frames_(static_cast<std::size_t>(checked(FrameStackArguments{stack_size}, "FrameStackObservation").stack_size),
              zero_element(inner().observation_space())),
      space_(batch_space(inner().observation_space(), stack_size)) {
  if (const auto form = array_form(inner().observation_space())) {
    stacked_shape_ = form->shape.prepended(stack_size);
    frame_dtype_ = form->dtype;
  }
}

Reset FrameStackObservation::reset(std::optional<std::uint64_t> seed, const Dict& options) {
  first_ = true;
  return ObservationWrapper::reset(seed, options);
}

void FrameStackObservation::observe(const Value& inside, Value& out) {
  if (first_) std::fill(frames_.begin(), frames_.end(), padding_.is_null() ? inside : padding_);
  first_ = false;
  std::rotate(frames_.begin(), frames_.begin() + 1, frames_.end());
  frames_.back() = inside;

  // one array for all frames, reused
  if (!stacked_shape_) {
    out = concatenate(inner().observation_space(), frames_);
    return;
  }
  auto place = array_in(out, frame_dtype_, *stacked_shape_).bytes();
  const std::size_t size = place.size() / frames_.size();
  for (const Value& frame : frames_) {
    const Array number = frame.is_int() ? Array::scalar(frame.as_int()).cast(frame_dtype_) : Array();
    std::ranges::copy((frame.is_int() ? number : frame.as_array()).bytes(), place.begin());
    place = place.subspan(size);
  }
}

std::unique_ptr<Wrapper> FrameStackObservation::clone_around(EnvPtr env) const {
  return std::make_unique<FrameStackObservation>(std::move(env), static_cast<std::int64_t>(frames_.size()),
                                                 padding_argument_);
}

}  // namespace ludus::envs
