#include "runs/callback_list.h"

#include <algorithm>

#include "base/format.h"

namespace ludus::runs {

void CallbackList::add(std::shared_ptr<Callback> callback) {
  const std::string name = callback->name();
  if (std::ranges::any_of(callbacks_, [&](const auto& other) { return other->name() == name; })) {
    throw InvalidArgument(
        formatted("callbacks: names must be distinct, got two named \"{}\"; their states are saved by name", name));
  }
  callbacks_.push_back(std::move(callback));
}

void CallbackList::on_start(Training& training) const {
  for (const auto& callback : callbacks_) callback->on_start(training);
}

void CallbackList::on_step(Training& training) const {
  for (const auto& callback : callbacks_) callback->on_step(training);
}

void CallbackList::on_activity(Training& training, const std::string& activity) const {
  for (const auto& callback : callbacks_) callback->on_activity(training, activity);
}

void CallbackList::on_end(Training& training) const {
  for (const auto& callback : callbacks_) callback->on_end(training);
}

void CallbackList::flush() const {
  for (const auto& callback : callbacks_) callback->flush();
}

void CallbackList::accept_missing_rows() const {
  for (const auto& callback : callbacks_) callback->accept_missing_rows();
}

void CallbackList::write_state(StateWriter& visit) const {
  List names;
  for (const auto& callback : callbacks_) names.emplace_back(callback->name());
  visit("callbacks", names);
  for (const auto& callback : callbacks_) visit(formatted("callbacks/{}", callback->name()), *callback);
}

void CallbackList::read_state(StateReader& visit) const {
  const List names = visit.get<List>("callbacks");
  for (const auto& callback : callbacks_) {
    if (std::ranges::find(names, Value(callback->name())) == names.end()) continue;
    visit(formatted("callbacks/{}", callback->name()), *callback);
  }
}

}  // namespace ludus::runs
