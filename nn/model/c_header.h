// Writes a network or a policy as one C99 header: without allocation, without dependencies but <math.h> and <stdint.h>,
// re-entrant, with the weights as constants and a table of recorded inputs and outputs for a self-test. Includes no
// torch.
//
//   write_c_header("cartpole.h", agent.export_policy(), {.name = "cartpole"}, examples);
//
//   cc -std=c99 -DCARTPOLE_SELF_TEST_MAIN -x c cartpole.h -lm -o test && ./test
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "nn/model/exported_policy.h"

namespace ludus::nn {

/// A recorded input of a network or observation of a policy, and what came out.
struct RecordedExample {
  std::vector<float> input;
  std::vector<float> numbers = {};         // outputs of a network, or a continuous action
  std::vector<std::int64_t> choices = {};  // a discrete action
};

struct CHeaderOptions {
  std::string name = "model";  // prefix of every name: letters, digits and "_", not beginning with a digit
  std::string file = {};       // name of the file in its comment; NAME.h if empty
  std::vector<std::pair<std::string, std::string>> notes = {};  // lines of the comment: {"environment", "CartPole-v1"}
};

/// Returns the header of a network of float32 inputs: NAME_predict(const float *input, float *output), where several
/// inputs and outputs follow each other in the order of the description. `parameters` are those of
/// network_parameters(), buffers included. Throws InvalidArgument for a name that is no prefix, a kind of layer that
/// cannot be exported (naming the layer), inputs without a fixed shape, examples of another size, and parameters that
/// are missing or not finite.
std::string c_header(const Description& network, const NamedArrays& parameters, const CHeaderOptions& options,
                     std::span<const RecordedExample> examples);

/// Returns the header of a policy: NAME_act(const float *observation, NAME_action *action), where NAME_action is float
/// or int64_t. The observation is a row of the environment's space (envs::Space::to_row). Throws as above.
std::string c_header(const ExportedPolicy& policy, const CHeaderOptions& options,
                     std::span<const RecordedExample> examples);

/// Write it to a file, by whose name its comment calls it. Throw as above and as write_atomically().
void write_c_header(const std::filesystem::path& path, const Description& network, const NamedArrays& parameters,
                    const CHeaderOptions& options, std::span<const RecordedExample> examples);
void write_c_header(const std::filesystem::path& path, const ExportedPolicy& policy, const CHeaderOptions& options,
                    std::span<const RecordedExample> examples);

}  // namespace ludus::nn
