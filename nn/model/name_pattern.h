// Patterns of parameter names. This header does not include torch.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ludus::nn {

/// Returns whether `name` has the form of `pattern`, in which every "*" stands for any text: "features.*", "*.bias".
bool name_matches(std::string_view pattern, std::string_view name);

/// Another name for parameters. Each side has at most one "*": the text that it stands for in `from` takes its place in
/// `to`.
struct Rename {
  std::string from;  // name in the file: "weights", "vgg.features.*"
  std::string to;    // name in the model: "dense.weight", "features.*"

  /// Returns the new name of `name`, or nothing if it has not the form of `from`.
  std::optional<std::string> apply(std::string_view name) const;
  /// Throws InvalidArgument unless both sides have no "*", or one each.
  void check() const;
};

}  // namespace ludus::nn
