// Writes the file that read_safetensors.py checks with a second, independent reader.
#include <cstdio>

#include "base/checkpoint.h"

int main(int argc, char** argv) {
  using namespace ludus;
  if (argc != 2) {
    std::fprintf(stderr, "usage: nn_write_safetensors FILE\n");
    return 2;
  }
  Checkpoint checkpoint;
  checkpoint.metadata()["format"] = "ludus";
  checkpoint.metadata()["note"] = "naïve \"quotes\" and a\nnew line";

  // a (2 x 3) array of 0, 1, 2, … of every type, halved for floating-point types
  for (const DType dtype : {DType::kInt8, DType::kUInt8, DType::kInt16, DType::kUInt16, DType::kInt32, DType::kUInt32,
                            DType::kInt64, DType::kUInt64, DType::kFloat32, DType::kFloat64}) {
    Array array(dtype, Shape{2, 3});
    for (std::size_t i = 0; i < 6; ++i) {
      array.set(i, is_floating(dtype) ? static_cast<double>(i) / 2 : static_cast<double>(i));
    }
    checkpoint.put("grid/" + std::string(name_of(dtype)), array);
  }
  Array flags(DType::kBool, Shape{3});
  flags.set(1, 1);
  checkpoint.put("flags", flags);
  checkpoint.put("steps", Array::scalar<std::int64_t>(9007199254740993));  // 2^53 + 1, which a double cannot represent
  checkpoint.put("empty", Array(DType::kFloat32, Shape{0, 4}));
  checkpoint.put_value("configuration", Dict{{"seed", 7}});
  checkpoint.save(argv[1]);
  return 0;
}
