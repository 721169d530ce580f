// tf.Example; what can be read is written and read again.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "nn/data/tfrecord_source.h"

using namespace ludus;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const io::TfExample example = io::parse_tf_example({reinterpret_cast<const char*>(data), size});
    const std::string written = io::to_tf_example(example);
    if (io::to_tf_example(io::parse_tf_example(written)) != written) std::abort();
    data::to_features(data::to_example(example));
  } catch (const InputError&) {
  }
  return 0;
}
