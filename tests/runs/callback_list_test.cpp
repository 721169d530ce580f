#include "runs/callback_list.h"

#include <gtest/gtest.h>

#include "base/checkpoint.h"
#include "base/error.h"
#include "tests/runs/fake_training.h"

namespace ludus::runs {
namespace {

// Counts its calls under a name.
class Counter final : public Callback {
 public:
  explicit Counter(std::string name) : name_(std::move(name)) {}
  std::string name() const override { return name_; }
  void on_step(Training&) override { ++steps; }
  void write_state(StateWriter& visit) const override { visit("steps", steps); }
  void read_state(StateReader& visit) override { visit("steps", steps); }

  std::int64_t steps = 0;

 private:
  std::string name_;
};

TEST(CallbackList, RejectsTwoCallbacksOfOneName) {
  CallbackList callbacks;
  callbacks.add(std::make_shared<Counter>("a"));
  callbacks.add(std::make_shared<Counter>("b"));
  EXPECT_THROW(callbacks.add(std::make_shared<Counter>("a")), InvalidArgument);
}

TEST(CallbackList, SavesAndRestoresByName) {
  FakeTraining training;
  const auto a = std::make_shared<Counter>("a"), b = std::make_shared<Counter>("b");
  CallbackList saved;
  saved.add(a);
  saved.add(b);
  saved.on_step(training);
  saved.on_step(training);
  Checkpoint checkpoint;
  StateWriter writer(checkpoint.writer());
  saved.write_state(writer);

  // a callback that was not saved keeps its state, one that is gone is ignored, and the order is free
  const auto restored_b = std::make_shared<Counter>("b"), added = std::make_shared<Counter>("c");
  added->steps = 7;
  CallbackList restored;
  restored.add(added);
  restored.add(restored_b);
  StateReader reader(checkpoint.reader());
  restored.read_state(reader);
  reader.commit();
  EXPECT_EQ(restored_b->steps, 2);
  EXPECT_EQ(added->steps, 7);
}

}  // namespace
}  // namespace ludus::runs
