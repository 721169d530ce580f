#include "envs/wrappers/atari_preprocessing.h"

#include <algorithm>

#include "base/fields.h"
#include "base/format.h"
#include "envs/wrappers/value_transforms.h"

namespace ludus::envs {
namespace {

Shape screen_shape(const Space& space) {
  const auto* box = dynamic_cast<const Box*>(&space);
  if (box && box->dtype() == DType::kUInt8) {
    const Shape& shape = box->shape();
    if (shape.rank() == 2 || (shape.rank() == 3 && shape[2] == 3)) return shape;
  }
  throw InvalidArgument(formatted(
      "AtariPreprocessing needs screens, uint8 of (height, width, 3) or (height, width), got {}", space.to_string()));
}

void check(const AtariOptions& options, Env& env) {
  const auto refuse = [](const std::string& what) { throw InvalidArgument(formatted("AtariPreprocessing: {}", what)); };
  check_fields(options, "AtariPreprocessing");
  if (!options.grayscale_obs && screen_shape(env.observation_space()).rank() == 2) {
    refuse("gray screens have no colours; set grayscale_obs");
  }
  if (options.noop_max > 0 && !(env.action_space().kind() == "Discrete" && env.action_space().contains(0))) {
    refuse("no-ops need a Discrete action 0 that does nothing; set noop_max to 0");
  }
  try {
    if (options.frame_skip > 1 && env.attribute("frameskip").as_int() != 1) {
      refuse("the environment skips frames itself, and both together would skip too many; make it with frameskip=1");
    }
  } catch (const UnknownField&) {
    // an environment that knows nothing of frame skipping does none
  }
}

WrapperSpec self_spec(const AtariOptions& options) {
  return {"AtariPreprocessing", fields_as_dict(options)};
}

}  // namespace

AtariPreprocessing::AtariPreprocessing(EnvPtr env, const AtariOptions& options)
    : Wrapper(std::move(env), self_spec(options)),
      options_(options),
      to_gray_(options.grayscale_obs && screen_shape(inner().observation_space()).rank() == 3),
      resize_([&] {
        check(options, inner());
        const Shape screen = screen_shape(inner().observation_space());
        return AreaResize(screen[0], screen[1], options.screen_size[1], options.screen_size[0],
                          options.grayscale_obs ? 1 : 3);
      }()) {
  const Shape screen = screen_shape(inner().observation_space());
  last_ = before_last_ = Array(DType::kUInt8, to_gray_ ? Shape{screen[0], screen[1]} : screen);

  Shape shape{options.screen_size[1], options.screen_size[0]};
  if (!options.grayscale_obs) {
    shape = shape.appended(3);
  } else if (options.grayscale_newaxis) {
    shape = shape.appended(1);
  }
  small_ = Array(DType::kUInt8, shape);
  space_ =
      options.scale_obs ? std::make_unique<Box>(0.0, 1.0, shape) : std::make_unique<Box>(0, 255, shape, DType::kUInt8);
}

Reset AtariPreprocessing::reset(std::optional<std::uint64_t> seed, const Dict& options) {
  Reset result = inner().reset(seed, options);
  const std::int64_t noops = options_.noop_max > 0 ? inner().generator().integers(1, options_.noop_max + 1) : 0;
  for (std::int64_t i = 0; i < noops; ++i) {
    Step step = inner().step(0);
    for (auto& [key, value] : step.info) result.info[key] = std::move(value);
    result.observation = std::move(step.observation);
    if (step.terminated || step.truncated) result = inner().reset(seed, options);
  }

  if (options_.terminal_on_life_loss) lives_ = lives_of(result.info);
  keep(result.observation, last_);
  std::ranges::fill(before_last_.data<std::uint8_t>(), std::uint8_t{0});
  observe(result.observation);
  return result;
}

void AtariPreprocessing::step_into(const Value& action, Step& out) {
  double reward = 0;
  std::swap(screen_, out.observation);
  for (std::int64_t frame = 0; frame < options_.frame_skip; ++frame) {
    inner().step_into(action, out);
    reward += out.reward;
    if (options_.terminal_on_life_loss) {
      const std::int64_t lives = lives_of(out.info);
      out.terminated = out.terminated || lives < lives_;
      lives_ = lives;
    }
    // as in Gymnasium, an end in between leaves the frames as they were
    if (out.terminated || out.truncated) break;
    if (frame == options_.frame_skip - 2) keep(out.observation, before_last_);
    if (frame == options_.frame_skip - 1) keep(out.observation, last_);
  }
  out.reward = reward;
  std::swap(screen_, out.observation);
  observe(out.observation);
}

void AtariPreprocessing::keep(const Value& screen, Array& frame) const {
  if (to_gray_) {
    to_gray(screen.as_array(), kLuminance601, Rounding::kNearest, frame);
  } else {
    frame = screen.as_array();
  }
}

void AtariPreprocessing::observe(Value& out) {
  if (options_.frame_skip > 1) {
    const auto last = last_.data<std::uint8_t>(), before = before_last_.data<std::uint8_t>();
    std::ranges::transform(last, before, last.begin(), [](std::uint8_t a, std::uint8_t b) { return std::max(a, b); });
  }
  if (!options_.scale_obs) {
    resize_(last_, array_in(out, DType::kUInt8, small_.shape()));
    return;
  }
  resize_(last_, small_);
  const auto pixels = small_.data<std::uint8_t>();
  std::ranges::transform(pixels, array_in(out, DType::kFloat32, small_.shape()).data<float>().begin(),
                         [](std::uint8_t pixel) { return static_cast<float>(pixel) / 255.0f; });
}

std::int64_t AtariPreprocessing::lives_of(const Dict& info) const {
  if (const Value* lives = info.find("lives")) return lives->as_int();
  throw InvalidArgument(formatted("terminal_on_life_loss needs info[\"lives\"], which {} does not provide",
                                  (spec().id.empty() ? "this environment" : spec().id)));
}

std::unique_ptr<Wrapper> AtariPreprocessing::clone_around(EnvPtr env) const {
  return std::make_unique<AtariPreprocessing>(std::move(env), options_);
}

}  // namespace ludus::envs
