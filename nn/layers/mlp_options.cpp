#include "nn/layers/mlp_options.h"

#include "base/fields.h"

namespace ludus::nn {

void MlpOptions::validate() const {
  check_field(inputs, at_least(1), "mlp", "inputs");
  check_field(hidden, at_least(1), "mlp", "hidden");
  check_field(outputs, at_least(1), "mlp", "outputs");
  check_field(hidden_gain, finite_number(), "mlp", "hidden_gain");
  check_field(output_gain, finite_number(), "mlp", "output_gain");
}

}  // namespace ludus::nn
