#include "nn/model/restore.h"

#include <algorithm>
#include <unordered_map>

#include "base/fields.h"
#include "base/format.h"
#include "base/text.h"

namespace ludus::nn {
namespace {

// The arrays of a file that are weights of a model: all but those of the optimiser.
NamedArrays weights_in(const Checkpoint& checkpoint) {
  NamedArrays weights;
  for (const std::string& name : checkpoint.names()) {
    if (!name.starts_with(kOptimizerPrefix)) weights.emplace_back(name, checkpoint.array(name));
  }
  return weights;
}

template <class F>
auto naming_file(const std::filesystem::path& path, F f) {
  try {
    return f();
  } catch (Error& error) {
    if (std::string_view(error.what()).find(path.string()) == std::string_view::npos) error.prepend(path.string());
    throw;
  }
}

bool any_matches(const std::vector<std::string>& patterns, std::string_view name) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return name_matches(pattern, name); });
}

void append_names(std::string& text, const char* what, const std::vector<std::string>& names) {
  if (!names.empty()) text += formatted("{} ({}): {}\n", what, names.size(), joined(names, "; "));
}

}  // namespace

void save_model(const std::filesystem::path& path, const Model& model, const SavedTraining& training,
                const ModelInterface& interface) {
  Checkpoint checkpoint;
  checkpoint.metadata()["format"] = kModelFormat;
  checkpoint.metadata()["description"] = to_json(model.description());
  checkpoint.metadata()[kInterfaceEntry] = to_json(interface, model.description());
  checkpoint.writer().put_all(model.state());
  List frozen;
  for (const FlatParameters::Entry& entry : model.parameters().layout()) {
    if (!entry.trainable) frozen.emplace_back(entry.name);
  }
  checkpoint.put_value("frozen", frozen);
  checkpoint.put_value("random", generator_to_value(model.random()));
  if (!training.configuration.is_null()) checkpoint.put_value("training", training.configuration);
  if (training.optimizer) checkpoint.writer("optimizer").put_all(*training.optimizer);
  checkpoint.save(path);
}

Bundle to_bundle(const Model& model, const ModelInterface& interface) {
  return {.description = model.description(),
          .weights = model.state(),
          .interface = completed(interface, model.description())};
}

std::unique_ptr<Model> build_model(const Bundle& bundle, const ModelOptions& options) {
  check_weights(bundle.description, bundle.weights);
  Generator random(0);  // its numbers are replaced
  auto model = std::make_unique<Model>(bundle.description, random, options);
  model->load_state(bundle.weights);
  return model;
}

LoadedModel load_model(const std::filesystem::path& path, const ModelOptions& options) {
  Bundle bundle = read_bundle(path);
  return naming_file(path, [&] {
    LoadedModel loaded{.model = build_model(bundle, options), .training = {}, .interface = std::move(bundle.interface)};
    const Checkpoint checkpoint = Checkpoint::load(path);
    if (checkpoint.contains_value("frozen")) {
      std::vector<std::string> frozen;
      read_field(checkpoint.value("frozen"), frozen);
      for (const std::string& name : frozen) loaded.model->freeze(name);
    }
    if (checkpoint.contains_value("random")) {
      loaded.model->random() = generator_from_value(checkpoint.value("random"));
    }
    if (checkpoint.contains_value("training")) loaded.training.configuration = checkpoint.value("training");
    NamedArrays optimizer = checkpoint.reader("optimizer").all();
    if (!optimizer.empty()) loaded.training.optimizer = std::move(optimizer);
    return loaded;
  });
}

void save_weights(const std::filesystem::path& path, const Model& model, const std::vector<Rename>& names) {
  const std::vector<Rename> rules = names.empty() ? std::vector<Rename>{{.from = "*", .to = "*"}} : names;
  std::vector<std::string> unused;
  Checkpoint checkpoint;
  const NamedArrays state = model.state();
  for (const Rename& rule : rules) {
    rule.check();
    bool used = false;
    for (const auto& [name, array] : state) {
      if (const auto renamed = rule.apply(name)) {
        checkpoint.put(*renamed, array);
        used = true;
      }
    }
    if (!used)
      throw InvalidArgument(formatted("saving weights: no parameter has a name of the form \"{}\"", rule.from));
  }
  checkpoint.save(path);
}

void load_weights(const std::filesystem::path& path, Model& model) {
  naming_file(path, [&] { model.load_state(weights_in(Checkpoint::load(path))); });
}

std::string RestoreReport::to_string() const {
  std::string text;
  append_names(text, "restored", restored);
  append_names(text, "missing", missing);
  append_names(text, "unexpected", unexpected);
  append_names(text, "wrong shape", wrong_shape);
  return text;
}

RestoreReport restore(Model& model, const NamedArrays& source, const RestoreOptions& options) {
  for (const Rename& rule : options.names) rule.check();

  // the arrays of the source under the model's names
  struct Candidate {
    std::string source_name;
    const Array* array;
    bool used = false;
  };
  std::unordered_map<std::string, Candidate> candidates;
  for (const auto& [source_name, array] : source) {
    std::string name = source_name;
    for (const Rename& rule : options.names) {
      if (const auto renamed = rule.apply(source_name)) {
        name = *renamed;
        break;
      }
    }
    const auto [place, added] = candidates.try_emplace(name, Candidate{source_name, &array});
    if (!added) {
      throw InvalidArgument(
          formatted("restoring weights: \"{}\" and \"{}\" must not both be \"{}\"; change the renaming",
                    place->second.source_name, source_name, name));
    }
  }

  RestoreReport report;
  NamedArrays state = model.state();
  for (auto& [name, array] : state) {
    if (!any_matches(options.include, name) || any_matches(options.exclude, name)) continue;
    const auto place = candidates.find(name);
    if (place == candidates.end()) {
      report.missing.push_back(name);
      continue;
    }
    Candidate& candidate = place->second;
    candidate.used = true;
    const bool same_type = candidate.array->dtype() == array.dtype() ||
                           (is_floating(candidate.array->dtype()) && is_floating(array.dtype()));
    if (!(candidate.array->shape() == array.shape()) || !same_type) {
      const auto describe = [](const Array& a) {
        return formatted("{}{}", is_floating(a.dtype()) ? "" : formatted("{} ", name_of(a.dtype())),
                         a.shape().to_string());
      };
      report.wrong_shape.push_back(
          formatted("{}: {} in the source, {} in the model", name, describe(*candidate.array), describe(array)));
      continue;
    }
    array = *candidate.array;
    report.restored.push_back(name);
  }
  for (const auto& [source_name, array] : source) {
    const bool used = std::any_of(candidates.begin(), candidates.end(), [&](const auto& entry) {
      return entry.second.used && entry.second.source_name == source_name;
    });
    if (!used) report.unexpected.push_back(source_name);
  }
  model.load_state(state);
  return report;
}

RestoreReport restore(Model& model, const std::filesystem::path& path, const RestoreOptions& options) {
  return naming_file(path, [&] { return restore(model, weights_in(Checkpoint::load(path)), options); });
}

}  // namespace ludus::nn
