#include "nn/vision/transfer/finetune_report.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/format.h"
#include "nn/io/image_file.h"
#include "nn/vision/caption.h"
#include "nn/vision/sheet.h"
#include "nn/vision/transforms.h"

namespace ludus::vision {
namespace {

constexpr std::int64_t kThumbnail = 160;  // pixels
constexpr std::int64_t kSheetColumns = 4;
constexpr std::size_t kTextMistakes = 10;

}  // namespace

std::int64_t Classification::images() const {
  std::int64_t sum = 0;
  for (const auto& row : confusion) {
    for (const std::int64_t count : row) sum += count;
  }
  return sum;
}

double Classification::recall(std::size_t c) const {
  std::int64_t sum = 0;
  for (const std::int64_t count : confusion[c]) sum += count;
  if (sum == 0) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(confusion[c][c]) / static_cast<double>(sum);
}

Classification classification_of(const Array& logits, const LabeledImages& images,
                                 const std::vector<std::string>& classes) {
  const std::size_t width = classes.size(), count = images.labels.size();
  if (logits.size() != count * width || count == 0) {
    throw InvalidArgument(formatted("the predictions must have {} numbers, {} for each of {} images, got {}",
                                    count * width, width, count, logits.size()));
  }
  Classification result{
      .classes = classes, .confusion = std::vector(width, std::vector<std::int64_t>(width, 0)), .mistakes = {}};
  std::int64_t correct = 0;
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t best = 0;
    for (std::size_t c = 1; c < width; ++c) {
      if (logits.get(i * width + c) > logits.get(i * width + best)) best = c;
    }
    // log softmax, with the largest logit subtracted so that no exponential overflows
    double sum = 0;
    for (std::size_t c = 0; c < width; ++c) sum += std::exp(logits.get(i * width + c) - logits.get(i * width + best));
    const auto label = static_cast<std::size_t>(images.labels[i]);
    result.loss +=
        (std::log(sum) + logits.get(i * width + best) - logits.get(i * width + label)) / static_cast<double>(count);
    ++result.confusion[label][best];
    if (best == label) {
      ++correct;
    } else {
      result.mistakes.push_back({.file = images.files[i],
                                 .label = images.labels[i],
                                 .predicted = static_cast<std::int64_t>(best),
                                 .probability = 1 / sum});
    }
  }
  result.accuracy = static_cast<double>(correct) / static_cast<double>(count);
  std::stable_sort(result.mistakes.begin(), result.mistakes.end(),
                   [](const Mistake& a, const Mistake& b) { return a.probability > b.probability; });
  return result;
}

std::string to_text(const Classification& classification) {
  const std::vector<std::string>& classes = classification.classes;
  std::size_t name = 5, cell = 4;
  for (const std::string& label : classes) name = std::max(name, label.size());
  for (const auto& row : classification.confusion) {
    for (const std::int64_t count : row) cell = std::max(cell, std::to_string(count).size() + 1);
  }
  const auto right =
      static_cast<std::int64_t>(classification.images()) - static_cast<std::int64_t>(classification.mistakes.size());
  std::string text = formatted("accuracy {:.4f} ({} of {} images of the validation), loss {:.4f}\n\n",
                               classification.accuracy, right, classification.images(), classification.loss);
  // columns are numbered, since the names of classes may be long
  text += formatted("{:>{}} {:<{}}", "", 3, "class", name);
  for (std::size_t c = 0; c < classes.size(); ++c) text += formatted("{:>{}}", c, cell);
  text += "  recall\n";
  for (std::size_t c = 0; c < classes.size(); ++c) {
    text += formatted("{:>{}} {:<{}}", c, 3, classes[c], name);
    for (const std::int64_t count : classification.confusion[c]) {
      text += count == 0 ? formatted("{:>{}}", ".", cell) : formatted("{:>{}}", count, cell);
    }
    text += formatted("  {:.3f}\n", classification.recall(c));
  }
  text += "rows: classes of the images; columns: predictions, by number\n";
  if (classification.mistakes.empty()) return text + "\nno mistakes\n";
  text += formatted("\nworst mistakes ({} in all):\n", classification.mistakes.size());
  for (std::size_t i = 0; i < std::min(kTextMistakes, classification.mistakes.size()); ++i) {
    const Mistake& mistake = classification.mistakes[i];
    text +=
        formatted("  {}: {}, predicted {} ({:.3f})\n", mistake.file, classes[static_cast<std::size_t>(mistake.label)],
                  classes[static_cast<std::size_t>(mistake.predicted)], mistake.probability);
  }
  return text;
}

Value to_value(const Classification& classification) {
  List confusion, recall, mistakes;
  for (std::size_t c = 0; c < classification.classes.size(); ++c) {
    confusion.emplace_back(List(classification.confusion[c].begin(), classification.confusion[c].end()));
    const double share = classification.recall(c);
    recall.emplace_back(std::isnan(share) ? Value() : Value(share));
  }
  for (const Mistake& mistake : classification.mistakes) {
    mistakes.emplace_back(Dict{{"file", mistake.file},
                               {"class", classification.classes[static_cast<std::size_t>(mistake.label)]},
                               {"predicted", classification.classes[static_cast<std::size_t>(mistake.predicted)]},
                               {"probability", mistake.probability}});
  }
  return Dict{{"images", classification.images()},
              {"accuracy", classification.accuracy},
              {"loss", classification.loss},
              {"classes", List(classification.classes.begin(), classification.classes.end())},
              {"recall", std::move(recall)},
              {"confusion", std::move(confusion)},
              {"mistakes", std::move(mistakes)}};
}

Array mistakes_sheet(const Classification& classification, const std::filesystem::path& folder) {
  const Manifest thumbnail{.size = {kThumbnail, kThumbnail}, .resize_side = kThumbnail};
  std::vector<Array> images;
  for (std::size_t i = 0; i < std::min(kSheetMistakes, classification.mistakes.size()); ++i) {
    const Mistake& mistake = classification.mistakes[i];
    const Array image = resized_and_cropped(io::read_image(folder / mistake.file), thumbnail);
    images.push_back(
        with_caption(image, {formatted("is {}", classification.classes[static_cast<std::size_t>(mistake.label)]),
                             formatted("{:.0f} % {}", 100 * mistake.probability,
                                       classification.classes[static_cast<std::size_t>(mistake.predicted)])}));
  }
  if (images.empty()) throw InvalidArgument("a sheet of mistakes must have at least one, got none");
  return sheet_of(images, std::min<std::int64_t>(kSheetColumns, static_cast<std::int64_t>(images.size())), 4);
}

}  // namespace ludus::vision
