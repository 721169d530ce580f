#include "nn/model/c_header.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <numeric>

#include "base/file.h"
#include "base/format.h"
#include "nn/model/c_source.h"

namespace ludus::nn {

// ---- constants, kernels and statements -----------------------------------------------------------------------------

namespace {

constexpr std::size_t kLineWidth = 100;  // of tables of numbers

// Replaces "@" by the prefix and "$" by the prefix in capitals.
std::string with_prefix(std::string_view text, const std::string& prefix) {
  std::string capitals = prefix, out;
  for (char& c : capitals) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  for (const char c : text) {
    if (c == '@') {
      out += prefix;
    } else if (c == '$') {
      out += capitals;
    } else {
      out += c;
    }
  }
  return out;
}

template <class Number>
std::string constant_of(Number number, const char* suffix) {
  if (std::isinf(number)) return number < 0 ? "-INFINITY" : "INFINITY";
  std::string text = formatted("{}", number);  // the shortest text that reads back as the same number
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text + suffix;
}

// Returns the numbers of a table, separated by commas, in lines of the usual width.
template <class Text>
std::string table_of(std::size_t count, const std::string& indent, Text text) {
  std::string out, line = indent;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string number = text(i) + (i + 1 < count ? ", " : "");
    if (line.size() + number.size() > kLineWidth) {
      out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
      line = indent;
    }
    line += number;
  }
  return out + line;
}

}  // namespace

std::string c_constant(float number) {
  return constant_of(number, "f");
}

std::string c_constant(double number) {
  return constant_of(number, "");
}

CSource::CSource(std::string prefix, const NamedArrays& parameters)
    : prefix_(std::move(prefix)), parameters_(&parameters) {
  for (const CKernel& kernel : c_kernels()) names_.insert(formatted("{}_{}", prefix_, kernel.name));
}

void CSource::use(std::string_view kernel) {
  for (const std::string_view needed : c_kernel(kernel).uses) use(needed);
  kernels_.emplace(kernel);
}

void CSource::activate(Activation activation, const std::string& values, std::size_t count) {
  if (activation == Activation::kNone) return;
  if (c_expression(activation).find("@_clamp") != std::string::npos) use("clamp");
  activations_.insert(activation);
  statement(formatted("{}_{}({}, {});", prefix_, name_of(activation), values, count));
}

std::string CSource::kernels() const {
  std::string text;
  for (const CKernel& kernel : c_kernels()) {
    if (kernels_.contains(kernel.name)) text += with_prefix(kernel.text, prefix_) + "\n";
  }
  for (const Activation activation : activations_) {
    text += with_prefix(formatted("static void @_{}(float *y, int count) {{\n"
                                  "  int i;\n"
                                  "  for (i = 0; i < count; ++i) {{\n"
                                  "    const float x = y[i];\n"
                                  "    y[i] = {};\n"
                                  "  }}\n"
                                  "}}\n\n",
                                  name_of(activation), c_expression(activation)),
                        prefix_);
  }
  return text;
}

std::string CSource::unique_name(const std::string& name) {
  std::string unique = formatted("{}_{}", prefix_, name);
  for (char& c : unique) {
    if (c == '.' || c == '-') c = '_';
  }
  while (!names_.insert(unique).second) unique += "_";
  return unique;
}

template <class Number>
std::string CSource::array_text(const std::string& name, const char* type, std::span<const Number> numbers) {
  const std::string unique = unique_name(name);
  for (const Number number : numbers) {
    if (std::isnan(number)) throw InvalidArgument(formatted("c header: {} must be numbers, got nan", name));
  }
  data_ += formatted("static const {} {}[{}] = {{\n{}}};\n", type, unique, numbers.size(),
                     table_of(numbers.size(), "    ", [&](std::size_t i) { return c_constant(numbers[i]); }));
  return unique;
}

std::string CSource::constants(const std::string& name, std::span<const float> numbers) {
  return array_text(name, "float", numbers);
}

