#include "nn/networks/action_options.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/fields.h"
#include "base/format.h"

namespace ludus::nn {
namespace {

constexpr float kForbidden = -std::numeric_limits<float>::infinity();

float logit(const float* logits, const std::uint8_t* mask, std::int64_t c) {
  return mask && !mask[c] ? kForbidden : logits[c];
}

std::int64_t best_class(const float* logits, const std::uint8_t* mask, std::int64_t classes) {
  std::int64_t best = 0;
  for (std::int64_t c = 1; c < classes; ++c) {
    if (logit(logits, mask, c) > logit(logits, mask, best)) best = c;
  }
  return best;
}

// Returns the first class at which the cumulative distribution exceeds `noise`. Multiplies the noise by the sum of the
// weights exp(logit − largest) instead of normalising them.
std::int64_t sample_class(const float* logits, const std::uint8_t* mask, std::int64_t classes, double noise) {
  const float largest = logit(logits, mask, best_class(logits, mask, classes));
  const auto weight = [&](std::int64_t c) { return std::exp(static_cast<double>(logit(logits, mask, c) - largest)); };
  double sum = 0;
  for (std::int64_t c = 0; c < classes; ++c) sum += weight(c);
  double cumulative = 0;
  for (std::int64_t c = 0; c < classes; ++c) {
    cumulative += weight(c);
    if (cumulative > noise * sum) return c;
  }
  return best_class(logits, mask, classes);  // only if the logits are NaN
}

// Sets actions[a] to choose(a, logits, mask, classes) for every choice of every row.
template <class Choose>
void for_each_choice(const ActionOptions& options, std::span<const float> outputs, std::span<const std::uint8_t> masks,
                     std::span<float> actions, Choose&& choose) {
  std::size_t offset = 0;
  for (std::size_t a = 0; a < actions.size(); ++a) {
    const std::int64_t classes = options.classes[a % options.classes.size()];
    const std::uint8_t* mask = masks.empty() ? nullptr : masks.data() + offset;
    actions[a] = static_cast<float>(choose(a, outputs.data() + offset, mask, classes));
    offset += static_cast<std::size_t>(classes);
  }
}

}  // namespace

ActionOptions ActionOptions::categorical(std::vector<std::int64_t> classes) {
  const auto count = static_cast<std::int64_t>(classes.size());
  return {.kind = Kind::kCategorical, .count = count, .classes = std::move(classes)};
}

ActionOptions ActionOptions::bernoulli(std::int64_t count) {
  return {.kind = Kind::kBernoulli, .count = count, .classes = {}};
}

ActionOptions ActionOptions::gaussian(std::int64_t count) {
  return {.kind = Kind::kGaussian, .count = count, .classes = {}};
}

std::int64_t ActionOptions::outputs() const {
  if (kind != Kind::kCategorical) return count;
  return std::accumulate(classes.begin(), classes.end(), std::int64_t{0});
}

void ActionOptions::validate() const {
  check_field(count, at_least(1), "action", "count");
  if (kind != Kind::kCategorical) return;
  if (static_cast<std::int64_t>(classes.size()) != count ||
      std::any_of(classes.begin(), classes.end(), [](std::int64_t c) { return c < 1; })) {
    throw InvalidArgument(formatted("action: classes must hold {} positive counts, one for each choice", count));
  }
}

void deterministic_actions(const ActionOptions& options, std::span<const float> outputs,
                           std::span<const std::uint8_t> masks, std::span<float> actions) {
  switch (options.kind) {
    case ActionOptions::Kind::kCategorical:
      for_each_choice(options, outputs, masks, actions,
                      [](std::size_t, const float* logits, const std::uint8_t* mask, std::int64_t classes) {
                        return best_class(logits, mask, classes);
                      });
      return;
    case ActionOptions::Kind::kBernoulli:
      std::transform(outputs.begin(), outputs.end(), actions.begin(), [](float l) { return l > 0 ? 1.0f : 0.0f; });
      return;
    case ActionOptions::Kind::kGaussian: std::copy(outputs.begin(), outputs.end(), actions.begin()); return;
  }
}

void sample_actions(const ActionOptions& options, std::span<const float> outputs, std::span<const std::uint8_t> masks,
                    std::span<const float> sigma, std::span<const float> noise, std::span<float> actions) {
  switch (options.kind) {
    case ActionOptions::Kind::kCategorical:
      for_each_choice(options, outputs, masks, actions,
                      [&](std::size_t a, const float* logits, const std::uint8_t* mask, std::int64_t classes) {
                        return sample_class(logits, mask, classes, static_cast<double>(noise[a]));
                      });
      return;
    case ActionOptions::Kind::kBernoulli:
      for (std::size_t a = 0; a < actions.size(); ++a) {
        actions[a] = noise[a] < 1.0f / (1.0f + std::exp(-outputs[a])) ? 1.0f : 0.0f;
      }
      return;
    case ActionOptions::Kind::kGaussian:
      for (std::size_t a = 0; a < actions.size(); ++a) {
        actions[a] = outputs[a] + sigma[a % sigma.size()] * noise[a];
      }
      return;
  }
}

}  // namespace ludus::nn
