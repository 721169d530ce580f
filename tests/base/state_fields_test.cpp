#include "base/state_fields.h"

#include <gtest/gtest.h>

#include "tests/base/support/states.h"

namespace ludus {
namespace {

struct Step {
  std::size_t action = 0;
  double reward = 0;

  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("action", self.action);
    visit("reward", self.reward);
  }
  bool operator==(const Step&) const = default;
};

struct Part {
  std::vector<double> mean = {1, 2};
  std::int64_t count = 3;

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("mean", self.mean);
    visit("count", self.count);
    visit.check([&] {
      if (self.count < 0) throw InvalidArgument(formatted("count must not be negative, got {}", self.count));
    });
  }
};

// A class hierarchy with virtual write_state() and read_state().
class Shape2d {
 public:
  virtual ~Shape2d() = default;
  virtual void write_state(StateWriter& visit) const = 0;
  virtual void read_state(StateReader& visit) = 0;
};

class Circle final : public Shape2d {
 public:
  explicit Circle(double r) : radius(r) {}
  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("radius", self.radius);
  }
  void write_state(StateWriter& visit) const override { state(*this, visit); }
  void read_state(StateReader& visit) override { state(*this, visit); }
  double radius;
};

// Saves its state as parameters and optimisers do: checked as a whole, then loaded.
class Weights {
 public:
  NamedArrays state() const {
    return {{"weight", Array::of<float>(weight)}, {"bias", Array::of<float>(std::span<const float>(&bias, 1))}};
  }
  void check_state(const NamedArrays& arrays) const {
    if (arrays.size() != 2 || arrays[0].first != "bias" || arrays[1].first != "weight") {
      throw InvalidArgument("the weights must be weight and bias");
    }
    if (!(arrays[0].second.shape() == Shape{1}) || !(arrays[1].second.shape() == Shape{2})) {
      throw TypeMismatch("the weights must be of the sizes 1 and 2");
    }
    arrays[0].second.data<float>();
    arrays[1].second.data<float>();
  }
  void load_state(const NamedArrays& arrays) {
    bias = arrays[0].second.data<float>()[0];
    const auto numbers = arrays[1].second.data<float>();
    weight.assign(numbers.begin(), numbers.end());
  }
  std::vector<float> weight = {0.5f, -0.5f};
  float bias = 0.25f;
};

// Saves its state as environments do: one value, partly applied when it is invalid.
struct World {
  std::int64_t x = 1, y = 2;
  Value get_state() const { return Dict{{"x", x}, {"y", y}}; }
  void set_state(const Value& value) {
    x = value.as_dict().at("x").as_int();
    y = value.as_dict().at("y").as_int();
  }
};

struct Everything {
  bool flag = true;
  int small = -3;
  std::int64_t steps = 1234567890123;
  double rate = 0.1;
  std::string name = "name";
  std::optional<double> best;
  std::map<std::string, double> metrics = {{"loss", 0.5}};
  Generator generator{7};
  Dict dict = {{"a", 1}};
  std::vector<double> table = {1, 2, 3, 4, 5, 6};
  std::vector<std::int64_t> counts = {1, 2};
  std::deque<double> recent = {3, 4};
  std::vector<float> rows = {1, 2, 3, 4};
  Array array = Array::of<float>({1, 2, 3});
  Part part;
  std::vector<Part> parts{2};
  std::vector<Step> episode = {{1, 0.5}, {2, 1.5}};
  std::unique_ptr<Part> held = std::make_unique<Part>();
  std::unique_ptr<Part> made;
  std::unique_ptr<Shape2d> shape = std::make_unique<Circle>(2.0);
  Weights weights;
  World world;
  double adjusted = 2;

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("flag", self.flag);
    visit("small", self.small);
    visit("steps", self.steps);
    visit("rate", self.rate);
    visit("name", self.name);
    visit("best", self.best);
    visit("metrics", self.metrics);
    visit("generator", self.generator);
    visit("dict", self.dict);
    visit("table", self.table, Shape{2, 3});
    visit("counts", self.counts);
    visit("recent", self.recent, AnyLength{});
    visit("rows", self.rows, AnyLength{2});
    visit("array", self.array);
    visit("part", self.part);
    visit("parts", self.parts);
    visit("episode", self.episode);
    visit("held", self.held);
    visit("made", self.made, [] { return std::make_unique<Part>(); });
    visit("shape", self.shape);
    visit("weights", self.weights);
    visit("world", self.world);
    visit.property("adjusted", self.adjusted, [&self](auto value) { self.adjusted = value; });
  }
};

Everything another() {
  Everything other;
  other.flag = false;
  other.small = 9;
  other.steps = -1;
  other.rate = -0.0;
  other.name = "other";
  other.best = 3;
  other.metrics = {{"loss", 1}, {"std", 2}};
  other.generator.next_uint32();
  other.dict = {};
  other.table = {6, 5, 4, 3, 2, 1};
  other.counts = {7, 8};
  other.recent = {1, 2, 3};
  other.rows = {};
  other.array = Array::of<float>({3, 2, 1});
  other.part.mean = {5, 6};
  other.parts[1].count = 10;
  other.episode = {{3, 4.5}};
  other.held->count = 11;
  other.made = std::make_unique<Part>();
  other.made->count = 12;
  static_cast<Circle&>(*other.shape).radius = 3;
  other.weights.bias = 1;
  other.world = {3, 4};
  other.adjusted = 5;
  return other;
}