std::string CSource::constants(const std::string& name, std::span<const double> numbers) {
  return array_text(name, "double", numbers);
}

std::vector<float> CSource::parameter_values(const std::string& name, std::size_t size) const {
  const auto entry = std::find_if(parameters_->begin(), parameters_->end(),
                                  [&](const auto& parameter) { return parameter.first == name; });
  if (entry == parameters_->end()) throw InvalidArgument(formatted("c header: the parameter \"{}\" is missing", name));
  const Array& array = entry->second;
  if (array.size() != size) {
    throw InvalidArgument(formatted("c header: the parameter \"{}\" must have {} numbers, got {}", name, size,
                                    array.shape().to_string()));
  }
  std::vector<float> values(size);
  for (std::size_t i = 0; i < size; ++i) {
    values[i] = static_cast<float>(array.get(i));
    if (std::isfinite(values[i])) continue;
    throw InvalidArgument(formatted("c header: the parameter \"{}\" must be finite, got {}", name, values[i]));
  }
  return values;
}

std::string CSource::parameter(const std::string& name, std::size_t size) {
  return constants(name, std::span<const float>(parameter_values(name, size)));
}

// ---- the workspace -------------------------------------------------------------------------------------------------

namespace {

// A part of the workspace that holds a value from the step that computes it to its last use.
struct Buffer {
  std::size_t size = 0;
  std::size_t first = 0, last = 0;  // steps: 0 for the inputs, then one for each node
  std::size_t offset = 0;
};

// Gives every buffer the lowest place that is free during its life, and returns the size of the workspace.
std::size_t place(std::vector<Buffer>& buffers) {
  std::size_t total = 0;
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    Buffer& buffer = buffers[i];
    std::vector<const Buffer*> alive;
    for (std::size_t k = 0; k < i; ++k) {
      if (buffers[k].first <= buffer.last && buffer.first <= buffers[k].last) alive.push_back(&buffers[k]);
    }
    std::sort(alive.begin(), alive.end(), [](const Buffer* a, const Buffer* b) { return a->offset < b->offset; });
    for (const Buffer* other : alive) {
      if (buffer.offset + buffer.size <= other->offset) break;
      buffer.offset = std::max(buffer.offset, other->offset + other->size);
    }
    total = std::max(total, buffer.offset + buffer.size);
  }
  return total;
}

// ---- the header ----------------------------------------------------------------------------------------------------

std::size_t elements_of(const std::string& what, const Shape& shape) {
  for (const std::int64_t extent : shape) {
    if (extent != kFree) continue;
    throw InvalidArgument(
        formatted("c header: the shape of {} must be fixed, got {}; describe the network with its extents", what,
                  to_text(shape)));
  }
  return shape.elements();
}

void check_name(const std::string& name) {
  const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  if (!name.empty() && std::all_of(name.begin(), name.end(), is_word) &&
      !std::isdigit(static_cast<unsigned char>(name[0])))
    return;
  throw InvalidArgument(
      formatted("c header: the name must be letters, digits and \"_\", not beginning with a digit, got \"{}\"", name));
}

