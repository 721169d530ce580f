// From files to shuffled, augmented batches, and from the middle of an epoch on after an interruption.
#include <ludus/base.h>
#include <ludus/data.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

namespace data = ludus::data;
using ludus::Array;
using ludus::DType;
using ludus::Shape;

// Mirrors an image of shape (8, 8) with probability 1/2. The generator belongs to this element of this epoch.
data::Example augment(data::Example example, ludus::Generator& random) {
  Array image = example.array("image").cast(DType::kFloat32);
  const std::span<float> pixels = image.data<float>();
  if (random.random() < 0.5) {
    for (std::size_t row = 0; row < 8; ++row) std::reverse(pixels.begin() + 8 * row, pixels.begin() + 8 * (row + 1));
  }
  for (float& pixel : pixels) pixel /= 255;
  example["image"] = std::move(image);
  return example;
}

int main() try {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / "ludus_data_pipeline";
  std::filesystem::create_directories(folder);

  // 100 small images, as MNIST has them
  Array images(DType::kUInt8, Shape{100, 8, 8});
  Array labels(DType::kUInt8, Shape{100});
  for (std::size_t i = 0; i < images.size(); ++i) images.set(i, static_cast<double>(i % 251));
  for (std::size_t i = 0; i < labels.size(); ++i) labels.set(i, static_cast<double>(i % 10));
  ludus::io::write_idx(folder / "images.gz", images, ludus::io::Compression::kGzip);
  ludus::io::write_idx(folder / "labels.gz", labels, ludus::io::Compression::kGzip);

  const data::Dataset train = data::from_idx(folder / "images.gz", folder / "labels.gz")
                                  .shuffle(100, /*seed=*/1)
                                  .map(augment, {.workers = 2, .seed = 1})
                                  .batch(32)
                                  .prefetch(2);
  std::printf("%d batches an epoch\n", static_cast<int>(train.size().value()));

  // one epoch
  for (const data::Batch& batch : train.epoch(0)) {
    const Array& x = batch.array("image");
    const Array& y = batch.array("label");
    std::printf("images %s, labels %s, first label %.0f\n", x.shape().to_string().c_str(),
                y.shape().to_string().c_str(), y.get(0));
  }

  // an interruption after two batches of epoch 1: epoch and position go into the checkpoint
  data::Batch batch;
  data::Epoch pass = train.epoch(1);
  pass.next(batch);
  pass.next(batch);
  ludus::Checkpoint checkpoint;
  ludus::save_state(pass, checkpoint.writer("data"));
  pass.next(batch);

  data::Epoch resumed = train.epoch(0);
  ludus::load_state(resumed, checkpoint.reader("data"));
  data::Batch same;
  resumed.next(same);
  std::printf("resumed: %s batch\n", same == batch ? "the same" : "another");

  std::filesystem::remove_all(folder);
} catch (const ludus::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
