#include "apps/watch.h"

#include <chrono>
#include <optional>

#include "agents/runner/trainer.h"
#include "apps/player.h"
#include "base/format.h"
#include "envs/registry/registry.h"
#include "render/display.h"
#include "render/overlay.h"
#include "render/raster.h"
#include "render/viewer.h"
#include "render/window.h"

namespace ludus::apps {
namespace {

constexpr double kPollPeriod = 1.0 / 60;  // s between two polls of the window, at any speed of the episodes

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

class Watch final : public agents::TrainerCallback {
 public:
  explicit Watch(const agents::RunConfig& config)
      : player_(envs::make(agents::wrapped_spec(config.env_id, config.env_kwargs,
                                                agents::evaluation_wrappers(config.wrappers))),
                config.seed) {
    const envs::Scene scene = player_.scene();
    window_.emplace("ludus: training in " + config.env_id, scene.width, scene.height);
    viewer_.emplace(render::ViewerOptions{.fps = player_.env().frames_per_second()}, now());
    next_poll_ = now();
  }

  std::string name() const override { return "watch"; }

  void attach(agents::Trainer& trainer) override { policy_ = &trainer.agent(); }

  void on_step(runs::Training& training) override {
    if (!window_ || now() < next_poll_) return;
    for (const render::Event& event : window_->poll()) viewer_->handle(event);
    if (viewer_->closed()) {
      window_.reset();
      return;
    }
    const std::int64_t episode = player_.facts().episode;
    if (viewer_->take_restart()) player_.begin(episode);
    if (viewer_->take_next_seed()) player_.begin(episode + 1);
    viewer_->begin_frame(now());
    while (viewer_->take_step(now())) {
      player_.over() ? player_.begin(player_.facts().episode + 1) : player_.step(*policy_);
    }
    show(training.progress());
    next_poll_ = now() + kPollPeriod;
  }

 private:
  void show(const runs::Progress& progress) {
    render::Image image = render::rasterise(player_.scene(), window_->width(), window_->height());
    std::vector<std::string> lines;
    if (viewer_->overlay()) {
      lines = render::overlay_lines(player_.facts());
      lines.push_back(formatted("training step {} of {}", progress.step, progress.total));
      lines.push_back(viewer_->status());
    }
    if (viewer_->help()) {
      for (const std::string& line : render::help_lines()) lines.push_back(line);
    }
    render::draw_overlay(image, lines);
    window_->show(image);
  }

  Player player_;
  std::optional<render::Window> window_;  // empty once it was closed
  std::optional<render::Viewer> viewer_;
  agents::Policy* policy_ = nullptr;
  double next_poll_ = 0;  // s, of the steady clock
};

}  // namespace

std::shared_ptr<runs::Callback> make_watch(const agents::RunConfig& config) {
  const render::DisplayHold display = render::hold_display();
  return std::make_shared<Watch>(config);
}

}  // namespace ludus::apps
