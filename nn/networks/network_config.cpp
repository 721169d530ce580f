#include "nn/networks/network_config.h"

#include "base/error.h"
#include "base/format.h"

namespace ludus::nn {

void NetworkConfig::check(std::string_view algorithm) const {
  check_widths(algorithm, "hidden", hidden);
}

void check_widths(std::string_view algorithm, std::string_view name, const std::vector<std::int64_t>& widths) {
  for (const std::int64_t width : widths) {
    if (width < 1) throw InvalidArgument(formatted("{}: {} must hold positive widths, got {}", algorithm, name, width));
  }
}

}  // namespace ludus::nn
