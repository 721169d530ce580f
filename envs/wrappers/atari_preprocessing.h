/// @file
/// The usual preprocessing of Atari frames.
#pragma once

#include <array>

#include "base/fields.h"
#include "envs/core/wrapper.h"
#include "envs/wrappers/image.h"

namespace ludus::envs {

struct AtariOptions {
  std::int64_t noop_max = 30;                       ///< maximum number of no-ops (action 0) after a reset; 0: none
  std::int64_t frame_skip = 4;                      ///< frames for each action
  std::array<std::int64_t, 2> screen_size{84, 84};  ///< width, height of the observations, pixels
  bool terminal_on_life_loss = false;               ///< a lost life ends the episode (not recommended by the paper)
  bool grayscale_obs = true;                        ///< else RGB
  bool grayscale_newaxis = false;                   ///< (height, width, 1) instead of (height, width)
  bool scale_obs = false;                           ///< float32 from 0 to 1 instead of uint8

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("noop_max", self.noop_max, at_least(0), "maximum number of no-ops after a reset; 0: none");
    visit("frame_skip", self.frame_skip, at_least(1), "frames for each action");
    visit("screen_size", self.screen_size, at_least(1), "width and height of the observations, pixels");
    visit("terminal_on_life_loss", self.terminal_on_life_loss, "a lost life ends the episode");
    visit("grayscale_obs", self.grayscale_obs, "grayscale observations, else RGB");
    visit("grayscale_newaxis", self.grayscale_newaxis, "(height, width, 1) instead of (height, width)");
    visit("scale_obs", self.scale_obs, "float32 from 0 to 1 instead of uint8");
  }
};

/// Machado et al. 2018, "Revisiting the Arcade Learning Environment", as Gymnasium's wrapper: a random number of no-ops
/// after a reset, frame skipping, the maximum of the last two frames, grayscale (0.2989 R + 0.5870 G + 0.1140 B, the
/// emulator's palette) and resizing by area. Applies to any environment with frames as observations, uint8 (height,
/// width, 3) or gray (height, width). Lives are read from info["lives"].
class AtariPreprocessing final : public Wrapper {
 public:
  /// Throws InvalidArgument for other observations, an argument out of range, an environment that skips frames itself
  /// (attribute "frameskip"), noop_max > 0 without a Discrete action 0, and RGB output of gray frames.
  explicit AtariPreprocessing(EnvPtr env, const AtariOptions& options = {});

  Space& observation_space() override { return *space_; }
  Reset reset(std::optional<std::uint64_t> seed = {}, const Dict& options = {}) override;
  void step_into(const Value& action, Step& out) override;

 protected:
  void write_state(StateWriter& visit) const override { state(*this, visit); }
  void read_state(StateReader& visit) override { state(*this, visit); }

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("last", self.last_);
    visit("before_last", self.before_last_);
    visit("lives", self.lives_);
  }
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override;

 private:
  void keep(const Value& screen, Array& frame) const;  ///< converts to gray if options_.grayscale_obs
  void observe(Value& out);
  std::int64_t lives_of(const Dict& info) const;

  AtariOptions options_;
  bool to_gray_;
  SpacePtr space_;
  Array last_, before_last_;  ///< frames
  Array small_;
  AreaResize resize_;
  std::int64_t lives_ = 0;
  Value screen_;  ///< scratch: the inner observation
};

}  // namespace ludus::envs
