#include "nn/training/image_log.h"

#include "runs/tensorboard_summaries.h"

namespace ludus::nn {

void log_image(runs::MetricsLog& log, std::int64_t step, std::string_view tag, const Array& image) {
  const std::span<const std::uint8_t> pixels = image.data<std::uint8_t>();
  log.events().append_summary(step, runs::image_summary(tag, {.height = image.shape()[0],
                                                              .width = image.shape()[1],
                                                              .channels = image.shape()[2],
                                                              .pixels = {pixels.begin(), pixels.end()}}));
}

}  // namespace ludus::nn
