// Images of a training in TensorBoard. This header does not include torch.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/array.h"
#include "runs/metrics_log.h"

namespace ludus::nn {

/// Adds an image, uint8 (height, width, 1, 3 or 4 channels), to the event file of `log`. Throws as
/// runs::image_summary().
void log_image(runs::MetricsLog& log, std::int64_t step, std::string_view tag, const Array& image);

}  // namespace ludus::nn