// Text of a note within a comment of C.
std::string harmless(std::string text) {
  for (const char* marker : {"*/", "/*"}) {
    for (std::size_t at = 0; (at = text.find(marker, at)) != std::string::npos;) text.insert(at + 1, " ");
  }
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

CHeaderOptions with_file(CHeaderOptions options, const std::filesystem::path& path) {
  options.file = path.filename().string();
  return options;
}

class HeaderWriter {
 public:
  HeaderWriter(const Description& network, const NamedArrays& parameters, const CHeaderOptions& options,
               std::span<const RecordedExample> examples, const ExportedPolicy* policy)
      : network_(network),
        options_(options),
        examples_(examples),
        policy_(policy),
        source_((check_name(options.name), options.name), parameters) {
    if (policy_ && policy_->scaling && !policy_->features.is_plain()) {
      throw InvalidArgument(
          "c header: the observations of a policy must be plain numbers to be scaled, got other features");
    }
    if (policy_) input_size_ = static_cast<std::size_t>(policy_->features.row_size());
    for (const InputSpec& input : network.inputs) {
      const std::size_t size = elements_of(formatted("input \"{}\"", input.name), input.shape);
      if (!policy_) input_size_ += size;
    }
    write_forward();
    check_examples();
  }

  std::string text() const {
    const std::string& name = options_.name;
    std::string out = comment() + with_prefix(declarations(), name);
    out += with_prefix(
        "\n#endif /* $_H */\n\n"
        "#if defined($_IMPLEMENTATION) && !defined($_IMPLEMENTED)\n#define $_IMPLEMENTED\n\n#include <math.h>\n\n"
        "/* The type of sums: double is the most exact; float suits a CPU without double precision. */\n"
        "#ifndef $_SUM\n#define $_SUM double\n#endif\n\n",
        name);
    out += source_.kernels() + source_.data() + "\n" + with_prefix(forward(), name);
    if (policy_) out += with_prefix(act(), name);
    out += with_prefix(self_test(), name);
    return out + with_prefix("\n#endif /* $_IMPLEMENTED */\n", name);
  }

 private:
  bool discrete() const { return policy_ && policy_->action.is_discrete(); }
  std::size_t action_size() const { return policy_ ? policy_->action.action_size() : output_size_; }
  const char* input_word() const { return policy_ ? "observation" : "input"; }

  // Writes the statements of the function, and the sizes of outputs and workspace.
  void write_forward() {
    const NetworkShapes shapes = network_shapes(network_);
    const std::size_t inputs = network_.inputs.size(), nodes = network_.nodes.size();
    std::map<std::string, std::size_t> index;  // of values: inputs, then nodes
    for (std::size_t i = 0; i < inputs; ++i) index[network_.inputs[i].name] = i;
    for (std::size_t n = 0; n < nodes; ++n) index[network_.nodes[n].name] = inputs + n;

    // the buffer of every value: of an input only if it is computed from the observation; layers that hand on their
    // input share its buffer
    std::vector<Buffer> buffers;
    constexpr std::size_t kNone = static_cast<std::size_t>(-1);
    std::vector<std::size_t> buffer_of(inputs + nodes, kNone), source_input(inputs + nodes, kNone);
    const bool plain = !policy_ || policy_->features.is_plain();
    const bool scaled = policy_ && policy_->scaling;
    for (std::size_t i = 0; i < inputs; ++i) {
      source_input[i] = i;
      const bool computed = scaled || (!plain && policy_->features.parts[i].kind != FeaturePart::Kind::kNumbers);
      if (!computed) continue;
      buffer_of[i] = buffers.size();
      buffers.push_back({.size = network_.inputs[i].shape.elements()});
    }
    for (std::size_t n = 0; n < nodes; ++n) {
      const Node& node = network_.nodes[n];
      const std::size_t value = inputs + n, step = n + 1;
      const std::size_t size = elements_of(formatted("layer \"{}\"", node.name), shapes.nodes[n]);
      for (const std::string& from : node.inputs) {
        if (buffer_of[index.at(from)] != kNone) buffers[buffer_of[index.at(from)]].last = step;
      }
      if (passes_through(node.layer)) {
        const std::size_t from = index.at(node.inputs[0]);
        buffer_of[value] = buffer_of[from];
        source_input[value] = source_input[from];
        continue;
      }
      buffer_of[value] = buffers.size();
      buffers.push_back({.size = size, .first = step, .last = step});
    }
    for (const std::string& output : network_.outputs) {
      if (buffer_of[index.at(output)] != kNone) buffers[buffer_of[index.at(output)]].last = nodes + 1;
    }
    const std::size_t buffered = place(buffers);

    // pointers to the values
    std::vector<std::size_t> input_offsets(inputs, 0);
    std::size_t offset = 0;
    for (std::size_t i = 0; i < inputs; ++i) {
      input_offsets[i] = offset;
      offset += policy_ && !plain ? static_cast<std::size_t>(policy_->features.parts[i].count)
                                  : network_.inputs[i].shape.elements();
    }
    const auto pointer = [&](std::size_t value) {
      if (buffer_of[value] != kNone) return formatted("workspace + {}", buffers[buffer_of[value]].offset);
      return formatted("{} + {}", input_word(), input_offsets[source_input[value]]);
    };

    if (policy_) write_inputs(input_offsets, pointer);
    for (std::size_t n = 0; n < nodes; ++n) {
      const Node& node = network_.nodes[n];
      std::vector<std::string> pointers;
      std::string from;
      for (std::size_t i = 0; i < node.inputs.size(); ++i) {
        pointers.push_back(pointer(index.at(node.inputs[i])));
        from += (from.empty() ? "" : ", ") + to_text(shapes.node_inputs[n][i]);
      }
      source_.comment(formatted("{}: {}, {} -> {}", node.name, kind_of(node.layer), from, to_text(shapes.nodes[n])));
      write_layer(source_, {.node = node,
                            .shapes = shapes.node_inputs[n],
                            .output_shape = shapes.nodes[n],
                            .inputs = std::move(pointers),
                            .output = pointer(inputs + n)});
    }
    for (std::size_t i = 0; i < network_.outputs.size(); ++i) {
      const std::size_t size = shapes.outputs[i].elements();
      source_.call("copy", pointer(index.at(network_.outputs[i])), 1, size, size,
                   formatted("output + {}", output_size_));
      output_size_ += size;
    }
    workspace_size_ = std::max<std::size_t>(buffered, 1);
    if (policy_ && policy_->action.kind == ActionDecoder::Kind::kArgmax) source_.use("argmax");
    if (policy_ && output_size_ != policy_->action.output_size()) {
      throw InvalidArgument(formatted("c header: the network must have {} outputs for its actions, got {}",
                                      policy_->action.output_size(), output_size_));
    }
  }

  // Computes the network's inputs from the observation.
  template <class Pointer>
  void write_inputs(const std::vector<std::size_t>& offsets, Pointer pointer) {
    if (policy_->scaling) {
      const ObservationScaling& scaling = *policy_->scaling;
      const std::string mean = source_.constants("observation_mean", std::span<const double>(scaling.mean));
      const std::string scale = source_.constants("observation_scale", std::span<const double>(scaling.scale));
      source_.comment("normalised observation");
      source_.call("scale_observation", "observation", mean, scale, c_constant(scaling.limit), input_size_, pointer(0));
    }
    if (policy_->features.is_plain()) return;
    for (std::size_t i = 0; i < policy_->features.parts.size(); ++i) {
      const FeaturePart& part = policy_->features.parts[i];
      const std::string from = formatted("observation + {}", offsets[i]);
      if (part.kind == FeaturePart::Kind::kOneHot) {
        source_.call("one_hot", from, part.count, part.classes, part.start, pointer(i));
      } else if (part.kind == FeaturePart::Kind::kImage) {
        source_.call("image", from, part.frames, part.height * part.width, part.channels, pointer(i));
      }
    }
  }

  void check_examples() const {
    for (const RecordedExample& example : examples_) {
      const std::size_t outputs = discrete() ? example.choices.size() : example.numbers.size();
      if (example.input.size() == input_size_ && outputs == action_size()) continue;
      throw InvalidArgument(formatted("c header: a recorded example must have {} inputs and {} outputs, got {} and {}",
                                      input_size_, action_size(), example.input.size(), outputs));
    }
  }

  std::string comment() const {
    std::string text = formatted("/*\n * {}: a {} as one C99 header, written by ludus.\n *\n", options_.name,
                                 policy_ ? "policy" : "network");
    const std::string file = options_.file.empty() ? options_.name + ".h" : options_.file;
    std::size_t width = 0;
    for (const auto& note : options_.notes) width = std::max(width, note.first.size());
    for (const auto& [key, value] : options_.notes) {
      text += harmless(formatted(" *   {:<{}}  {}", key, width, value)) + "\n";
    }
    const char* usage = policy_ ? " *   @_action action[$_ACTION_SIZE];\n *   @_act(observation, action);\n"
                                : " *   float output[$_OUTPUT_SIZE];\n *   @_predict(input, output);\n";
    return text +
           with_prefix(
               " *\n"
               " *   #define $_IMPLEMENTATION  in one C file\n",
               options_.name) +
           harmless(formatted(" *   #include \"{}\"", file)) + "\n *\n" + with_prefix(usage, options_.name) +
           with_prefix(
               " *\n * Nothing is allocated, and no call leaves anything behind: all functions are re-entrant and\n"
               " * thread-safe. $_SELF_TEST adds a test over recorded examples; the whole test program is\n *\n",
               options_.name) +
           harmless(with_prefix(" *   cc -std=c99 -D$_SELF_TEST_MAIN -x c ", options_.name) + file + " -lm") +
           with_prefix(
               "\n */\n"
               "#ifndef $_H\n#define $_H\n\n#include <stdint.h>\n\n"
               "#ifdef $_SELF_TEST_MAIN\n#define $_SELF_TEST\n#endif\n"
               "#ifdef $_SELF_TEST\n#define $_IMPLEMENTATION\n#endif\n\n",
               options_.name);
  }

  std::string declarations() const {
    std::string text;
    if (policy_) {
      text += formatted("#define $_OBSERVATION_SIZE {} /* numbers of an observation */\n", input_size_);
      text += formatted("#define $_ACTION_SIZE {} /* numbers of an action */\n", action_size());
      text += formatted("#define $_OUTPUT_SIZE {} /* numbers that the network computes */\n", output_size_);
    } else {
      text += formatted("#define $_INPUT_SIZE {} /* numbers of all inputs */\n", input_size_);
      std::size_t offset = 0;
      for (const InputSpec& input : network_.inputs) {
        text += formatted("/*   {} {} from {} */\n", harmless(input.name), to_text(input.shape), offset);
        offset += input.shape.elements();
      }
      text += formatted("#define $_OUTPUT_SIZE {} /* numbers of all outputs */\n", output_size_);
      offset = 0;
      const std::vector<Shape> shapes = output_shapes(network_);
      for (std::size_t i = 0; i < shapes.size(); ++i) {
        text += formatted("/*   {} {} from {} */\n", harmless(network_.outputs[i]), to_text(shapes[i]), offset);
        offset += shapes[i].elements();
      }
    }
    text += formatted("#define $_WORKSPACE_SIZE {} /* floats, {} bytes */\n\n", workspace_size_, 4 * workspace_size_);
    text += "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n";
    if (policy_) {
      text += discrete() ? "typedef int64_t @_action;\n\n" : "typedef float @_action;\n\n";
      text +=
          "/* Writes the action for an observation. The workspace is on the stack. */\n"
          "void @_act(const float *observation, @_action *action);\n\n"
          "/* The same, with a workspace of $_WORKSPACE_SIZE floats and room for $_OUTPUT_SIZE outputs. */\n"
          "void @_act_in(const float *observation, @_action *action, float *output, float *workspace);\n\n"
          "/* Writes the outputs of the network, before they become an action. */\n"
          "void @_forward(const float *observation, float *output, float *workspace);\n";
    } else {
      text +=
          "/* Writes the outputs for the inputs of one example. The workspace is on the stack. */\n"
          "void @_predict(const float *input, float *output);\n\n"
          "/* The same, with a workspace of $_WORKSPACE_SIZE floats. */\n"
          "void @_forward(const float *input, float *output, float *workspace);\n";
    }
    text +=
        "\n#ifdef $_SELF_TEST\n"
        "/* Returns the number of recorded examples that come out differently: 0. */\n"
        "int @_self_test(void);\n#endif\n\n#ifdef __cplusplus\n}\n#endif\n";
    return text;
  }

  std::string forward() const {
    std::string text = formatted("void @_forward(const float *{}, float *output, float *workspace) {{\n", input_word());
    text += source_.body();
    const bool uses_workspace = source_.body().find("workspace") != std::string::npos;
    if (!uses_workspace) text += "  (void)workspace;\n";
    text += "}\n\n";
    if (!policy_) {
      text +=
          "void @_predict(const float *input, float *output) {\n  float workspace[$_WORKSPACE_SIZE];\n"
          "  @_forward(input, output, workspace);\n}\n\n";
    }
    return text;
  }

  std::string act() const {
    const ActionDecoder& action = policy_->action;
    std::string text;
    const auto integers = [&](const char* name, const std::vector<std::int64_t>& numbers, const char* type) {
      return formatted("static const {} @_{}[$_ACTION_SIZE] = {{\n{}}};\n", type, name,
                       table_of(numbers.size(), "    ", [&](std::size_t i) { return std::to_string(numbers[i]); }));
    };
    const auto bounds = [&](const char* name, const std::vector<float>& numbers) {
      return formatted("static const float @_{}[$_ACTION_SIZE] = {{\n{}}};\n", name,
                       table_of(numbers.size(), "    ", [&](std::size_t i) { return c_constant(numbers[i]); }));
    };
    if (action.is_discrete()) {
      if (action.kind == ActionDecoder::Kind::kArgmax) text += integers("action_classes", action.classes, "int");
      text += integers("action_start", action.start, "int64_t");
    } else {
      text += bounds("action_low", action.low) + bounds("action_high", action.high);
    }
    text +=
        "\nvoid @_act_in(const float *observation, @_action *action, float *output, float *workspace) {\n"
        "  int k;\n";
    if (action.kind == ActionDecoder::Kind::kArgmax) text += "  const float *next = output;\n";
    text += "  @_forward(observation, output, workspace);\n  for (k = 0; k < $_ACTION_SIZE; ++k) {\n";
    switch (action.kind) {
      case ActionDecoder::Kind::kArgmax:
        text +=
            "    action[k] = @_action_start[k] + @_argmax(next, @_action_classes[k]);\n"
            "    next += @_action_classes[k];\n";
        break;
      case ActionDecoder::Kind::kBinary:
        text += formatted("    action[k] = @_action_start[k] + (output[k] {} 0.0f ? 1 : 0);\n",
                          action.zero_is_one ? ">=" : ">");
        break;
      case ActionDecoder::Kind::kRescale:
      case ActionDecoder::Kind::kClip:
        text += "    const float low = @_action_low[k], high = @_action_high[k];\n";
        text += action.kind == ActionDecoder::Kind::kClip
                    ? "    const float x = output[k];\n"
                    : "    const float x = low + 0.5f * (output[k] + 1.0f) * (high - low);\n";
        text += "    action[k] = x < low ? low : x > high ? high : x;\n";
        break;
    }
    text +=
        "  }\n}\n\n"
        "void @_act(const float *observation, @_action *action) {\n"
        "  float output[$_OUTPUT_SIZE], workspace[$_WORKSPACE_SIZE];\n"
        "  @_act_in(observation, action, output, workspace);\n}\n\n";
    return text;
  }

  std::string self_test() const {
    if (examples_.empty()) {
      return ("#ifdef $_SELF_TEST\n#error \"this header was written without recorded examples\"\n#endif\n");
    }
    const char* input_size = policy_ ? "$_OBSERVATION_SIZE" : "$_INPUT_SIZE";
    const char* output_size = policy_ ? "$_ACTION_SIZE" : "$_OUTPUT_SIZE";
    const char* type = policy_ ? "@_action" : "float";
    std::string text = "#ifdef $_SELF_TEST\n\n";
    if (!discrete()) {
      text +=
          "/* The difference that counts as none, relative to 1 + |expected|. */\n"
          "#ifndef $_TOLERANCE\n#define $_TOLERANCE 1e-5f\n#endif\n\n";
    }
    text += "/* Recorded examples, and what came out of the trained network. */\n";
    const auto table = [&](const char* element, const char* name, const char* size, auto row) {
      text += formatted("static const {} @_test_{}[{}][{}] = {{\n", element, name, examples_.size(), size);
      for (const RecordedExample& example : examples_) text += row(example);
      text += "};\n";
    };
    const auto braces = [](std::string row) { return formatted("    {{{}}},\n", row.substr(5)); };
    const auto row_of = [&](std::size_t count, auto number) { return braces(table_of(count, "     ", number)); };
    table("float", "inputs", input_size, [&](const RecordedExample& example) {
      return row_of(example.input.size(), [&](std::size_t i) { return c_constant(example.input[i]); });
    });
    table(type, "outputs", output_size, [&](const RecordedExample& example) {
      if (discrete()) {
        return row_of(example.choices.size(), [&](std::size_t i) { return std::to_string(example.choices[i]); });
      }
      return row_of(example.numbers.size(), [&](std::size_t i) { return c_constant(example.numbers[i]); });
    });
    text += formatted("\nint @_self_test(void) {{\n  int i, k, failures = 0;\n  {} output[{}];\n", type, output_size);
    text += formatted("  for (i = 0; i < {}; ++i) {{\n    int differs = 0;\n", examples_.size());
    text += policy_ ? "    @_act(@_test_inputs[i], output);\n" : "    @_predict(@_test_inputs[i], output);\n";
    text += formatted("    for (k = 0; k < {}; ++k) {{\n", output_size);
    text += discrete() ? "      if (output[k] != @_test_outputs[i][k]) differs = 1;\n"
                       : "      const float expected = @_test_outputs[i][k];\n"
                         "      const float limit = $_TOLERANCE * (1.0f + fabsf(expected));\n"
                         "      if (!(fabsf(output[k] - expected) <= limit)) differs = 1;\n";
    text += "    }\n    failures += differs;\n  }\n  return failures;\n}\n\n";
    text += formatted(
        "#ifdef $_SELF_TEST_MAIN\n#include <stdio.h>\n\nint main(void) {{\n"
        "  const int failures = @_self_test();\n"
        "  printf(\"%d of {0} recorded examples differ\\n\", failures);\n"
        "  return failures == 0 ? 0 : 1;\n}}\n#endif\n\n#endif /* $_SELF_TEST */\n",
        examples_.size());
    return text;
  }

  const Description& network_;
  const CHeaderOptions& options_;
  std::span<const RecordedExample> examples_;
  const ExportedPolicy* policy_;
  CSource source_;
  std::size_t input_size_ = 0, output_size_ = 0, workspace_size_ = 0;
};

}  // namespace

std::string c_header(const Description& network, const NamedArrays& parameters, const CHeaderOptions& options,
                     std::span<const RecordedExample> examples) {
  return HeaderWriter(network, parameters, options, examples, nullptr).text();
}

std::string c_header(const ExportedPolicy& policy, const CHeaderOptions& options,
                     std::span<const RecordedExample> examples) {
  return HeaderWriter(policy.network, policy.parameters, options, examples, &policy).text();
}

void write_c_header(const std::filesystem::path& path, const Description& network, const NamedArrays& parameters,
                    const CHeaderOptions& options, std::span<const RecordedExample> examples) {
  write_atomically(path, c_header(network, parameters, with_file(options, path), examples));
}

void write_c_header(const std::filesystem::path& path, const ExportedPolicy& policy, const CHeaderOptions& options,
                    std::span<const RecordedExample> examples) {
  write_atomically(path, c_header(policy, with_file(options, path), examples));
}

}  // namespace ludus::nn