Checkpoint saved(const Everything& object) {
  Checkpoint checkpoint;
  save_state(object, checkpoint.writer("thing"));
  return checkpoint;
}

TEST(StateFields, LoadsWhatWasSaved) {
  const Everything source = another();
  Everything target;
  load_state(target, saved(source).reader("thing"));
  EXPECT_EQ(first_difference(source, target), std::nullopt);
  EXPECT_EQ(target.small, 9);
  EXPECT_EQ(target.recent, (std::deque<double>{1, 2, 3}));
  EXPECT_EQ(target.episode, (std::vector<Step>{{3, 4.5}}));
  EXPECT_EQ(target.made->count, 12);
  EXPECT_EQ(target.weights.bias, 1);
  EXPECT_EQ(target.world.y, 4);
  EXPECT_EQ(target.adjusted, 5);
  EXPECT_EQ(static_cast<const Circle&>(*target.shape).radius, 3);
}

TEST(StateFields, ADictionaryHoldsTheSameEntries) {
  const Everything source = another();
  Everything target;
  const Dict dict = state_as_dict(source);
  EXPECT_EQ(dict.at("part/mean"), Value(Array::of<double>({5, 6})));
  state_from_dict(target, dict);
  EXPECT_EQ(first_difference(source, target), std::nullopt);
  EXPECT_THROW(state_from_dict(target, Dict{{"flag", true}}), TypeMismatch);
  EXPECT_EQ(first_difference(source, target), std::nullopt);
}

TEST(StateFields, NumbersAreTensorsOfTheFile) {
  const Checkpoint checkpoint = saved(Everything{});
  EXPECT_EQ(checkpoint.array("thing/table").shape(), (Shape{2, 3}));
  EXPECT_EQ(checkpoint.array("thing/rows").shape(), (Shape{2, 2}));
  EXPECT_EQ(checkpoint.array("thing/episode/reward"), Array::of<double>({0.5, 1.5}));
  EXPECT_EQ(checkpoint.array("thing/weights/weight"), Array::of<float>({0.5f, -0.5f}));
  EXPECT_EQ(checkpoint.value("thing/parts/1/count"), Value(3));
}

TEST(StateFields, AnyDamageIsACorruptCheckpointAndChangesNothing) {
  const Checkpoint checkpoint = saved(another());
  int damages = 0;
  test::for_each_damage(checkpoint, [&](const test::DamagedCheckpoint& damaged) {
    Everything target;
    const Checkpoint before = saved(target);
    try {
      load_state(target, damaged.checkpoint.reader("thing"));
      ADD_FAILURE() << damaged.damage << ": was loaded";
    } catch (const CorruptCheckpoint& error) {
      // the message names the entry or the object that contains it
      const std::string entry = damaged.damage.substr(0, damaged.damage.find(':'));
      const std::string part = entry.substr(0, entry.rfind('/'));
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << damaged.damage << ": " << error.what();
    }
    EXPECT_EQ(first_difference(before, saved(target)), std::nullopt) << damaged.damage;
    ++damages;
  });
  EXPECT_GT(damages, 70);
}

TEST(StateFields, AContradictionIsACorruptCheckpointAndChangesNothing) {
  Part broken, target;
  broken.count = -1;
  broken.mean = {8, 9};
  Checkpoint checkpoint;
  save_state(broken, checkpoint.writer("part"));
  EXPECT_THROW(load_state(target, checkpoint.reader("part")), CorruptCheckpoint);
  EXPECT_EQ(target.count, 3);
  EXPECT_EQ(target.mean, (std::vector<double>{1, 2}));
}

TEST(StateFields, IntegersMustFitTheirField) {
  Everything target;
  const Value huge = std::int64_t{1} << 40;
  const Checkpoint damaged = test::with_value(saved(target), "thing/small", &huge);
  EXPECT_THROW(load_state(target, damaged.reader("thing")), CorruptCheckpoint);
  EXPECT_EQ(target.small, -3);
}

TEST(StateFields, TheFirstDifferenceIsNamed) {
  Everything a, b;
  EXPECT_EQ(first_difference(a, b), std::nullopt);
  b.part.mean[1] = -2;
  EXPECT_EQ(first_difference(a, b), "part/mean");
  b = Everything{};
  b.made = std::make_unique<Part>();
  EXPECT_EQ(first_difference(a, b), "made");
  // states are compared bit by bit
  a.rate = 0.0, b = Everything{}, b.rate = -0.0;
  EXPECT_EQ(first_difference(a, b), "rate");
  EXPECT_EQ(first_difference(saved(a), saved(b)), "thing/rate");
}

}  // namespace
}  // namespace ludus
