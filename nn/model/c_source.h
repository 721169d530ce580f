// The C source of a network in the making: constants, the kernels in use, and the statements of its function. Included
// by the source files of nn/model/c_header.h only.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/named_arrays.h"
#include "nn/model/c_kernels.h"
#include "nn/model/description.h"

namespace ludus::nn {

/// Returns the number as a constant of C that gives it exactly: "0.1f", "-INFINITY".
std::string c_constant(float number);
std::string c_constant(double number);

class CSource {
 public:
  /// `parameters` must outlive this object.
  CSource(std::string prefix, const NamedArrays& parameters);

  /// Appends the statement "PREFIX_kernel(arguments);".
  template <class... Arguments>
  void call(std::string_view kernel, const Arguments&... arguments) {
    use(kernel);
    std::string list;
    ((list += (list.empty() ? "" : ", ") + text_of(arguments)), ...);
    statement(formatted("{}_{}({});", prefix_, kernel, list));
  }
  /// Appends the call of an activation of `count` numbers in place; none for kNone.
  void activate(Activation activation, const std::string& values, std::size_t count);
  void statement(const std::string& text) { body_ += "  " + text + "\n"; }
  void comment(const std::string& text) { body_ += "  /* " + text + " */\n"; }
  void use(std::string_view kernel);

  /// Adds an array of constants, and returns its name in C. Throws InvalidArgument unless all are finite.
  std::string constants(const std::string& name, std::span<const float> numbers);
  std::string constants(const std::string& name, std::span<const double> numbers);
  /// Adds the constants of a parameter by its full name. Throws InvalidArgument if it is missing or has another size.
  std::string parameter(const std::string& name, std::size_t size);
  std::vector<float> parameter_values(const std::string& name, std::size_t size) const;
  /// Returns "PREFIX_name" as an identifier that no other constant or kernel has: "." and "-" become "_".
  std::string unique_name(const std::string& name);
  /// Adds the definition of a static constant.
  void define(const std::string& text) { data_ += text; }

  const std::string& prefix() const { return prefix_; }
  const std::string& data() const { return data_; }
  const std::string& body() const { return body_; }
  /// Returns the definitions of all kernels and activations in use.
  std::string kernels() const;

 private:
  static std::string text_of(const std::string& text) { return text; }
  static std::string text_of(const char* text) { return text; }
  template <class Integer>
  static std::string text_of(Integer number) {
    return std::to_string(number);
  }
  template <class Number>
  std::string array_text(const std::string& name, const char* type, std::span<const Number> numbers);

  std::string prefix_;
  const NamedArrays* parameters_;
  std::set<std::string, std::less<>> kernels_, names_;
  std::set<Activation> activations_;
  std::string data_, body_;
};

/// A layer in its place: the C expressions of its inputs and output, pointers to float.
struct CLayer {
  const Node& node;
  std::span<const Shape> shapes;  // of its inputs
  const Shape& output_shape;
  std::vector<std::string> inputs;
  std::string output;
};

/// Returns whether a layer hands on the numbers of its input as they are: flatten, reshape, and dropout in inference.
bool passes_through(const Layer& layer);

/// Appends the statements of a layer. Throws InvalidArgument, naming the layer, for a kind that cannot be exported.
void write_layer(CSource& source, const CLayer& layer);

}  // namespace ludus::nn
