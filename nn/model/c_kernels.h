// The functions in C of which nn/model/c_header.h makes a network: one for each operation of a layer, and one for each
// activation, made from its row in nn/layers/activation.h. Included by the writer's source files only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nn/layers/activation.h"

namespace ludus::nn {

/// A function in C99. "@" stands for the prefix of all names, "$" for the same in capitals.
struct CKernel {
  std::string_view name;                    // without the prefix: "dense"
  std::string_view text;                    // with a comment of one sentence
  std::vector<std::string_view> uses = {};  // kernels that must come before it
};

/// Returns the kernel of this name. The caller passes a name of the table.
const CKernel& c_kernel(std::string_view name);

/// Returns all kernels, in an order in which each comes after those it uses.
const std::vector<CKernel>& c_kernels();

/// Returns the definition of an activation as an expression in C of a float x: "x > 0 ? x : 0.01f * x". The kernel
/// "@_clamp" may occur in it.
std::string c_expression(Activation activation);

}  // namespace ludus::nn
