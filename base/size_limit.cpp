#include "base/size_limit.h"

#include <utility>

#include "base/format.h"

namespace ludus {

thread_local SizeLimit* SizeLimit::present_ = nullptr;

SizeLimit::SizeLimit(std::string source, double bytes) : outer_(present_), source_(std::move(source)), limit_(bytes) {
  present_ = this;
}

SizeLimit::~SizeLimit() {
  present_ = outer_;
}

void SizeLimit::count(double bytes) {
  taken_ += bytes;
  if (taken_ <= limit_) return;
  constexpr double kMebibyte = 1024.0 * 1024.0;
  throw TooLarge(
      formatted("{}: the settings must not ask for more than {:.0f} MiB of memory here, got {:.0f} MiB at "
                "least; make them smaller",
                source_, limit_ / kMebibyte, taken_ / kMebibyte));
}

}  // namespace ludus
